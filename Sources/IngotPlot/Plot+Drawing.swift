// SPDX-License-Identifier: Apache-2.0

extension Plot {
  /// Draws everything but the title.
  ///
  /// - Parameter width: in units of about one pixel, at least 240.
  /// - Returns: the parts, and how high they are.
  public func drawing(width: Double) -> Drawing {
    let legend = Legend(legend, width: width)
    let top = legend.height + (y.label.isEmpty ? 8 : 26)
    let vertical = Scale(y, verticalValues, count: max(3, Int(max(170, width * aspect) / 44)))
    let left = (vertical.ticks.map { TextWidth.of($0.name, size: 12) }.max() ?? 0) + 10
    let right = 14.0
    let inner = max(60, width - left - right)
    let horizontal = Scale(x, horizontalValues, count: max(2, Int(inner / 62)))
    let height = max(170, inner * aspect).rounded()
    let frame = Frame(left: left, top: top, width: inner, height: height, x: horizontal, y: vertical)

    var parts = legend.parts
    if !y.label.isEmpty { parts.append(Shapes.text(y.label + vertical.unit, 0, legend.height + 10, "t f-muted")) }
    parts += frame.grid()
    let ticks = frame.horizontalTicks()
    parts += ticks.parts
    let under = frame.label(
      x.label.isEmpty ? "" : x.label + horizontal.unit, top: top + height + ticks.height, picture: width)
    parts += under.parts
    var labels = LabelPlacer(bounds: (left, top - 10, width, top + height))
    parts += bins.flatMap { frame.bar($0) }
    for series in series where series.spread == .band { parts += frame.band(series) }
    let rules = frame.rules(rules, &labels)
    parts += rules.lines
    parts += clouds.map { frame.cloud($0) }
    for series in series { parts += frame.line(series) }
    for series in series { parts += frame.markers(series, &labels) }
    for series in series { parts += frame.labels(series, &labels) }
    parts += rules.labels
    return Drawing(height: under.bottom, parts: parts)
  }
}

/// Where labels are already, so that none lies on another.
struct LabelPlacer {
  typealias Box = (left: Double, top: Double, right: Double, bottom: Double)
  let bounds: Box
  private var taken: [Box] = []

  init(bounds: Box) { self.bounds = bounds }

  /// Keeps a place free.
  mutating func take(_ box: Box) { taken.append(box) }

  /// Finds room beside a point.
  ///
  /// - Returns: where the text's baseline begins; nil when there is none.
  mutating func place(_ text: String, beside x: Double, _ y: Double) -> (x: Double, y: Double)? {
    let wide = TextWidth.of(text, size: 11)
    let places = [
      (x + 9, y + 4), (x - 9 - wide, y + 4), (x - wide / 2, y - 9), (x - wide / 2, y + 18), (x + 7, y - 8),
      (x - 7 - wide, y - 8),
      (x + 7, y + 16), (x - 7 - wide, y + 16),
    ]
    for place in places {
      let box: Box = (place.0 - 2, place.1 - 10, place.0 + wide + 2, place.1 + 3)
      let isInside =
        box.left >= bounds.left && box.right <= bounds.right && box.top >= bounds.top && box.bottom <= bounds.bottom
      let isFree = taken.allSatisfy {
        box.right <= $0.left || box.left >= $0.right || box.bottom <= $0.top || box.top >= $0.bottom
      }
      if isInside && isFree {
        taken.append(box)
        return (place.0, place.1)
      }
    }
    return nil
  }
}
