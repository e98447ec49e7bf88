// SPDX-License-Identifier: Apache-2.0

/// A tensor that is in a file and cannot be read.
public struct RefusedTensor: Sendable, Hashable {
  /// Its name.
  public let name: String
  /// Why not.
  public let reason: String

  /// Names a tensor and says why it cannot be read.
  public init(name: String, reason: String) {
    self.name = name
    self.reason = reason
  }
}

/// What a reader has to say of a file beside its tensors, so that nothing in it is passed over in silence.
public struct CheckpointNotes: Sendable, Hashable {
  /// Tensors that are there and cannot be read.
  public var refused: [RefusedTensor] = []
  /// Values that are not tensors, with what they are.
  public var skipped: [String] = []
  /// Names of tensors that have the very same stored bytes as an earlier one, which they map to.
  public var aliases: [String: String] = [:]
  /// Tensors whose values are not simply the stored ones, and how they are read.
  public var remarks: [String: String] = [:]
  /// What the file says of itself.
  public var metadata: [String: String] = [:]

  /// Nothing to say.
  public init() {}
}
