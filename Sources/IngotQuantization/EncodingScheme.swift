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

  /// What a tensor is for, as far as its encoding is concerned.
  public enum Use: Sendable, Hashable {
    /// Weights of a product, with this axis of output channels.
    case weights(outputAxis: Int)
    /// A large table that is looked up or convolved once: embeddings, patches.
    case table
    /// A norm, a bias, a scalar: small, and sensitive.
    case small
    /// Not part of inference.
    case carried
  }

  /// How a tensor of a given use is stored under this scheme.
  ///
  /// - Parameters:
  ///   - tensor: a plain tensor.
  ///   - use: what it is for.
  /// - Returns: the same name and shape in the scheme's type and encoding; `nil` when the byte count overflows.
  public func target(of tensor: TensorDescriptor, for use: Use) -> TensorDescriptor? {
    guard tensor.type.isFloatingPoint, use != .carried else { return plain(tensor, tensor.type) }
    switch (self, use) {
    case (.source, _), (.int8, .table), (.int8, .small), (.float16, .small), (.bfloat16, .small), (_, .carried):
      return plain(tensor, tensor.type)
    case (.float32, _): return plain(tensor, .float32)
    case (.float16, _): return plain(tensor, .float16)
    case (.bfloat16, _): return plain(tensor, .bfloat16)
    case (.int8, .weights(let axis)):
      let encoding = TensorEncoding.int8PerChannel(axis: axis)
      return encoding.byteCount(of: .float32, tensor.shape).map {
        TensorDescriptor(
          name: tensor.name, type: .float32, shape: tensor.shape, encoding: encoding, byteCount: $0, access: .mapped)
      }
    }
  }

  private func plain(_ tensor: TensorDescriptor, _ type: ElementType) -> TensorDescriptor? {
    TensorDescriptor(name: tensor.name, type: type, shape: tensor.shape, access: .mapped)
  }
}
