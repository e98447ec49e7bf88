// SPDX-License-Identifier: Apache-2.0

extension Plot {
  /// One way to do it: what it costs on both axes.
  public struct Candidate: Sendable, Hashable {
    /// The smaller the better.
    public var x: Double
    /// The smaller the better.
    public var y: Double
    /// What it is.
    public var name: String
    /// Whether its name is written beside it.
    public var isNamed: Bool

    /// Makes a candidate.
    public init(x: Double, y: Double, name: String, isNamed: Bool = false) {
      self.x = x
      self.y = y
      self.name = name
      self.isNamed = isNamed
    }
  }

  /// Those that no other one beats on both axes.
  ///
  /// - Parameter candidates: those with a number that is not finite are passed over.
  /// - Returns: places in `candidates`, by growing x.
  public static func front(of candidates: [Candidate]) -> [Int] {
    let order = candidates.indices.filter { candidates[$0].x.isFinite && candidates[$0].y.isFinite }
      .sorted { (candidates[$0].x, candidates[$0].y, $0) < (candidates[$1].x, candidates[$1].y, $1) }
    var best = Double.infinity
    return order.filter { index in
      guard candidates[index].y < best else { return false }
      best = candidates[index].y
      return true
    }
  }

  /// Candidates, the front of those that nothing beats, and the one that was chosen.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - summary: for those who cannot see it.
  ///   - x: the horizontal axis; less is better.
  ///   - y: the vertical axis; less is better.
  ///   - groups: candidates with the name of their kind; the front is of all together.
  ///   - chosen: where the star goes.
  /// - Returns: a picture.
  public static func pareto(
    _ title: String, summary: String, x: Axis, y: Axis, groups: [(name: String, candidates: [Candidate])],
    chosen: Candidate? = nil
  ) -> Plot {
    var plot = Plot(title, summary: summary, x: x, y: y)
    let all = groups.flatMap(\.candidates)
    func point(_ candidate: Candidate) -> Point {
      Point(candidate.x, candidate.y, label: candidate.isNamed ? candidate.name : nil, note: candidate.name)
    }
    plot.series.append(
      Series(
        "no candidate is better on both", front(of: all).map { Point(all[$0].x, all[$0].y) }, hue: .muted,
        marker: Marker.none,
        stroke: .steps))
    for (index, group) in groups.enumerated() {
      plot.series.append(Series(group.name, group.candidates.map(point), hue: .series(index), stroke: .none))
    }
    if let chosen {
      var star = point(chosen)
      star.label = chosen.name
      plot.series.append(Series("chosen", [star], hue: .fail, marker: .star, stroke: .none))
    }
    return plot
  }
}
