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
    let front = density(x, rest, a, b)
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

  /// x^a (1 − x)^b / B(a, b); `rest` is 1 − x.
  ///
  /// By Stirling's formula for all three gamma functions, whose large parts cancel before anything is rounded (Loader, "Fast and accurate
  /// computation of binomial probabilities", 2000): logarithms of gamma functions of thousands would leave ten digits.
  private static func density(_ x: Double, _ rest: Double, _ a: Double, _ b: Double) -> Double {
    let n = a + b
    let deviance =
      a * logarithmLessLinear(n * x / a, (n * x - a) / a) + b * logarithmLessLinear(n * rest / b, (n * rest - b) / b)
    let corrections = Gamma.stirlingError(n) - Gamma.stirlingError(a) - Gamma.stirlingError(b)
    return (a / n * b / (2 * .pi)).squareRoot() * exp(deviance + corrections)
  }

  /// ln(r) − u, where u is r − 1, without the loss of digits near 0.
  private static func logarithmLessLinear(_ ratio: Double, _ u: Double) -> Double {
    guard abs(u) <= 0.1 else { return log(ratio) - u }
    // ln(1 + u) = 2 (r + r³/3 + r⁵/5 + …) with r = u / (2 + u), and 2 r − u = −u r.
    let r = u / (2 + u)
    let square = r * r
    let series = (1...7).reversed().reduce(0) { $0 * square + 1 / Double(2 * $1 + 1) }
    return r * (2 * square * series - u)
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
