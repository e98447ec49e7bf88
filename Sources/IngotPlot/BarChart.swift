// SPDX-License-Identifier: Apache-2.0

/// Horizontal bars, one under another, each with its name and its value.
public struct BarChart: Chart {
  /// One bar.
  public struct Bar: Sendable, Hashable {
    /// What it stands for.
    public var name: String
    /// How long it is; negative values go to the other side.
    public var value: Double
    /// What is written at its end.
    public var text: String
    /// Where the value is known to lie.
    public var interval: Plot.Interval?
    /// Its colour.
    public var hue: Hue

    /// Makes a bar.
    ///
    /// - Parameters:
    ///   - name: what it stands for.
    ///   - value: how long it is.
    ///   - text: what is written at its end; by default three digits of the value.
    ///   - interval: where the value is known to lie.
    ///   - hue: its colour.
    public init(
      _ name: String, _ value: Double, text: String? = nil, interval: Plot.Interval? = nil, hue: Hue = .series(0)
    ) {
      self.name = name
      self.value = value
      self.text = text ?? Numerals.significant(value)
      self.interval = interval
      self.hue = hue
    }
  }

  /// In which order bars stand.
  public enum Order: Sendable, Hashable {
    /// As they are given.
    case given
    /// The largest value first; equal ones by name, so that the picture does not depend on the order they came in.
    case descending
    /// The smallest value first.
    case ascending
  }

  /// One line: what is shown.
  public var title: String
  /// For those who cannot see it.
  public var summary: String
  /// From the top.
  public var bars: [Bar]
  /// What the lengths mean.
  public var axis: Axis
  /// Vertical lines, for example at the mean.
  public var rules: [Plot.Rule] = []
  /// Colours explained: name and hue.
  public var key: [Key] = []

  /// What a colour means.
  public struct Key: Sendable, Hashable {
    /// In words.
    public var name: String
    /// The colour.
    public var hue: Hue

    /// Makes an entry.
    public init(_ name: String, _ hue: Hue) {
      self.name = name
      self.hue = hue
    }
  }

  /// Makes a picture.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - summary: for those who cannot see it.
  ///   - axis: what the lengths mean.
  ///   - bars: values that are not finite go last and have no length.
  ///   - order: in which order they stand.
  public init(_ title: String, summary: String, axis: Axis, _ bars: [Bar], order: Order = .given) {
    self.title = title
    self.summary = summary
    var axis = axis
    axis.startsAtZero = true
    self.axis = axis
    switch order {
    case .given: self.bars = bars
    case .descending: self.bars = bars.sorted { Self.isBefore($0, $1, -1) }
    case .ascending: self.bars = bars.sorted { Self.isBefore($0, $1, 1) }
    }
  }

  private static func isBefore(_ a: Bar, _ b: Bar, _ sign: Double) -> Bool {
    if a.value.isFinite != b.value.isFinite { return a.value.isFinite }
    if a.value.isFinite, a.value != b.value { return sign * a.value < sign * b.value }
    return a.name < b.name
  }

  /// Draws everything but the title.
  ///
  /// - Parameter width: in units of about one pixel, at least 240.
  /// - Returns: the parts, and how high they are.
  public func drawing(width: Double) -> Drawing {
    let legend = Legend(
      key.map { LegendEntry(name: $0.name, hue: $0.hue, marker: .none, stroke: .none, isArea: true) }, width: width)
    let rowHeight = bars.count > 40 ? 18.0 : 22.0
    // On a phone names need half of it.
    let nameWidth =
      min(width * (width < 400 ? 0.5 : 0.38), (bars.map { TextWidth.of($0.name, size: 12) }.max() ?? 0)) + 10
    let textWidth = (bars.map { TextWidth.of($0.text, size: 11) }.max() ?? 0) + 8
    let values = bars.flatMap { [$0.value] + ($0.interval.map { [$0.low, $0.high] } ?? []) } + rules.map(\.value)
    let hasNegative = values.contains { $0 < 0 }
    let left = nameWidth + (hasNegative ? textWidth : 0)
    let inner = max(60, width - left - textWidth)
    let scale = Scale(axis, values, count: max(2, Int(inner / 70)))
    let placed = RuleLabel.placed(rules, from: left, width: inner, scale, limit: width)
    let top = legend.height + (placed.map { 20 + 13 * Double($0.line) }.max() ?? 4)
    let frame = Frame(
      left: left, top: top, width: inner, height: Double(bars.count) * rowHeight, x: scale,
      y: Scale(Axis("", bounds: 0...1, ticks: []), [], count: 1))

    var parts = legend.parts
    for tick in scale.ticks {
      guard let at = frame.horizontal(tick.value) else { continue }
      parts.append(Element("path", ["class": "thin grid", "d": "M\(at.length) \(top.length)V\(frame.bottom.length)"]))
    }
    let zero = axis.kind == .linear ? frame.horizontal(0) ?? left : left
    var texts: [Element] = []
    for (index, bar) in bars.enumerated() {
      let row = row(bar, top: top + Double(index) * rowHeight, height: rowHeight, zero: zero, nameWidth, frame)
      parts += row.bar
      texts += row.texts
    }
    parts.append(Element("path", ["class": "thin axis", "d": "M\(zero.length) \(top.length)V\(frame.bottom.length)"]))
    parts += placed.flatMap { $0.parts(frame) } + texts
    let ticks = frame.horizontalTicks()
    parts += ticks.parts
    let under = frame.label(axis.label + scale.unit, top: frame.bottom + ticks.height, picture: width)
    return Drawing(height: under.bottom, parts: parts + under.parts)
  }

  private func row(
    _ bar: Bar, top: Double, height: Double, zero: Double, _ nameWidth: Double, _ frame: Frame
  ) -> (bar: [Element], texts: [Element]) {
    let middle = top + height / 2
    let name = TextWidth.fit(bar.name, size: 12, in: nameWidth - 10)
    var parts: [Element] = []
    var texts = [
      Shapes.noted(
        Shapes.text(name, nameWidth - 10, middle + 4, "t f-ink e"), name == bar.name ? nil : bar.name)
    ]
    guard let share = frame.x.share(bar.value) else {
      texts.append(Shapes.text(bar.text, zero + 5, middle + 4, "s f-muted halo"))
      return (parts, texts)
    }
    let end = frame.left + min(1, max(0, share)) * frame.width
    let element = Element(
      "rect",
      [
        "class": "f-\(bar.hue.name)", "x": min(zero, end).length, "y": (top + 3).length,
        "width": max(1, abs(end - zero)).length, "height": (height - 6).length, "rx": "2",
      ])
    parts.append(Shapes.noted(element, "\(bar.name): \(bar.text)"))
    var (low, high) = (min(zero, end), max(zero, end))
    if let interval = bar.interval, let a = frame.horizontal(interval.low), let b = frame.horizontal(interval.high) {
      let ends = [a, b].map { "M\($0.length) \((middle - 3).length)v6" }.joined()
      parts.append(
        Element("path", ["class": "rule l-ink", "d": "\(ends)M\(a.length) \(middle.length)H\(b.length)"]))
      (low, high) = (min(low, a), max(high, b))
    }
    texts.append(
      bar.value < 0
        ? Shapes.text(bar.text, low - 5, middle + 4, "s f-ink e halo")
        : Shapes.text(bar.text, high + 5, middle + 4, "s f-ink halo"))
    return (parts, texts)
  }
}
