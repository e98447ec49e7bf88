// SPDX-License-Identifier: Apache-2.0

import IngotPlot
import Testing

@Suite struct NumeralsTests {
  @Test(arguments: [
    (0.5, 2, "0.50"), (-0.004, 2, "0.00"), (-0.005001, 2, "−0.01"), (12.0, 0, "12"), (0.062, 3, "0.062"),
    (Double.nan, 1, "NaN"), (-Double.infinity, 1, "−∞"), (1e300, 2, "1.00×10³⁰⁰"),
  ])
  func `fixed decimals are rounded once, and minus is a minus`(_ value: Double, _ places: Int, _ text: String) {
    #expect(Numerals.fixed(value, places) == text)
  }

  @Test(arguments: [
    (0.0, "0"), (9.996, "10.0"), (123_456.0, "123456"), (1_234_567, "1.23×10⁶"), (0.00123456, "0.00123"),
    (1.234e-7, "1.23×10⁻⁷"),
    (-2.5e-9, "−2.50×10⁻⁹"), (.leastNonzeroMagnitude, "4.94×10⁻³²⁴"), (1.7976931348623157e308, "1.80×10³⁰⁸"), (1000, "1000"),
    (1e-5, "1.00×10⁻⁵"),
    (9.999e-5, "0.000100"), (99_999, "99999"),
  ])
  func `three digits, whatever the size`(_ value: Double, _ text: String) {
    #expect(Numerals.significant(value) == text)
  }

  @Test func `sizes and counts`() {
    #expect(Numerals.bytes(87_900_000) == "87.9 MB")
    #expect(Numerals.bytes(999) == "999 bytes")
    #expect(Numerals.grouped(1_234_567) == "1\u{202F}234\u{202F}567")
    #expect(Numerals.grouped(-999) == "−999")
    #expect(Numerals.percent(0.995) == "99.50 %")
  }
}
