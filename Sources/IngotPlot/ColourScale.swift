// SPDX-License-Identifier: Apache-2.0

import Glibc

/// From values to the colours of a heat map.
struct ColourScale {
  private let colours: HeatMap.Colours
  private let low: Double
  private let high: Double

  init(_ colours: HeatMap.Colours, _ values: [Double]) {
    let finite = values.filter(\.isFinite)
    self.colours = colours
    let largest = finite.map(abs).max() ?? 0
    high = largest > 0 ? largest : 1
    switch colours {
    case .sequential: low = 0
    case .diverging: low = -high
    case .logarithmic:
      // No more than six decades: what is smaller is as good as nothing.
      low = max(finite.filter { $0 > 0 }.min() ?? high / 10, high * 1e-6)
    }
  }

  /// Where a value lies: 0 is nothing, ±1 the most.
  func share(_ value: Double) -> Double {
    switch colours {
    case .sequential: return max(0, value / high)
    case .diverging: return value / high
    case .logarithmic:
      guard value > 0 else { return 0 }
      guard high > low else { return 1 }
      // The smallest is told from nothing.
      return 0.06 + 0.94 * min(1, max(0, log10(value / low) / log10(high / low)))
    }
  }

  /// The key under the picture.
  func key(_ label: String, width: Double, x: Double, y: Double) -> [Element] {
    let first = colours == .diverging ? -HeatScale.steps : 0
    let count = HeatScale.steps - first + 1
    let step = width / Double(count)
    var parts: [Element] = []
    for index in 0..<count {
      let share = Double(first + index) / Double(HeatScale.steps)
      parts.append(
        Element(
          "rect",
          [
            "class": "f-\(HeatScale.name(of: share))", "x": (x + Double(index) * step).length, "y": y.length,
            "width": (step + 0.3).length, "height": "9",
          ]))
    }
    parts.append(Shapes.text(Numerals.significant(low), x, y + 22, "s f-muted"))
    if colours == .diverging { parts.append(Shapes.text("0", x + width / 2, y + 22, "s f-muted m")) }
    parts.append(Shapes.text(Numerals.significant(high), x + width, y + 22, "s f-muted e"))
    parts.append(Shapes.text(label, x, y + 38, "t f-muted"))
    return parts
  }
}
