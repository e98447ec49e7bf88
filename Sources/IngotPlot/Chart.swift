// SPDX-License-Identifier: Apache-2.0

/// A picture that is drawn for a width.
///
/// It is a value; equal values give equal bytes. Text stays text, so that it can be read aloud, searched and copied.
public protocol Chart: Sendable {
  /// One line: what is shown.
  var title: String { get }
  /// One or two sentences for those who cannot see it, and for those who want to know how to read it.
  var summary: String { get }

  /// Draws everything but the title.
  ///
  /// - Parameter width: in units of about one pixel, at least 240.
  /// - Returns: the parts, from (0, 0) downwards, and how high they are.
  func drawing(width: Double) -> Drawing
}

/// The parts of a picture.
public struct Drawing: Sendable, Hashable {
  /// In units of about one pixel.
  public var height: Double
  /// In the order in which they are painted.
  public var parts: [Element]

  /// Makes a drawing.
  public init(height: Double, parts: [Element]) {
    self.height = height
    self.parts = parts
  }
}

extension Chart {
  /// The picture for a page, which has the style sheet and shows the title as the caption.
  ///
  /// - Parameter width: in units of about one pixel, at least 240.
  /// - Returns: an `svg` element.
  public func inline(width: Double) -> Element {
    let drawing = drawing(width: width)
    return Self.picture(title, summary, width, drawing.height, drawing.parts)
  }

  /// The picture as a file of its own, with its title and its style sheet, light or dark as the reader's screen is.
  ///
  /// - Parameter width: in units of about one pixel, at least 240.
  /// - Returns: the text of an `.svg` file.
  public func file(width: Double = 720) -> String {
    let drawing = drawing(width: width - 2 * margin)
    let lines = TextWidth.wrapped(title, size: 15, isBold: true, width: width - 2 * margin)
    let top = margin + Double(lines.count) * 20 + 8
    let height = top + drawing.height + margin
    var parts = [
      Element("style", [:]), Element("rect", ["class": "paper", "width": width.length, "height": height.length]),
    ]
    parts[0].children = [.style(StyleSheet.variables + StyleSheet.chart)]
    for (index, line) in lines.enumerated() {
      let y = margin + 15 + Double(index) * 20
      parts.append(Element("text", ["class": "h f-ink", "x": margin.length, "y": y.length], text: line))
    }
    parts.append(Element("g", ["transform": "translate(\(margin.length) \(top.length))"], drawing.parts))
    return "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
      + Self.picture(title, summary, width, height, parts)
      .with("width", width.length).with("height", height.length).markup + "\n"
  }

  /// Empty room around a picture in a file of its own.
  private var margin: Double { 16 }

  private static func picture(
    _ title: String, _ summary: String, _ width: Double, _ height: Double, _ parts: [Element]
  ) -> Element {
    var svg = Element(
      "svg",
      [
        "xmlns": "http://www.w3.org/2000/svg", "class": "chart", "role": "img",
        "viewBox": "0 0 \(width.length) \(height.length)",
      ])
    svg.append(Element("title", text: title))
    svg.append(Element("desc", text: summary))
    svg.append(parts)
    return svg
  }
}

/// An entry of a legend.
struct LegendEntry {
  let name: String
  let hue: Hue
  let marker: Marker
  let stroke: Stroke
  /// Whether it is an area.
  var isArea = false
}

/// A legend laid out in rows above a picture.
struct Legend {
  let height: Double
  let parts: [Element]

  /// Lays out a legend.
  ///
  /// - Parameters:
  ///   - entries: in order.
  ///   - width: of the picture.
  init(_ entries: [LegendEntry], width: Double) {
    guard !entries.isEmpty else {
      (height, parts) = (0, [])
      return
    }
    var parts: [Element] = []
    var x = 0.0
    var y = 8.0
    for entry in entries {
      let name = TextWidth.fit(entry.name, size: 12, in: width - 30)
      let wide = 30 + TextWidth.of(name, size: 12)
      if x > 0, x + wide > width { (x, y) = (0, y + 20) }
      if entry.isArea {
        parts.append(
          Element(
            "rect",
            ["class": "f-\(entry.hue.name)", "x": (x + 4).length, "y": (y - 5).length, "width": "16", "height": "10"]))
      } else {
        if entry.stroke != .none { parts.append(Shapes.line(x, y, x + 24, y, entry.hue, entry.stroke)) }
        if let marker = Shapes.marker(entry.marker, x + 12, y, entry.hue) { parts.append(marker) }
      }
      parts.append(Element("text", ["class": "t f-ink", "x": (x + 30).length, "y": (y + 4).length], text: name))
      x += wide + 18
    }
    height = y + 16
    self.parts = parts
  }
}
