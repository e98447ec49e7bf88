// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// PyTorch's names that are read as data.
enum TorchNames {
  /// The ways to rebuild a tensor (`torch/_utils.py`, `torch/_tensor.py`).
  enum Rebuild {
    case tensor, tensorV2, tensorV3, parameter, parameterWithState, fromTypeV2, deviceTensorFromCPU
    /// Known, and not supported; the reason.
    case refused(String)
  }

  static func rebuild(_ global: PickleArena.Global) -> Rebuild? {
    switch (global.module, global.name) {
    case ("torch._utils", "_rebuild_tensor"): .tensor
    case ("torch._utils", "_rebuild_tensor_v2"): .tensorV2
    case ("torch._utils", "_rebuild_tensor_v3"): .tensorV3
    case ("torch._utils", "_rebuild_parameter"): .parameter
    case ("torch._utils", "_rebuild_parameter_with_state"): .parameterWithState
    case ("torch._tensor", "_rebuild_from_type_v2"), ("torch.tensor", "_rebuild_from_type_v2"): .fromTypeV2
    case ("torch._utils", "_rebuild_device_tensor_from_cpu_tensor"): .deviceTensorFromCPU
    case ("torch._utils", "_rebuild_qtensor"): .refused("quantized tensors cannot be read yet")
    case ("torch._utils", "_rebuild_sparse_tensor"): .refused("it is sparse")
    case ("torch._utils", "_rebuild_nested_tensor"): .refused("it is nested")
    case ("torch._utils", "_rebuild_meta_tensor_no_storage"): .refused("it is a meta tensor, without data")
    case ("torch._utils", "_rebuild_wrapper_subclass"): .refused("it is a wrapper subclass")
    case ("torch._utils", "_rebuild_device_tensor_from_numpy"), ("torch._utils", "_rebuild_xla_tensor"):
      .refused("tensors stored as NumPy arrays cannot be read yet")
    default: nil
    }
  }

  /// The element type of a storage class; `nil` for a name that is not one.
  ///
  /// `UntypedStorage` counts bytes; the tensor says its own type.
  static func storage(_ global: PickleArena.Global) -> ElementType? {
    guard ["torch", "torch.cuda", "torch.storage"].contains(global.module) else { return nil }
    return switch global.name {
    case "FloatStorage": .float32
    case "DoubleStorage": .float64
    case "HalfStorage": .float16
    case "BFloat16Storage": .bfloat16
    case "LongStorage": .int64
    case "IntStorage": .int32
    case "ShortStorage": .int16
    case "CharStorage": .int8
    case "ByteStorage", "UntypedStorage": .uint8
    case "BoolStorage": .bool
    case "ComplexFloatStorage": .complex64
    case "ComplexDoubleStorage": .complex128
    case "ComplexHalfStorage": .complex32
    default: nil
    }
  }

  /// The element type of a `torch.dtype`.
  static func elementType(_ global: PickleArena.Global) -> ElementType? {
    guard global.module == "torch" else { return nil }
    return switch global.name {
    case "float32", "float": .float32
    case "float64", "double": .float64
    case "float16", "half": .float16
    case "bfloat16": .bfloat16
    case "int64", "long": .int64
    case "int32", "int": .int32
    case "int16", "short": .int16
    case "int8": .int8
    case "uint8": .uint8
    case "uint16": .uint16
    case "uint32": .uint32
    case "uint64": .uint64
    case "bool": .bool
    case "complex32": .complex32
    case "complex64": .complex64
    case "complex128": .complex128
    case "float8_e4m3fn": .float8E4M3
    case "float8_e5m2": .float8E5M2
    case "float8_e4m3fnuz": .float8E4M3FNUZ
    case "float8_e5m2fnuz": .float8E5M2FNUZ
    case "float8_e8m0fnu": .float8E8M0
    default: nil
    }
  }

  static let mappings: Set<PickleArena.Global> = [
    PickleArena.Global(module: "collections", name: "OrderedDict"),
    PickleArena.Global(module: "collections", name: "defaultdict"),
    PickleArena.Global(module: "collections", name: "Counter"),
  ]

  static func isInterpreted(module: String, name: String) -> Bool {
    let global = PickleArena.Global(module: module, name: name)
    if mappings.contains(global) || storage(global) != nil || elementType(global) != nil || rebuild(global) != nil {
      return true
    }
    return switch (module, name) {
    case ("torch", "Size"), ("torch", "device"), ("torch.nn.parameter", "Parameter"),
      ("torch.serialization", "_get_layout"),
      ("_codecs", "encode"), ("collections", "deque"), ("torch", "Tensor"):
      true
    default: module.hasPrefix("__torch__") || module == "torch.jit._pickle"
    }
  }
}
