// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A collection of named tensors in a file: any container that Ingot reads, its own format included.
public protocol Checkpoint: Sendable {
  /// All tensors, in the file's order. Names are unique.
  var tensors: [TensorDescriptor] { get }

  /// What there is to say of the file beside its tensors.
  var notes: CheckpointNotes { get }

  /// Lends the bytes of one tensor: contiguous, row-major, little-endian, exactly `tensor.byteCount` of them.
  ///
  /// The bytes may lie at any alignment.
  ///
  /// - Parameters:
  ///   - tensor: one of `tensors`.
  ///   - body: must not keep the span.
  /// - Returns: what `body` returns.
  /// - Throws: `CheckpointError` when the data cannot be read or contradicts the descriptor, and what `body` throws.
  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R

  /// Tells that the tensor's bytes are not needed for now, so that streaming over a large mapped file keeps memory small.
  func release(_ tensor: TensorDescriptor)
}

extension Checkpoint {
  /// Nothing to say: right for containers that hold tensors only.
  public var notes: CheckpointNotes { CheckpointNotes() }

  /// Does nothing: right for checkpoints that hold no mapping of their own.
  public func release(_ tensor: TensorDescriptor) {}

  /// SHA-256 of the tensor's contiguous little-endian bytes.
  public func digest(of tensor: TensorDescriptor) throws -> SHA256Digest {
    try withBytes(of: tensor) { SHA256Digest(of: $0) }
  }
}
