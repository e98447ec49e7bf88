// SPDX-License-Identifier: Apache-2.0

/// Continued fractions by the modified method of Lentz (Thompson and Barnett 1986).
enum ContinuedFraction {
  /// More terms than any converging fraction here needs.
  static let limit = 100_000

  /// The value of b₀ + a₁ / (b₁ + a₂ / (b₂ + …)).
  ///
  /// - Parameters:
  ///   - first: b₀.
  ///   - term: gives (a, b) of place k = 1, 2, …
  /// - Returns: the value, when another term changes it no more.
  static func value(first: Double, _ term: (Int) -> (Double, Double)) -> Double {
    let tiny = 1e-300
    var value = first == 0 ? tiny : first
    var c = value
    var d = 0.0
    for k in 1...limit {
      let (a, b) = term(k)
      d = b + a * d
      if d == 0 { d = tiny }
      c = b + a / c
      if c == 0 { c = tiny }
      d = 1 / d
      let factor = c * d
      value *= factor
      if abs(factor - 1) <= 0x1p-52 { break }
    }
    return value
  }
}
