// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A tensor as it is to be stored, and what was lost.
public struct EncodedTensor: Sendable {
  /// Its type, shape and encoding.
  public let target: TensorDescriptor
  /// `target.byteCount` of them.
  public let bytes: [UInt8]
  /// What was lost.
  public let outcome: TensorEncoder.Outcome

  /// The same, to be put over a model's own.
  public var replacement: OverlaidCheckpoint.Replacement {
    OverlaidCheckpoint.Replacement(tensor: target, bytes: bytes)
  }
}
