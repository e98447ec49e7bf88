// SPDX-License-Identifier: Apache-2.0

/// How far a stored tensor is from the one it was made of.
public struct TensorFidelity: Sendable, Hashable, Codable {
  /// The kinds of agreement, best first.
  public enum Verdict: String, Sendable, Hashable, Codable {
    /// The same bytes in the same type.
    case bitIdentical = "bit-identical"
    /// Another type that holds exactly the same values.
    case exactlyRepresentable = "exactly-representable"
    /// Other values; the errors say how far.
    case approximate
  }

  /// The kind of agreement.
  public var verdict: Verdict
  /// Largest absolute difference of a value.
  public var maximumError: Double
  /// Euclidean length of the difference over that of the original; 0 when both are zero.
  public var relativeError: Double
  /// Share of values that lie at the end of the integer range, in 0...1; 0 for floating-point types.
  public var saturatedShare: Double

  /// A tensor that lost nothing.
  public static func lossless(_ verdict: Verdict) -> TensorFidelity {
    TensorFidelity(verdict: verdict, maximumError: 0, relativeError: 0, saturatedShare: 0)
  }

  /// Makes a record.
  public init(verdict: Verdict, maximumError: Double, relativeError: Double, saturatedShare: Double) {
    self.verdict = verdict
    self.maximumError = maximumError
    self.relativeError = relativeError
    self.saturatedShare = saturatedShare
  }

  /// Signal to quantization noise ratio in decibels; `nil` where there is no noise.
  public var signalToNoise: Double? {
    relativeError > 0 ? -20 * decimalLogarithm(relativeError) : nil
  }
}
