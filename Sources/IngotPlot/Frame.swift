// SPDX-License-Identifier: Apache-2.0

/// The part of a plot between its axes.
struct Frame {
  let left: Double
  let top: Double
  let width: Double
  let height: Double
  let x: Scale
  let y: Scale

  var right: Double { left + width }
  var bottom: Double { top + height }

  /// Where a point lies; nil where an axis does not have it.
  func place(_ point: Plot.Point) -> (x: Double, y: Double)? {
    guard let x = horizontal(point.x), let y = vertical(point.y) else { return nil }
    return (x, y)
  }

  func horizontal(_ value: Double) -> Double? {
    guard let share = x.share(value), share > -1e-6, share < 1 + 1e-6 else { return nil }
    return left + share * width
  }

  func vertical(_ value: Double) -> Double? {
    guard let share = y.share(value), share > -1e-6, share < 1 + 1e-6 else { return nil }
    return bottom - share * height
  }

  /// The nearest place on the vertical axis.
  func clampedVertical(_ value: Double) -> Double {
    if value.isNaN { return bottom }
    guard let share = y.share(value) else { return value > 0 ? top : bottom }
    return bottom - min(1, max(0, share)) * height
  }

  /// Lines at the ticks of the vertical axis, with their names, and the two axes.
  func grid() -> [Element] {
    var parts: [Element] = []
    for tick in y.ticks {
      guard let at = vertical(tick.value) else { continue }
      parts.append(
        Element("path", ["class": "thin grid", "d": "M\(left.length) \(at.length)H\(right.length)"]))
      parts.append(Shapes.text(tick.name, left - 7, at + 4, "t f-muted e"))
    }
    for tick in x.ticks where x.kind == .logarithmic {
      guard let at = horizontal(tick.value) else { continue }
      parts.append(
        Element("path", ["class": "thin grid", "d": "M\(at.length) \(top.length)V\(bottom.length)"]))
    }
    let zero = y.kind == .linear && y.low < 0 && y.high > 0 ? vertical(0) : nil
    parts.append(
      Element("path", ["class": "thin axis", "d": "M\(left.length) \((zero ?? bottom).length)H\(right.length)"]))
    return parts
  }

  /// Names along the horizontal axis: those that fit, turned where they are long.
  func horizontalTicks() -> (parts: [Element], height: Double) {
    var parts: [Element] = []
    let widest = x.ticks.map { TextWidth.of($0.name, size: 12) }.max() ?? 0
    let places = x.ticks.compactMap { tick in horizontal(tick.value).map { (tick.name, $0) } }
    var room = width
    for (a, b) in zip(places, places.dropFirst()) { room = min(room, b.1 - a.1) }
    let isTurned = widest > room * 1.6 && widest > 30
    var free = -Double.infinity
    for (name, at) in places {
      parts.append(
        Element("path", ["class": "thin axis", "d": "M\(at.length) \(bottom.length)v4"]))
      guard !name.isEmpty else { continue }
      let half = isTurned ? 6 : TextWidth.of(name, size: 12) / 2
      guard at - half >= free else { continue }
      free = at + half + (isTurned ? 1 : 6)
      if isTurned {
        parts.append(
          Element(
            "text",
            [
              "class": "s f-muted e", "x": at.length, "y": (bottom + 10).length,
              "transform": "rotate(-60 \((at + 4).length) \((bottom + 8).length))",
            ], text: TextWidth.fit(name, size: 11, in: 110)))
      } else {
        // Names at the ends stay inside the picture.
        let shift = min(0, right + 14 - (at + half)) - min(0, at - half)
        parts.append(Shapes.text(name, at + shift, bottom + 17, "t f-muted m"))
      }
    }
    return (parts, isTurned ? min(110, widest * 11 / 12) * 0.87 + 12 : 20)
  }

  /// The label of the horizontal axis: centred under it, in as many lines as it needs, inside the picture.
  ///
  /// - Parameters:
  ///   - text: the label.
  ///   - top: where the names of ticks end.
  ///   - picture: how wide the picture is.
  /// - Returns: the lines, and where they end.
  func label(_ text: String, top: Double, picture: Double) -> (parts: [Element], bottom: Double) {
    let lines = TextWidth.wrapped(text, size: 12, width: picture)
    let parts = lines.enumerated().map { index, line in
      let half = TextWidth.of(line, size: 12) / 2
      let middle = max(half, min(picture - half, left + width / 2))
      return Shapes.text(line, middle, top + 18 + Double(index) * 16, "t f-muted m")
    }
    return (parts, top + 10 + Double(lines.count) * 16)
  }

  /// A bar of a histogram.
  func bar(_ bin: Plot.Bin) -> [Element] {
    guard let from = x.share(bin.low), let to = x.share(bin.high), bin.count > 0, to > 0, from < 1 else { return [] }
    let (a, b) = (left + max(0, from) * width, left + min(1, to) * width)
    let at = clampedVertical(bin.count)
    let gap = b - a > 4 ? 1.0 : 0
    let bar = Element(
      "rect",
      [
        "class": "f-\(bin.hue.name)", "x": a.length, "y": at.length, "width": max(0.5, b - a - gap).length,
        "height": max(0.5, bottom - at).length,
      ])
    return [
      Shapes.noted(
        bar,
        "\(Numerals.significant(bin.low)) to \(Numerals.significant(bin.high)): \(Numerals.significant(bin.count, 6))")
    ]
  }

  /// The area of a series' intervals.
  func band(_ series: Plot.Series) -> [Element] {
    let points = series.points.compactMap { point -> (x: Double, low: Double, high: Double)? in
      guard let interval = point.interval, let at = horizontal(point.x) else { return nil }
      return (at, clampedVertical(interval.low), clampedVertical(interval.high))
    }
    guard points.count > 1 else { return [] }
    let outline = points.map { (x: $0.x, y: $0.high) } + points.reversed().map { (x: $0.x, y: $0.low) }
    return [Element("path", ["class": "band f-\(series.hue.name)", "d": Shapes.path(outline) + "Z"])]
  }

  /// Lines across the picture, with their labels at the end, apart from each other.
  func rules(_ rules: [Plot.Rule], _ placer: inout LabelPlacer) -> (lines: [Element], labels: [Element]) {
    var lines: [Element] = []
    var labels: [Element] = []
    for rule in rules {
      switch rule.across {
      case .x:
        guard let at = horizontal(rule.value) else { continue }
        lines.append(Shapes.line(at, top, at, bottom, rule.hue, rule.stroke, kind: "rule"))
        if let place = placer.place(rule.label, beside: at, top + 8) {
          labels.append(Shapes.text(rule.label, place.x, place.y, "s halo f-\(rule.hue.name)"))
        }
      case .y:
        guard let at = vertical(rule.value) else { continue }
        lines.append(Shapes.line(left, at, right, at, rule.hue, rule.stroke, kind: "rule"))
        let wide = TextWidth.of(rule.label, size: 11)
        let y = at - top > 16 ? at - 5 : at + 13
        labels.append(Shapes.text(rule.label, right - 4, y, "s e halo f-\(rule.hue.name)"))
        placer.take((right - wide - 4, y - 10, right, y + 3))
      case .diagonal:
        let low = max(x.low, y.low - rule.value)
        let high = min(x.high, y.high - rule.value)
        guard high > low, let x1 = horizontal(low), let y1 = vertical(low + rule.value), let x2 = horizontal(high),
          let y2 = vertical(high + rule.value)
        else { continue }
        lines.append(Shapes.line(x1, y1, x2, y2, rule.hue, rule.stroke, kind: "rule"))
      }
    }
    return (lines, labels)
  }

  /// Many points as one path of dots.
  func cloud(_ cloud: Plot.Cloud) -> Element {
    let dots = cloud.points.compactMap { place($0).map { "M\($0.x.length) \($0.y.length)h0" } }.joined()
    let size = cloud.points.count > 2000 ? 2.5 : cloud.points.count > 300 ? 3.5 : 5
    return Element(
      "path", ["class": "cloud l-\(cloud.hue.name)", "stroke-width": size.length, "d": dots.isEmpty ? "M0 0" : dots])
  }

  /// The line of a series.
  func line(_ series: Plot.Series) -> [Element] {
    guard series.stroke != .none, series.points.count > 1 else { return [] }
    let path = Shapes.path(series.points.map(place), steps: series.stroke == .steps)
    guard !path.isEmpty else { return [] }
    return [Shapes.styled(Element("path", ["class": "join l-\(series.hue.name)", "d": path]), series.stroke)]
  }

  /// The points of a series, with whiskers where there are intervals.
  func markers(_ series: Plot.Series, _ placer: inout LabelPlacer) -> [Element] {
    var parts: [Element] = []
    for point in series.points {
      guard let at = horizontal(point.x) else { continue }
      if series.spread == .whiskers, let interval = point.interval {
        let (low, high) = (clampedVertical(interval.low), clampedVertical(interval.high))
        parts.append(
          Element(
            "path",
            [
              "class": "rule l-\(series.hue.name)",
              "d":
                "M\((at - 3).length) \(low.length)h6M\(at.length) \(low.length)V\(high.length)M\((at - 3).length) \(high.length)h6",
            ]))
      }
      guard series.marker != .none, !point.y.isNaN else { continue }
      let place = vertical(point.y)
      // What a logarithmic axis has no place for lies at its low edge, hollow.
      guard place != nil || (y.kind == .logarithmic && point.y <= 0) else { continue }
      let up = place ?? bottom
      if let marker = Shapes.marker(place == nil ? .ring : series.marker, at, up, series.hue) {
        parts.append(Shapes.noted(marker, point.note))
        placer.take((at - 5, up - 5, at + 5, up + 5))
      }
    }
    return parts
  }

  /// Texts beside points, where there is room.
  func labels(_ series: Plot.Series, _ placer: inout LabelPlacer) -> [Element] {
    series.points.compactMap { point in
      guard let label = point.label, let at = place(point), let place = placer.place(label, beside: at.x, at.y) else {
        return nil
      }
      return Shapes.text(label, place.x, place.y, "s halo f-ink")
    }
  }
}
