// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The shapes pictures are made of.
enum Shapes {
  /// A straight line in a colour.
  static func line(
    _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, _ hue: Hue, _ stroke: Stroke, kind: String = "join"
  ) -> Element {
    styled(
      Element("path", ["class": "\(kind) l-\(hue.name)", "d": "M\(x1.length) \(y1.length)L\(x2.length) \(y2.length)"]),
      stroke)
  }

  /// An element with the dash pattern of a stroke.
  static func styled(_ element: Element, _ stroke: Stroke) -> Element {
    switch stroke {
    case .none, .solid, .steps: element
    case .dashed: element.with("stroke-dasharray", "6 4")
    case .dotted: element.with("stroke-dasharray", "1 4")
    }
  }

  /// A marker around a point; nil for none.
  static func marker(_ marker: Marker, _ x: Double, _ y: Double, _ hue: Hue) -> Element? {
    switch marker {
    case .none: return nil
    case .ring:
      return Element(
        "circle", ["class": "ring rule l-\(hue.name)", "cx": x.length, "cy": y.length, "r": "4"])
    case .star: return polygon(star(x, y, outer: 9, inner: 3.7), hue)
    case .series(let index):
      switch ((index % 6) + 6) % 6 {
      case 0:
        return Element("circle", ["class": "mark f-\(hue.name)", "cx": x.length, "cy": y.length, "r": "4.5"])
      case 1: return polygon([(x - 4, y - 4), (x + 4, y - 4), (x + 4, y + 4), (x - 4, y + 4)], hue)
      case 2: return polygon([(x, y - 5.5), (x + 5, y + 4), (x - 5, y + 4)], hue)
      case 3: return polygon([(x, y - 6), (x + 5.5, y), (x, y + 6), (x - 5.5, y)], hue)
      case 4: return polygon([(x - 5, y - 4), (x + 5, y - 4), (x, y + 5.5)], hue)
      default:
        let (a, b) = (1.7, 5.0)
        return polygon(
          [
            (x - a, y - b), (x + a, y - b), (x + a, y - a), (x + b, y - a), (x + b, y + a), (x + a, y + a),
            (x + a, y + b),
            (x - a, y + b), (x - a, y + a), (x - b, y + a), (x - b, y - a), (x - a, y - a),
          ], hue)
      }
    }
  }

  /// A path through points; a gap where there is none.
  static func path(_ points: [(x: Double, y: Double)?], steps: Bool = false) -> String {
    var result = ""
    var previous: (x: Double, y: Double)?
    for point in points {
      if let point {
        if let previous {
          if steps { result += "L\(point.x.length) \(previous.y.length)" }
          result += "L\(point.x.length) \(point.y.length)"
        } else {
          result += "M\(point.x.length) \(point.y.length)"
        }
      }
      previous = point
    }
    return result
  }

  /// A text.
  static func text(_ text: String, _ x: Double, _ y: Double, _ classes: String) -> Element {
    Element("text", ["class": classes, "x": x.length, "y": y.length], text: text)
  }

  /// An element with a text that appears when it is pointed at.
  static func noted(_ element: Element, _ note: String?) -> Element {
    guard let note else { return element }
    var element = element
    element.append(Element("title", text: note))
    return element
  }

  private static func polygon(_ points: [(Double, Double)], _ hue: Hue) -> Element {
    Element(
      "path", ["class": "mark f-\(hue.name)", "d": path(points.map { (x: $0.0, y: $0.1) }) + "Z"])
  }

  private static func star(_ x: Double, _ y: Double, outer: Double, inner: Double) -> [(Double, Double)] {
    (0..<10).map { index in
      let angle = Double(index) * .pi / 5
      let radius = index.isMultiple(of: 2) ? outer : inner
      return (x + radius * sin(angle), y - radius * cos(angle))
    }
  }
}
