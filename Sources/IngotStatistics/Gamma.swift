// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The gamma function and its incomplete forms, in float64.
public enum Gamma {
  /// The logarithm of the gamma function.
  ///
  ///     ln Γ(x) = ln ∫ t^(x − 1) e^(−t) dt, t from 0 to ∞
  ///
  /// By recurrence up to x ≥ 15, then Stirling's series; relative error below 1e-14 away from the zeros at 1 and 2, absolute below 1e-14 near them.
  ///
  /// - Parameter x: greater than 0.
  /// - Returns: the logarithm; infinite for 0, NaN for what is less or NaN.
  public static func logarithm(_ x: Double) -> Double {
    guard x > 0 else { return x == 0 ? .infinity : .nan }
    guard x.isFinite else { return x }
    // Where the function is zero, the value is what the recurrence leaves of numbers of size one.
    if x == 1 || x == 2 { return 0 }
    var argument = x
    var product = 1.0
    while argument < 15 {
      product *= argument
      argument += 1
    }
    return stirling(argument) + stirlingSeries(argument) - log(product)
  }

  /// What Stirling's formula lacks: ln Γ(x) − ((x − 1/2) ln x − x + ln(2π) / 2).
  ///
  /// - Parameter x: greater than 0.
  /// - Returns: about 1 / (12 x).
  static func stirlingError(_ x: Double) -> Double {
    x < 15 ? logarithm(x) - stirling(x) : stirlingSeries(x)
  }

  private static func stirling(_ x: Double) -> Double {
    let halfLogTwoPi = 0.918_938_533_204_672_7
    return (x - 0.5) * log(x) - x + halfLogTwoPi
  }

  /// For x ≥ 15.
  private static func stirlingSeries(_ x: Double) -> Double {
    let inverse = 1 / x
    let square = inverse * inverse
    // Bernoulli numbers B(2k) / (2k (2k − 1)).
    let coefficients = [1.0 / 12, -1.0 / 360, 1.0 / 1260, -1.0 / 1680, 1.0 / 1188, -691.0 / 360360, 1.0 / 156]
    return coefficients.reversed().reduce(0) { $0 * square + $1 } * inverse
  }

  /// The upper regularised incomplete gamma function.
  ///
  ///     Q(a, x) = ∫ t^(a − 1) e^(−t) dt / Γ(a), t from x to ∞
  ///
  /// A series below a + 1, a continued fraction (Lentz) above.
  ///
  /// - Parameters:
  ///   - a: greater than 0.
  ///   - x: at least 0.
  /// - Returns: in 0...1; NaN outside the range.
  public static func upperRegularized(_ a: Double, _ x: Double) -> Double {
    guard a > 0, x >= 0 else { return .nan }
    if x == 0 { return 1 }
    if x.isInfinite { return 0 }
    let front = exp(a * log(x) - x - logarithm(a))
    if x < a + 1 {
      var term = 1 / a
      var sum = term
      var n = a
      for _ in 0..<ContinuedFraction.limit where term > sum * 0x1p-54 {
        n += 1
        term *= x / n
        sum += term
      }
      return max(0, 1 - front * sum)
    }
    // Legendre's fraction 1 / (x + 1 − a − 1(1 − a) / (x + 3 − a − 2(2 − a) / …)).
    let fraction = ContinuedFraction.value(first: x + 1 - a) { k in
      let n = Double(k)
      return (-n * (n - a), x + 1 - a + 2 * n)
    }
    return min(1, front / fraction)
  }

  /// The share of a chi-square distribution beyond a value.
  ///
  /// - Parameters:
  ///   - value: at least 0.
  ///   - degrees: degrees of freedom, greater than 0.
  /// - Returns: P(X ≥ value), in 0...1.
  public static func chiSquareSurvival(_ value: Double, degrees: Double) -> Double {
    upperRegularized(degrees / 2, value / 2)
  }
}
