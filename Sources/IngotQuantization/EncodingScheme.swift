// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// What a model's tensors are stored as.
public enum EncodingScheme: String, Sendable, Hashable, CaseIterable {
  /// Each tensor keeps its type: nothing is lost.
  case source
  /// All floating-point tensors as F32.
  case float32
  /// Weights and tables as F16; norms, biases and scalars keep their type.
  case float16
  /// Weights and tables as BF16; norms, biases and scalars keep their type.
  case bfloat16
  /// Weights as int8 with a scale for each output channel; all else keeps its type.
  case int8
  /// Weights as int8 with a scale for each 32 of a channel; all else keeps its type.
  case int8Group32 = "int8-group-32"
  /// Weights as int8 with a scale for each 64 of a channel; all else keeps its type.
  case int8Group64 = "int8-group-64"
  /// Weights as int8 with a scale for each 128 of a channel; all else keeps its type.
  case int8Group128 = "int8-group-128"
  /// Weights as int6 with a scale for each 32 of a channel; all else keeps its type.
  case int6Group32 = "int6-group-32"
  /// Weights as int6 with a scale for each 64 of a channel; all else keeps its type.
  case int6Group64 = "int6-group-64"
  /// Weights as int6 with a scale for each 128 of a channel; all else keeps its type.
  case int6Group128 = "int6-group-128"
  /// Weights as int4 with a scale for each 32 of a channel; all else keeps its type.
  case int4Group32 = "int4-group-32"
  /// Weights as int4 with a scale for each 64 of a channel; all else keeps its type.
  case int4Group64 = "int4-group-64"
  /// Weights as int4 with a scale for each 128 of a channel; all else keeps its type.
  case int4Group128 = "int4-group-128"

  /// What a tensor is for, as far as its encoding is concerned.
  public enum Use: Sendable, Hashable {
    /// Weights of a product, with this axis of output channels.
    case weights(outputAxis: Int)
    /// Weights where an error is not made small again by what follows, or a table of rows: kept in floating point unless they are asked for.
    case protected(outputAxis: Int)
    /// A table that is added to activations, or weights of few products.
    case table
    /// A norm, a bias, a scalar: small, and sensitive.
    case small
    /// Not part of inference.
    case carried
  }

  /// The integers that weights become.
  ///
  /// `nil` for a scheme of floating-point types. A group of `nil` is the whole channel.
  public var integers: (width: IntegerWidth, group: GroupSize?)? {
    switch self {
    case .source, .float32, .float16, .bfloat16: nil
    case .int8: (.int8, nil)
    case .int8Group32: (.int8, .of32)
    case .int8Group64: (.int8, .of64)
    case .int8Group128: (.int8, .of128)
    case .int6Group32: (.int6, .of32)
    case .int6Group64: (.int6, .of64)
    case .int6Group128: (.int6, .of128)
    case .int4Group32: (.int4, .of32)
    case .int4Group64: (.int4, .of64)
    case .int4Group128: (.int4, .of128)
    }
  }

  /// How a tensor of a given use is stored under this scheme.
  ///
  /// - Parameters:
  ///   - tensor: a plain tensor.
  ///   - use: what it is for.
  ///   - includingProtected: whether what is protected becomes integers too.
  /// - Returns: the same name and shape in the scheme's type and encoding; `nil` when the byte count overflows.
  public func target(
    of tensor: TensorDescriptor, for use: Use, includingProtected: Bool = false
  ) -> TensorDescriptor? {
    guard tensor.type.isFloatingPoint, use != .carried else { return plain(tensor, tensor.type) }
    switch self {
    case .source: return plain(tensor, tensor.type)
    case .float32: return plain(tensor, .float32)
    case .float16: return plain(tensor, use == .small ? tensor.type : .float16)
    case .bfloat16: return plain(tensor, use == .small ? tensor.type : .bfloat16)
    default: break
    }
    guard let (width, group) = integers else { return plain(tensor, tensor.type) }
    let axis: Int
    switch use {
    case .weights(let output): axis = output
    case .protected(let output) where includingProtected: axis = output
    default: return plain(tensor, tensor.type)
    }
    let encoding: TensorEncoding =
      group.map { .grouped(width, axis: axis, group: $0) } ?? .int8PerChannel(axis: axis)
    return encoding.byteCount(of: .float32, tensor.shape).map {
      TensorDescriptor(
        name: tensor.name, type: .float32, shape: tensor.shape, encoding: encoding, byteCount: $0, access: .mapped)
    }
  }

  private func plain(_ tensor: TensorDescriptor, _ type: ElementType) -> TensorDescriptor? {
    TensorDescriptor(name: tensor.name, type: type, shape: tensor.shape, access: .mapped)
  }
}
