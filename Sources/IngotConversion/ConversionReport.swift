// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// What a conversion or a quantization did.
public struct ConversionReport: Sendable {
  /// What became of one tensor.
  public struct Tensor: Sendable, Hashable {
    /// The tensor in the source.
    public let source: TensorDescriptor
    /// The tensor in the output.
    public let target: TensorDescriptor
    /// How far its values are from the source's.
    public let fidelity: TensorFidelity
    /// How its values were computed from the source's, where they are not the source's: `interpolate 7x7 to 12x12`.
    public var interpolation: String?
  }

  /// The tensors, sorted by target name.
  public let tensors: [Tensor]
  /// Root digest of the output.
  public let root: SHA256Digest
  /// Size of the input in bytes.
  public let inputSize: Int
  /// Size of the output in bytes.
  public let outputSize: Int

  /// How many tensors have each verdict.
  public func count(of verdict: TensorFidelity.Verdict) -> Int {
    tensors.filter { $0.fidelity.verdict == verdict }.count
  }

  /// The approximate tensor with the largest relative error.
  public var worst: Tensor? {
    tensors.filter { $0.fidelity.verdict == .approximate && $0.interpolation == nil }.max {
      $0.fidelity.relativeError < $1.fidelity.relativeError
    }
  }
}
