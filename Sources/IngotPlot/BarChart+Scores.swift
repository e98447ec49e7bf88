// SPDX-License-Identifier: Apache-2.0

extension BarChart {
  /// One score minus another, by what was scored.
  public struct Difference: Sendable, Hashable {
    /// What was scored.
    public var name: String
    /// In points, that is in hundredths.
    public var points: Double
    /// Where it is known to lie.
    public var interval: Plot.Interval?

    /// Makes a difference.
    public init(_ name: String, points: Double, interval: Plot.Interval? = nil) {
      self.name = name
      self.points = points
      self.interval = interval
    }
  }

  /// One score minus another as bars, the largest gain at the top; the summary says how often which one wins.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - first: whose score it is.
  ///   - second: whose score is subtracted.
  ///   - differences: one for each bar.
  /// - Returns: a picture.
  public static func differences(
    _ title: String, of first: String, minus second: String, _ differences: [Difference]
  ) -> BarChart {
    let wins = differences.count { $0.points > 0 }
    let ties = differences.count { $0.points == 0 }
    let bars = differences.map { difference in
      let sign = difference.points > 0 ? "+" : ""
      return Bar(
        difference.name, difference.points, text: sign + Numerals.fixed(difference.points, 1),
        interval: difference.interval,
        hue: difference.points >= 0 ? .series(0) : .series(1))
    }
    let equal = ties > 0 ? "; \(ties) are equal" : ""
    var chart = BarChart(
      title, summary: "\(first) scores higher on \(wins) of \(differences.count)\(equal).",
      axis: Axis("\(first) minus \(second), in points"), bars, order: .descending)
    chart.key = [Key("\(first) is better", .series(0)), Key("\(second) is better", .series(1))]
    return chart
  }

  /// How much of something each one needs.
  public struct Amount: Sendable, Hashable {
    /// What the number is.
    public enum Kind: Sendable, Hashable {
      /// The amount.
      case exact
      /// It is less.
      case fewerThan
      /// It is more.
      case moreThan
    }

    /// Who needs it.
    public var name: String
    /// The number.
    public var value: Double
    /// What the number is.
    public var kind: Kind

    /// Makes an amount.
    public init(_ name: String, _ value: Double, _ kind: Kind = .exact) {
      self.name = name
      self.value = value
      self.kind = kind
    }
  }

  /// Amounts as bars, the largest at the top, with lines at their mean and median.
  ///
  /// Where only a bound is known the bar is grey and says so, and mean and median are of the others.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - axis: what there is an amount of.
  ///   - amounts: one for each bar.
  /// - Returns: a picture.
  public static func amounts(_ title: String, axis: Axis, _ amounts: [Amount]) -> BarChart {
    let bars = amounts.map { amount in
      // A bound is a number of examples, and whole as a rule.
      let isWhole = amount.kind != .exact && amount.value == amount.value.rounded()
      let text = Numerals.fixed(amount.value, amount.value < 20 && !isWhole ? 1 : 0)
      return switch amount.kind {
      case .exact: Bar(amount.name, amount.value, text: text)
      case .fewerThan: Bar(amount.name, amount.value, text: "fewer than \(text)", hue: .muted)
      case .moreThan: Bar(amount.name, amount.value, text: "more than \(text)", hue: .muted)
      }
    }
    let exact = amounts.filter { $0.kind == .exact && $0.value.isFinite }.map(\.value).sorted()
    guard !exact.isEmpty else {
      return BarChart(title, summary: "Only bounds are known.", axis: axis, bars, order: .descending)
    }
    let mean = exact.reduce(0, +) / Double(exact.count)
    let middle = exact.count / 2
    let median = exact.count.isMultiple(of: 2) ? (exact[middle - 1] + exact[middle]) / 2 : exact[middle]
    let known = exact.count == amounts.count ? "" : ", of the \(exact.count) of \(amounts.count) that are known"
    let (meanText, medianText) = (Numerals.fixed(mean, 1), Numerals.fixed(median, 1))
    var chart = BarChart(
      title, summary: "Mean \(meanText), median \(medianText)\(known).", axis: axis, bars, order: .descending)
    // Where they are written alike they are one line, with one label.
    chart.rules =
      meanText == medianText
      ? [Plot.Rule(.x, at: mean, "mean and median \(meanText)", hue: .ink)]
      : [
        Plot.Rule(.x, at: median, "median \(medianText)", hue: .ink, stroke: .dotted),
        Plot.Rule(.x, at: mean, "mean \(meanText)", hue: .ink),
      ]
    if exact.count < amounts.count { chart.key = [Key("known", .series(0)), Key("only a bound is known", .muted)] }
    return chart
  }
}
