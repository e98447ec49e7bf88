// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Numbers as people read them, the same on every machine and in every locale.
public enum Numerals {
  /// A number with a fixed count of decimals, and U+2212 for minus: `−0.50`.
  ///
  /// - Parameters:
  ///   - value: any number; beyond 2^53 in units of the last place, it is written as a power of ten.
  ///   - places: decimals, 0 to 12.
  /// - Returns: text.
  public static func fixed(_ value: Double, _ places: Int) -> String {
    precondition(places >= 0 && places <= 12, "decimals")
    guard value.isFinite else { return notFinite(value) }
    let scaled = (abs(value) * powerOfTen(places)).rounded(.toNearestOrEven)
    guard scaled < 9_007_199_254_740_992 else { return significant(value, 3) }
    let digits = String(Int(scaled))
    let sign = value < 0 && scaled > 0 ? "−" : ""
    guard places > 0 else { return sign + digits }
    let padded = String(repeating: "0", count: max(0, places + 1 - digits.count)) + digits
    return "\(sign)\(padded.dropLast(places)).\(padded.suffix(places))"
  }

  /// A number with a fixed count of significant digits: `0.00123`, `1.23×10⁻⁷`.
  ///
  /// - Parameters:
  ///   - value: any number.
  ///   - digits: significant digits, 1 to 9.
  /// - Returns: text.
  public static func significant(_ value: Double, _ digits: Int = 3) -> String {
    precondition(digits > 0 && digits < 10, "digits")
    guard value.isFinite else { return notFinite(value) }
    guard value != 0 else { return "0" }
    var exponent = exponent(of: value)
    // Rounding may reach the next power of ten: 9.996 is 10.0.
    let mantissa = divided(abs(value), byTenTo: exponent - digits + 1).rounded(.toNearestOrEven)
    if mantissa >= powerOfTen(digits) { exponent += 1 }
    if exponent >= -4 && exponent < digits + 3 { return fixed(value, min(12, max(0, digits - 1 - exponent))) }
    return "\(fixed(divided(value, byTenTo: exponent), digits - 1))×10\(superscript(exponent))"
  }

  /// A share of 0...1 as per cent: `99.50 %`.
  ///
  /// - Parameters:
  ///   - share: 1 is 100 %.
  ///   - places: decimals.
  /// - Returns: text.
  public static func percent(_ share: Double, _ places: Int = 2) -> String { fixed(share * 100, places) + " %" }

  /// A size in bytes with a unit of powers of 1000: `87.9 MB`.
  public static func bytes(_ count: Int) -> String {
    let value = Double(count)
    for (unit, size) in [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)] where abs(value) >= size {
      return "\(significant(value / size, 3)) \(unit)"
    }
    return "\(count) bytes"
  }

  /// An integer with thin spaces between thousands: `10 000`.
  public static func grouped(_ value: Int) -> String {
    let digits = Array(String(value.magnitude))
    var result = value < 0 ? "−" : ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index).isMultiple(of: 3) { result += "\u{202F}" }
      result.append(digit)
    }
    return result
  }

  /// An exponent as it stands at ten's shoulder: `⁻⁷`.
  static func superscript(_ exponent: Int) -> String {
    let digits: [Character] = ["⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹"]
    return (exponent < 0 ? "⁻" : "")
      + String(String(exponent.magnitude).compactMap { $0.wholeNumberValue.map { digits[$0] } })
  }

  /// The power of ten of the first digit; `value` is finite and not 0.
  static func exponent(of value: Double) -> Int {
    var exponent = Int(log10(abs(value)).rounded(.down))
    // The logarithm may be off by a last place at a power of ten.
    if powerOfTen(exponent + 1) <= abs(value) { exponent += 1 }
    if powerOfTen(exponent) > abs(value) { exponent -= 1 }
    return exponent
  }

  /// A quotient that is right where the power of ten is below the least positive number.
  private static func divided(_ value: Double, byTenTo exponent: Int) -> Double {
    exponent < -290 ? value * 1e290 / powerOfTen(exponent + 290) : value / powerOfTen(exponent)
  }

  /// The double next to a power of ten.
  static func powerOfTen(_ exponent: Int) -> Double {
    Double("1e\(exponent)") ?? (exponent < 0 ? 0 : .infinity)
  }

  private static func notFinite(_ value: Double) -> String {
    value.isNaN ? "NaN" : value < 0 ? "−∞" : "∞"
  }
}

extension Double {
  /// A length in a picture: at most two decimals, with the ASCII minus that SVG reads.
  var length: String {
    guard isFinite, abs(self) < 1e9 else { return "0" }
    let hundredths = Int((abs(self) * 100).rounded(.toNearestOrEven))
    let sign = self < 0 && hundredths > 0 ? "-" : ""
    let whole = "\(sign)\(hundredths / 100)"
    let rest = hundredths % 100
    if rest == 0 { return whole }
    if rest.isMultiple(of: 10) { return "\(whole).\(rest / 10)" }
    return rest < 10 ? "\(whole).0\(rest)" : "\(whole).\(rest)"
  }
}
