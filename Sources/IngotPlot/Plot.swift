// SPDX-License-Identifier: Apache-2.0

/// A picture with two axes: lines, clouds of points, histograms, limits.
public struct Plot: Chart {
  /// A value that is known to lie between two others.
  public struct Interval: Sendable, Hashable {
    /// At least.
    public var low: Double
    /// At most.
    public var high: Double

    /// Makes an interval.
    public init(_ low: Double, _ high: Double) {
      self.low = low
      self.high = high
    }
  }

  /// A point of a series.
  public struct Point: Sendable, Hashable {
    /// Along the horizontal axis.
    public var x: Double
    /// Along the vertical axis.
    public var y: Double
    /// Where `y` is known to lie.
    public var interval: Interval?
    /// What is written beside it, where there is room.
    public var label: String?
    /// What appears when it is pointed at.
    public var note: String?

    /// Makes a point.
    public init(_ x: Double, _ y: Double, interval: Interval? = nil, label: String? = nil, note: String? = nil) {
      self.x = x
      self.y = y
      self.interval = interval
      self.label = label
      self.note = note
    }
  }

  /// How intervals are drawn.
  public enum Spread: Sendable, Hashable {
    /// As an area around the line.
    case band
    /// As a line through each point.
    case whiskers
  }

  /// Points that belong together.
  public struct Series: Sendable, Hashable {
    /// In the legend; nil for none.
    public var name: String?
    /// In order along the line.
    public var points: [Point]
    /// Its colour.
    public var hue: Hue
    /// The shape of its points.
    public var marker: Marker
    /// How they are joined.
    public var stroke: Stroke
    /// How intervals are drawn.
    public var spread: Spread

    /// Makes a series.
    ///
    /// - Parameters:
    ///   - name: in the legend; nil for none.
    ///   - points: in order along the line.
    ///   - hue: its colour.
    ///   - marker: the shape of its points; by default the one that goes with the colour of a series, else a ring.
    ///   - stroke: how they are joined.
    ///   - spread: how intervals are drawn.
    public init(
      _ name: String?, _ points: [Point], hue: Hue, marker: Marker? = nil, stroke: Stroke = .solid,
      spread: Spread = .band
    ) {
      self.name = name
      self.points = points
      self.hue = hue
      if let marker {
        self.marker = marker
      } else if case .series(let n) = hue {
        self.marker = .series(n)
      } else {
        self.marker = .ring
      }
      self.stroke = stroke
      self.spread = spread
    }
  }

  /// So many points that only where they lie thick counts: drawn as one path of dots.
  public struct Cloud: Sendable, Hashable {
    /// In the legend; nil for none.
    public var name: String?
    /// The points.
    public var points: [Point]
    /// Their colour.
    public var hue: Hue

    /// Makes a cloud.
    public init(_ name: String?, _ points: [Point], hue: Hue) {
      self.name = name
      self.points = points
      self.hue = hue
    }
  }

  /// A bar of a histogram.
  public struct Bin: Sendable, Hashable {
    /// Where it begins.
    public var low: Double
    /// Where it ends.
    public var high: Double
    /// How high it is.
    public var count: Double
    /// Its colour.
    public var hue: Hue

    /// Makes a bar.
    public init(_ low: Double, _ high: Double, count: Double, hue: Hue = .series(0)) {
      self.low = low
      self.high = high
      self.count = count
      self.hue = hue
    }
  }

  /// A line across the whole picture.
  public struct Rule: Sendable, Hashable {
    /// Which axis has the value.
    public enum Across: Sendable, Hashable {
      /// A vertical line at an x.
      case x
      /// A horizontal line at a y.
      case y
      /// From corner to corner where y is x plus the value.
      case diagonal
    }

    /// Which axis has the value.
    public var across: Across
    /// Where it is.
    public var value: Double
    /// What it means; in the legend for diagonals, else beside the line.
    public var label: String
    /// Its colour.
    public var hue: Hue
    /// Its pattern.
    public var stroke: Stroke

    /// Makes a line.
    public init(_ across: Across, at value: Double, _ label: String, hue: Hue = .muted, stroke: Stroke = .dashed) {
      self.across = across
      self.value = value
      self.label = label
      self.hue = hue
      self.stroke = stroke
    }
  }

  /// One line: what is shown.
  public var title: String
  /// For those who cannot see it.
  public var summary: String
  /// The horizontal axis.
  public var x: Axis
  /// The vertical axis.
  public var y: Axis
  /// Lines and points.
  public var series: [Series] = []
  /// Clouds of points.
  public var clouds: [Cloud] = []
  /// Bars of a histogram.
  public var bins: [Bin] = []
  /// Limits and references.
  public var rules: [Rule] = []
  /// Height over width of the part between the axes.
  public var aspect = 0.6

  /// Makes a picture without data.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - summary: for those who cannot see it.
  ///   - x: the horizontal axis.
  ///   - y: the vertical axis.
  public init(_ title: String, summary: String, x: Axis, y: Axis) {
    self.title = title
    self.summary = summary
    self.x = x
    self.y = y
  }

  /// Every value that must lie on the horizontal axis.
  var horizontalValues: [Double] {
    var values = rules.filter { $0.across == .x }.map(\.value)
    for one in series { values += one.points.map(\.x) }
    for cloud in clouds { values += cloud.points.map(\.x) }
    for bin in bins { values += [bin.low, bin.high] }
    return values
  }

  /// Every value that must lie on the vertical axis.
  var verticalValues: [Double] {
    var values = rules.filter { $0.across == .y }.map(\.value)
    for point in series.flatMap(\.points) {
      values.append(point.y)
      if let interval = point.interval { values += [interval.low, interval.high] }
    }
    for cloud in clouds { values += cloud.points.map(\.y) }
    values += bins.map(\.count)
    if !bins.isEmpty { values.append(0) }
    return values
  }

  /// What the legend explains.
  var legend: [LegendEntry] {
    var entries: [LegendEntry] = []
    for one in series {
      guard let name = one.name else { continue }
      entries.append(LegendEntry(name: name, hue: one.hue, marker: one.marker, stroke: one.stroke))
    }
    for cloud in clouds {
      guard let name = cloud.name else { continue }
      entries.append(LegendEntry(name: name, hue: cloud.hue, marker: .series(0), stroke: .none))
    }
    for rule in rules where rule.across == .diagonal && !rule.label.isEmpty {
      entries.append(LegendEntry(name: rule.label, hue: rule.hue, marker: .none, stroke: rule.stroke))
    }
    return entries
  }
}
