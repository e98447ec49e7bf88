// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The regularised incomplete beta function and its inverse, in float64.
public enum Beta {
  /// The regularised incomplete beta function, the share of a beta distribution below `x`.
  ///
  ///     I(x; a, b) = ∫ t^(a − 1) (1 − t)^(b − 1) dt / B(a, b), t from 0 to x
  ///
  /// By its continued fraction on the side where that converges fast.
  ///
  /// - Parameters:
  ///   - x: in 0...1.
  ///   - a: greater than 0.
  ///   - b: greater than 0.
  /// - Returns: in 0...1; NaN outside the range.
  public static func regularized(_ x: Double, _ a: Double, _ b: Double) -> Double {
    guard x >= 0, x <= 1, a > 0, b > 0 else { return .nan }
    if x == 0 || x == 1 { return x }
    return x < (a + 1) / (a + b + 2)
      ? lower(x, 1 - x, a, b) : 1 - lower(1 - x, x, b, a)
  }

  /// The same where x is below the distribution's middle; `rest` is 1 − x.
  private static func lower(_ x: Double, _ rest: Double, _ a: Double, _ b: Double) -> Double {
    let front = exp(
      a * log(x) + b * (rest > 0.5 ? log1p(-x) : log(rest)) + Gamma.logarithm(a + b) - Gamma.logarithm(a)
        - Gamma.logarithm(b))
    let fraction = ContinuedFraction.value(first: 1) { k in
      let m = Double(k / 2)
      let numerator =
        k % 2 == 0
        ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
      return (numerator, 1)
    }
    return front / (a * fraction)
  }

  /// The place below which a given share of a beta distribution lies.
  ///
  /// By bisection over the ordered bit patterns of float64: the number itself, as exactly as `regularized` is computed.
  ///
  /// - Parameters:
  ///   - share: in 0...1.
  ///   - a: greater than 0.
  ///   - b: greater than 0.
  /// - Returns: x with I(x; a, b) = share, in 0...1; NaN outside the range.
  public static func quantile(_ share: Double, _ a: Double, _ b: Double) -> Double {
    guard share >= 0, share <= 1, a > 0, b > 0 else { return .nan }
    if share == 0 || share == 1 { return share }
    var low: UInt64 = 0
    var high = (1.0).bitPattern
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if regularized(Double(bitPattern: middle), a, b) < share { low = middle } else { high = middle }
    }
    return Double(bitPattern: high)
  }
}
