// SPDX-License-Identifier: Apache-2.0

extension HTMLPage {
  /// Widths that pictures are drawn for, in CSS pixels: half a desk, a whole one, and a phone.
  private static let half = 560.0
  private static let whole = 1120.0
  private static let phone = 358.0

  /// The page: equal pages give equal bytes.
  public var markup: String {
    var head = Element(
      "head", [:],
      [
        Element("meta", ["charset": "utf-8"]),
        // Nothing may be fetched: what the page shows, it holds.
        Element(
          "meta",
          [
            "http-equiv": "Content-Security-Policy",
            "content": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
          ]),
        Element("meta", ["name": "viewport", "content": "width=device-width, initial-scale=1"]),
        Element("meta", ["name": "color-scheme", "content": "light dark"]),
        Element("title", text: "\(word): \(title)"),
      ])
    var style = Element("style")
    style.children = [.style("\n" + StyleSheet.variables + StyleSheet.chart + StyleSheet.page)]
    head.append(style)

    var main = Element("main")
    main.append(Element("p", ["class": "kind"], text: kind))
    main.append(Element("h1", text: title))
    main.append(verdictBox)
    if !findings.isEmpty {
      main.append(Element("ul", ["class": "findings"], findings.map { Element("li", text: $0) }))
    }
    if !tiles.isEmpty { main.append(Element("div", ["class": "tiles"], tiles.map(Self.tile))) }
    for section in sections where !section.blocks.isEmpty {
      main.append(
        Element("section", [:], [Element("h2", text: section.heading)] + section.blocks.map(Self.element)))
    }
    main.append(Element("footer", text: footer))
    return "<!DOCTYPE html>\n" + Element("html", ["lang": "en"], [head, Element("body", [:], [main])]).markup + "\n"
  }

  private var verdictBox: Element {
    let (name, sign) =
      switch verdict {
      case .passed: ("pass", "✓")
      case .failed: ("fail", "✗")
      case .none: ("muted", "•")
      }
    return Element(
      "div", ["class": "verdict \(name)", "role": "status"],
      [
        Element("span", ["class": "sign", "aria-hidden": "true"], text: sign),
        Element(
          "div", [:], [Element("span", ["class": "word"], text: word), Element("p", text: sentence)]),
      ])
  }

  private static func tile(_ tile: Tile) -> Element {
    var element = Element(
      "div", ["class": tile.isFailure ? "tile fail" : "tile"],
      [Element("p", ["class": "name"], text: tile.name), Element("p", ["class": "value"], text: tile.value)])
    if !tile.note.isEmpty { element.append(Element("p", ["class": "note"], text: tile.note)) }
    return element
  }

  private static func element(_ block: Block) -> Element {
    switch block {
    case .text(let text): Element("p", text: text)
    case .facts(let facts):
      Element(
        "table", ["class": "facts"],
        [
          Element(
            "tbody", [:],
            facts.map { Element("tr", [:], [Element("th", ["scope": "row"], text: $0.name), cell($0.value, nil)]) })
        ])
    case .table(let heads, let rows): table(heads, rows)
    case .charts(let charts): figures(charts, width: half, "figures")
    case .wideCharts(let charts): figures(charts, width: whole, "figures one")
    case .probes(let probes): Element("div", ["class": "probes"], probes.map(probe))
    case .details(let summary, let blocks):
      Element("details", [:], [Element("summary", text: summary)] + blocks.map(element))
    }
  }

  private static func figures(_ charts: [any Chart], width: Double, _ name: String) -> Element {
    Element(
      "div", ["class": name],
      charts.map { chart in
        var caption = Element("figcaption", text: chart.title)
        caption.append(Element("span", ["class": "say"], text: chart.summary))
        return Element(
          "figure", [:],
          [
            caption, Element("div", ["class": "wide"], [chart.inline(width: width)]),
            Element("div", ["class": "narrow"], [chart.inline(width: phone)]),
          ])
      })
  }

  /// A table that turns into one block a row on a phone.
  private static func table(_ heads: [String], _ rows: [[Cell]]) -> Element {
    let isNumber = heads.indices.map { index in rows.contains { index < $0.count && $0[index].kind == .number } }
    let head = Element(
      "thead", [:],
      [
        Element(
          "tr", [:],
          heads.enumerated().map { index, head in
            Element("th", isNumber[index] ? ["scope": "col", "class": "n"] : ["scope": "col"], text: head)
          })
      ])
    let body = rows.map { row in
      Element(
        "tr", [:],
        row.enumerated().map { index, value in
          index == 0
            ? Element("th", ["scope": "row"], text: value.text) : cell(value, index < heads.count ? heads[index] : nil)
        })
    }
    return Element("table", ["class": "stack"], [head, Element("tbody", [:], body)])
  }

  private static func cell(_ cell: Cell, _ head: String?) -> Element {
    let name =
      switch cell.kind {
      case .text: ""
      case .number: "n"
      case .code: "mono"
      case .pass: "pass"
      case .fail: "fail"
      }
    var element = Element("td", text: cell.text)
    if !name.isEmpty { element = element.with("class", name) }
    if let head { element = element.with("data-name", head) }
    return element
  }

  private static func probe(_ probe: Probe) -> Element {
    var figure = Element("figure")
    if let picture = probe.picture {
      figure.append(
        Element(
          "img",
          [
            "src": picture.address, "alt": probe.name, "width": String(picture.width), "height": String(picture.height),
            "class": max(picture.width, picture.height) < 80 ? "pixels" : "smooth",
          ]))
    }
    figure.append(Element("p", [:], [Element("b", text: probe.name)]))
    figure.append(probe.lines.map { Element("p", text: $0) })
    return figure
  }
}
