// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// A model with some tensors stored otherwise.
public struct OverlaidCheckpoint: Checkpoint {
  /// A tensor as it would be stored.
  public struct Replacement: Sendable {
    /// Its type, shape and encoding.
    public let tensor: TensorDescriptor
    /// `tensor.byteCount` of them.
    public let bytes: [UInt8]

    /// Puts a tensor and its bytes together.
    public init(tensor: TensorDescriptor, bytes: [UInt8]) {
      self.tensor = tensor
      self.bytes = bytes
    }
  }

  private let base: any Checkpoint
  private let replaced: [String: Replacement]
  private let originals: [String: TensorDescriptor]
  /// The model's tensors, some of them replaced.
  public let tensors: [TensorDescriptor]

  /// Puts other tensors over a model's own.
  ///
  /// - Parameters:
  ///   - base: the model.
  ///   - replacements: tensors of the same names and shapes.
  public init(_ base: any Checkpoint, _ replacements: [Replacement]) {
    self.base = base
    let replaced = Dictionary(uniqueKeysWithValues: replacements.map { ($0.tensor.name, $0) })
    self.replaced = replaced
    originals = Dictionary(uniqueKeysWithValues: base.tensors.map { ($0.name, $0) })
    tensors = base.tensors.map { tensor in
      guard let other = replaced[tensor.name]?.tensor else { return tensor }
      return TensorDescriptor(
        name: other.name, type: other.type, shape: other.shape, encoding: other.encoding, byteCount: other.byteCount,
        access: .assembled)
    }
  }

  /// Lends the bytes of a tensor.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    if let other = replaced[tensor.name] { return try other.bytes.withRawSpan(body) }
    return try base.withBytes(of: tensor, body)
  }

  /// Tells that a tensor's bytes are not needed for now.
  public func release(_ tensor: TensorDescriptor) {
    if replaced[tensor.name] == nil, let original = originals[tensor.name] { base.release(original) }
  }
}
