// SPDX-License-Identifier: Apache-2.0

// Functions of the constants that inference needs, in float64 of additions, products and divisions only: C libraries choose among
// implementations by processor, and may then differ in the last bit.

/// ln 2 in two parts, the first with 21 trailing zero bits, so that its product with a small whole number is exact (fdlibm, `e_exp.c`).
private let logarithmOf2 = (high: 6.931_471_803_691_238_16e-01, low: 1.908_214_929_270_587_70e-10)
/// π / 2 in two parts likewise (fdlibm, `e_rem_pio2.c`).
private let halfTurn = (high: 1.570_796_326_734_125_61, low: 6.077_100_506_506_192_25e-11)

/// e to the power of `x`, to about one unit in the last place.
func exponential(_ x: Double) -> Double {
  guard x.isFinite else { return x < 0 ? 0 : x }
  guard x > -745 else { return 0 }
  guard x < 709.78 else { return .infinity }
  let n = (x / 0.693_147_180_559_945_3).rounded(.toNearestOrEven)
  let r = (x - n * logarithmOf2.high) - n * logarithmOf2.low
  // Taylor: r is at most 0.35, so that r¹⁵ / 15! is below 2⁻⁵⁴ · r.
  var sum = 1.0
  for k in stride(from: 15.0, to: 0, by: -1) { sum = 1 + r / k * sum }
  // In two steps, since 2ⁿ alone may be subnormal.
  let half = (n / 2).rounded(.towardZero)
  return sum * power(of2: Int(half)) * power(of2: Int(n - half))
}

/// The natural logarithm of a positive, finite, normal number, to about one unit in the last place.
func logarithm(_ x: Double) -> Double {
  var y = Double(x.exponent) * 0.693_147_180_559_945_3 + (x.significand - 1)
  // Halley's step triples the digits; from within 0.07 three are more than enough.
  for _ in 0..<4 {
    let e = exponential(y)
    y += 2 * (x - e) / (x + e)
  }
  return y
}

/// Sine and cosine of an angle in radians, at most a million, to about one unit in the last place of the larger.
func sineAndCosine(_ x: Double) -> (sine: Double, cosine: Double) {
  let n = (x / 1.570_796_326_794_896_6).rounded(.toNearestOrEven)
  let r = (x - n * halfTurn.high) - n * halfTurn.low
  let square = r * r
  // Taylor: r is at most 0.79, so that r¹⁹ / 19! is below 2⁻⁶² .
  var sine = 1.0
  var cosine = 1.0
  for k in stride(from: 18.0, to: 0, by: -2) {
    sine = 1 - square / (k * (k + 1)) * sine
    cosine = 1 - square / (k * (k - 1)) * cosine
  }
  sine *= r
  switch Int(n) & 3 {
  case 0: return (sine, cosine)
  case 1: return (cosine, -sine)
  case 2: return (-sine, -cosine)
  default: return (-cosine, sine)
  }
}

private func power(of2 exponent: Int) -> Double {
  Double(sign: .plus, exponent: exponent, significand: 1)
}
