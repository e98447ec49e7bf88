// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// PyTorch's names that are read as data.
enum TorchNames {
  /// The ways in which a pickle makes a tensor (`torch/_utils.py`, `torch/_tensor.py`, NumPy's `multiarray`).
  enum Rebuild: Sendable {
    case tensor, tensorV2, tensorV3, parameter, parameterWithState, fromTypeV2, deviceTensorFromCPU, quantized
    /// A class of PyTorch before 0.4, whose state is storage, offset, size and stride; its type, if the class says one.
    case oldTensor(ElementType?)
    /// A class whose first argument, or the first part of whose state, is the tensor.
    case wrapper
    /// An array whose state is version, shape, type, order and bytes.
    case array
    /// An array made of bytes, type, shape and order.
    case arrayFromBuffer
    /// A tensor made of an array.
    case deviceTensorFromArray
    /// Known, and not supported; the reason.
    case refused(String)

    /// Whether the object is complete only once it has been given its state.
    var takesState: Bool {
      switch self {
      case .oldTensor, .wrapper, .array: true
      default: false
      }
    }
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
    case ("torch._utils", "_rebuild_device_tensor_from_numpy"), ("torch._utils", "_rebuild_xla_tensor"):
      .deviceTensorFromArray
    case ("torch._utils", "_rebuild_qtensor"): .quantized
    case ("torch._utils", "_rebuild_sparse_tensor"): .refused("it is sparse")
    case ("torch._utils", "_rebuild_nested_tensor"): .refused("it is nested")
    case ("torch._utils", "_rebuild_meta_tensor_no_storage"): .refused("it is a meta tensor, without data")
    case ("torch._utils", "_rebuild_wrapper_subclass"): .refused("it is a wrapper subclass")
    case ("torch.nn.parameter", "Parameter"), ("torch.nn", "Parameter"), ("torch.autograd.variable", "Variable"),
      ("torch.nn.parameter", "Buffer"):
      .wrapper
    case ("numpy.core.multiarray", "_reconstruct"), ("numpy._core.multiarray", "_reconstruct"): .array
    case ("numpy.core.numeric", "_frombuffer"), ("numpy._core.numeric", "_frombuffer"): .arrayFromBuffer
    case ("torch", "Tensor"): .oldTensor(nil)
    default: oldTensorClass(global).map { .oldTensor($0) }
    }
  }

  /// The element type of a tensor class of PyTorch before 0.4, which is that of the storage class beside it.
  private static func oldTensorClass(_ global: PickleArena.Global) -> ElementType? {
    guard global.name.hasSuffix("Tensor"), ["torch", "torch.cuda"].contains(global.module) else { return nil }
    let name = global.name.dropLast("Tensor".count) + "Storage"
    return storage(PickleArena.Global(module: global.module, name: String(name)))
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
    case "QInt8Storage": .int8
    case "QUInt8Storage": .uint8
    case "QInt32Storage": .int32
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
    case ("torch", "Size"), ("torch", "device"), ("torch.serialization", "_get_layout"), ("_codecs", "encode"),
      ("collections", "deque"), ("numpy", "dtype"), ("numpy", "ndarray"), ("numpy.core.multiarray", "scalar"),
      ("numpy._core.multiarray", "scalar"), ("torch", "per_tensor_affine"), ("torch", "per_channel_affine"),
      ("torch", "per_channel_affine_float_qparams"):
      true
    default: module.hasPrefix("__torch__") || module == "torch.jit._pickle"
    }
  }
}
