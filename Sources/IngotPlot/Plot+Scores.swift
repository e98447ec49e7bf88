// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Plot {
  /// A score without training, for what is compared with it.
  public struct Star: Sendable, Hashable {
    /// Whose score it is.
    public var name: String
    /// The score.
    public var score: Double
    /// Where it is known to lie.
    public var interval: Interval?

    /// Makes a star.
    public init(_ name: String, _ score: Double, interval: Interval? = nil) {
      self.name = name
      self.score = score
      self.interval = interval
    }
  }

  /// Scores against the number of labelled examples, with a star at none for what needs no examples.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - summary: for those who cannot see it.
  ///   - score: what is on the vertical axis.
  ///   - curves: a name and points for each; x is the number of examples, at least 1.
  ///   - stars: scores without examples, each with a dotted line across.
  /// - Returns: a picture.
  public static func examples(
    _ title: String, summary: String, score: Axis, curves: [(name: String, points: [Point])], stars: [Star]
  ) -> Plot {
    let shots = Set(curves.flatMap { $0.points.map(\.x) }.filter { $0.isFinite && $0 > 0 }).sorted()
    let least = shots.first ?? 1
    // None has no place on a logarithmic axis: it is drawn where half of the least would be.
    let none = least / 2
    var ticks = shots.map { Axis.Tick($0, Numerals.significant($0, 3).trimmingZeros) }
    if !stars.isEmpty { ticks.insert(Axis.Tick(none, "0"), at: 0) }
    let low = (stars.isEmpty ? least : none) * 0.8
    var plot = Plot(
      title, summary: summary,
      x: Axis(
        "labelled examples of each class", kind: .logarithmic, bounds: low...((shots.last ?? 1) * 1.25), ticks: ticks),
      y: score)
    for (index, curve) in curves.enumerated() {
      plot.series.append(Series(curve.name, curve.points, hue: .series(index)))
    }
    for (index, star) in stars.enumerated() {
      let hue = stars.count == 1 ? Hue.fail : .series(curves.count + index)
      let across = [Point(none, star.score)] + shots.map { Point($0, star.score) }
      plot.series.append(Series(nil, across, hue: hue, marker: Marker.none, stroke: .dotted))
      plot.series.append(
        Series(
          star.name,
          [Point(none, star.score, interval: star.interval, note: "\(star.name): \(Numerals.significant(star.score))")],
          hue: hue, marker: .star, stroke: .none, spread: .whiskers))
    }
    return plot
  }

  /// One score against another, by what was scored, with the line through them and the line where both are equal.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - summary: for those who cannot see it.
  ///   - x: the horizontal axis.
  ///   - y: the vertical axis.
  ///   - points: with labels.
  ///   - trend: slope and intercept of the line; nil for none.
  /// - Returns: a picture.
  public static func agreement(
    _ title: String, summary: String, x: Axis, y: Axis, _ points: [Point], trend: (slope: Double, intercept: Double)?
  ) -> Plot {
    var plot = Plot(title, summary: summary, x: x, y: y)
    plot.aspect = 0.8
    let ends = [points.map(\.x).filter(\.isFinite).min(), points.map(\.x).filter(\.isFinite).max()].compactMap { $0 }
    if let trend, ends.count == 2 {
      let line = ends.map { Point($0, trend.intercept + trend.slope * $0) }
      plot.series.append(
        Series("slope \(Numerals.fixed(trend.slope, 2))", line, hue: .series(1), marker: Marker.none, stroke: .solid))
    }
    plot.series.append(Series(nil, points, hue: .series(0), stroke: .none))
    plot.rules = [Rule(.diagonal, at: 0, "both equal")]
    return plot
  }
}

extension String {
  /// A decimal number without zeros at its end.
  var trimmingZeros: String {
    guard contains("."), !contains("×") else { return self }
    var text = self
    while text.hasSuffix("0") { text.removeLast() }
    if text.hasSuffix(".") { text.removeLast() }
    return text
  }
}
