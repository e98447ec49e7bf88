// SPDX-License-Identifier: Apache-2.0

/// Factors, all powers of two, by which a norm's channels are divided and the weights behind it multiplied: outliers of activations move into
/// weights, where there is a scale for each output to take them.
///
/// The function stays the same to the bit: a power of two changes no digit.
public struct Smoothing: Sendable, Hashable {
  /// One norm.
  public struct Site: Sendable, Hashable {
    /// The norm's name.
    public let norm: String
    /// The names of the weights behind it, `[outputs, inputs]` each.
    public let weights: [String]
    /// How much of the difference in size was moved, in tenths; `nil` where nothing was found better than leaving it.
    public let alpha: Int?
    /// For each channel the exponent e: the norm's gain and bias are divided by 2^e, the weights of this input multiplied.
    public let exponents: [Int8]

    /// Describes a site.
    public init(norm: String, weights: [String], alpha: Int?, exponents: [Int8]) {
      self.norm = norm
      self.weights = weights
      self.alpha = alpha
      self.exponents = exponents
    }
  }

  /// The largest exponent, either way.
  public static let largestExponent = 12

  /// All norms that were looked at.
  public let sites: [Site]

  /// Describes a smoothing.
  public init(_ sites: [Site]) { self.sites = sites }

  /// The base-2 logarithm that exponents are computed with: the float's exponent and, between powers of two, a straight line.
  ///
  /// At most 0.0861 too small, and the same bits on every machine.
  ///
  /// - Parameter x: positive and finite.
  /// - Returns: e + (m − 1) for x = m · 2^e, m in [1, 2).
  static func logarithm(_ x: Float) -> Double {
    let wide = Double(x)
    return Double(wide.exponent) + (wide.significand - 1)
  }

  /// The exponents for one choice of alpha.
  ///
  ///     e = α log₂ max|x| − (1 − α) log₂ max|w|, rounded to nearest even, within ±12
  ///
  /// - Parameters:
  ///   - alpha: in tenths.
  ///   - activations: the largest magnitude of each channel's activations.
  ///   - weights: the largest magnitude of each input's weights.
  /// - Returns: one exponent for each channel; 0 where a channel is always zero.
  static func exponents(alpha: Int, activations: [Float], weights: [Float]) -> [Int8] {
    zip(activations, weights).map { x, w in
      guard x > 0, w > 0, x.isFinite, w.isFinite else { return 0 }
      let share = Double(alpha) / 10
      let exponent = (share * logarithm(x) - (1 - share) * logarithm(w)).rounded(.toNearestOrEven)
      return Int8(max(-Double(largestExponent), min(Double(largestExponent), exponent)))
    }
  }
}
