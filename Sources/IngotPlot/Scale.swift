// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An axis laid out: where a value lies, and where its ticks are.
struct Scale {
  /// A tick, and what is written at it.
  struct Tick {
    let value: Double
    let name: String
  }

  let kind: Axis.Kind
  private(set) var low: Double
  private(set) var high: Double
  private(set) var ticks: [Tick]
  /// What the label of the axis has to add, for example ` (×10⁻⁶)`.
  private(set) var unit = ""

  /// Lays out an axis.
  ///
  /// - Parameters:
  ///   - axis: what it shows.
  ///   - values: what must lie on it; those that are not finite are passed over.
  ///   - count: about how many ticks there is room for.
  init(_ axis: Axis, _ values: [Double], count: Int) {
    let shown = values.filter { $0.isFinite && (axis.kind == .linear || $0 > 0) }
    var low = axis.bounds?.lowerBound ?? shown.min() ?? (axis.kind == .linear ? 0 : 0.1)
    var high = axis.bounds?.upperBound ?? shown.max() ?? 1
    if axis.kind == .logarithmic { low = max(low, .leastNormalMagnitude); high = max(high, low) }
    if axis.bounds == nil, axis.startsAtZero, axis.kind == .linear { low = min(0, low); high = max(0, high) }
    kind = axis.kind
    self.low = low
    self.high = high
    ticks = []
    switch axis.kind {
    case .linear: layOutLinear(axis, count)
    case .logarithmic: layOutLogarithmic(axis, count)
    }
    if let named = axis.ticks { ticks = named.map { Tick(value: $0.value, name: $0.name) } }
  }

  /// Where a value lies, 0 at the low end and 1 at the high end; nil where the scale does not have it.
  func share(_ value: Double) -> Double? {
    guard value.isFinite else { return nil }
    switch kind {
    case .linear: return (value - low) / (high - low)
    case .logarithmic: return value > 0 ? (log10(value) - log10(low)) / (log10(high) - log10(low)) : nil
    }
  }

  private mutating func layOutLinear(_ axis: Axis, _ count: Int) {
    if !(high > low) {
      let room = low == 0 ? 1 : abs(low) * 0.1
      (low, high) = axis.startsAtZero && low >= 0 ? (0, low == 0 ? 1 : high) : (low - room, high + room)
    }
    let factor = displayFactor(axis)
    let step = Self.niceStep((high - low) * factor / Double(max(1, count)))
    // Ticks are whole multiples of the step, computed from whole numbers so that 0.3 is not 0.30000000000000004.
    let first = (low * factor / step.value + (axis.bounds == nil ? 1e-9 : -1e-9)).rounded(
      axis.bounds == nil ? .down : .up)
    let last = (high * factor / step.value + (axis.bounds == nil ? -1e-9 : 1e-9)).rounded(
      axis.bounds == nil ? .up : .down)
    guard last - first < 1000 else { return }
    for index in stride(from: first, through: last, by: 1) {
      let shown =
        step.exponent < 0
        ? index * step.digit / Numerals.powerOfTen(-step.exponent)
        : index * step.digit * Numerals.powerOfTen(step.exponent)
      ticks.append(Tick(value: shown / factor, name: Numerals.fixed(shown, min(12, max(0, -step.exponent)))))
    }
    if axis.bounds == nil, let first = ticks.first, let last = ticks.last { (low, high) = (first.value, last.value) }
  }

  /// What values are multiplied by before they are written; says so in `unit`.
  private mutating func displayFactor(_ axis: Axis) -> Double {
    let largest = max(abs(low), abs(high))
    switch axis.format {
    case .percent:
      unit = " (%)"
      return 100
    case .bytes:
      let (name, size) = [("GB", 1e9), ("MB", 1e6), ("kB", 1e3)].first { largest >= $0.1 } ?? ("bytes", 1)
      unit = " (\(name))"
      return 1 / size
    case .number:
      guard largest > 0, largest < 1e-3 || largest >= 1e6 else { return 1 }
      let exponent = Numerals.exponent(of: largest)
      unit = " (×10\(Numerals.superscript(exponent)))"
      return Numerals.powerOfTen(-exponent)
    }
  }

  private mutating func layOutLogarithmic(_ axis: Axis, _ count: Int) {
    var factor = 1.0
    if axis.format != .number {
      factor = displayFactor(axis)
    }
    if !(high > low) { (low, high) = (low / 2, high * 2) }
    let wide = log10(high / low) > 1.6
    let digits: [Double] = wide ? [1] : [1, 2, 5]
    let start = Numerals.exponent(of: low * factor)
    let end = Numerals.exponent(of: high * factor) + 1
    var candidates: [(digit: Double, exponent: Int)] = []
    for exponent in start...end { for digit in digits { candidates.append((digit, exponent)) } }
    func value(_ candidate: (digit: Double, exponent: Int)) -> Double {
      candidate.digit * Numerals.powerOfTen(candidate.exponent) / factor
    }
    // From the last tick at or below the lowest value to the first at or above the highest.
    let from = candidates.lastIndex { value($0) <= low * (1 + 1e-9) } ?? 0
    let to = candidates.firstIndex { value($0) >= high * (1 - 1e-9) } ?? candidates.count - 1
    guard from < to else { return }
    let used = Array(candidates[from...to])
    if axis.bounds == nil { (low, high) = (value(used[0]), value(used[used.count - 1])) }
    // Where 1, 2 and 5 of each power are too many, powers alone are named.
    let onlyPowers = !wide && used.count > count + 1 && used.filter { $0.digit == 1 }.count > 1
    let every = wide ? max(1, (used.count + count - 1) / max(1, count)) : 1
    let isPlain = start >= -3 && end <= 5
    for (index, candidate) in used.enumerated()
    where index.isMultiple(of: every) && (!onlyPowers || candidate.digit == 1) {
      let shown = candidate.digit * Numerals.powerOfTen(candidate.exponent)
      let power = "10\(Numerals.superscript(candidate.exponent))"
      let name =
        isPlain
        ? Numerals.fixed(shown, max(0, -candidate.exponent))
        : candidate.digit == 1 ? power : "\(Numerals.fixed(candidate.digit, 0))×\(power)"
      if value(candidate) >= low * (1 - 1e-9), value(candidate) <= high * (1 + 1e-9) {
        ticks.append(Tick(value: value(candidate), name: name))
      }
    }
  }

  /// The smallest of 1, 2 and 5 times a power of ten that is at least `rough`, which is positive.
  private static func niceStep(_ rough: Double) -> (value: Double, digit: Double, exponent: Int) {
    guard rough.isFinite, rough > .leastNormalMagnitude else { return (1, 1, 0) }
    let exponent = Numerals.exponent(of: rough)
    let power = Numerals.powerOfTen(exponent)
    for digit in [1.0, 2, 5] where digit * power >= rough * (1 - 1e-9) { return (digit * power, digit, exponent) }
    return (10 * power, 1, exponent + 1)
  }
}
