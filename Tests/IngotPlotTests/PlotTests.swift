// SPDX-License-Identifier: Apache-2.0

import Foundation
import FoundationXML
import IngotPlot
import IngotTestSupport
import Testing

/// What an independent reader (libxml2) finds in a text.
final class Reading: NSObject, XMLParserDelegate {
  var elements: [(name: String, attributes: [String: String])] = []
  var text = ""
  var isWellFormed = false

  static func of(_ markup: String) -> Reading {
    let reading = Reading()
    let parser = XMLParser(data: Data(markup.utf8))
    parser.delegate = reading
    reading.isWellFormed = parser.parse()
    return reading
  }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) { elements.append((name, attributes)) }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text += string }

  func attributes(_ attribute: String, of name: String) -> [String] {
    elements.filter { $0.name == name }.compactMap { $0.attributes[attribute] }
  }
}

@Suite struct PlotTests {
  static let hostile = "</text><script>alert(\"&\")</script>\u{0}\u{202E}\u{FFFE}"

  static func charts(named name: String) -> [any Chart] {
    var plot = Plot(name, summary: name, x: Axis(name), y: Axis(name, kind: .logarithmic))
    plot.series = [
      Plot.Series(
        name,
        [
          Plot.Point(0, 1e-3, interval: Plot.Interval(1e-4, 1e-2), label: name, note: name), Plot.Point(1, 0),
          Plot.Point(2, .nan),
          Plot.Point(3, 1e-1, label: name),
        ], hue: .series(7))
    ]
    plot.rules = [Plot.Rule(.y, at: 0.05, name), Plot.Rule(.x, at: 2, name)]
    var bars = BarChart(
      name, summary: name, axis: Axis(name),
      [BarChart.Bar(name, 1), BarChart.Bar("minus", -3, interval: Plot.Interval(-4, -2)), BarChart.Bar("none", .nan)],
      order: .descending)
    bars.key = [BarChart.Key(name, .pass)]
    let heat = HeatMap(
      name, summary: name, rows: [name, "b"], columns: ["a", name], [[1, nil], [-2, .infinity]], colours: .diverging,
      label: name,
      rowLabel: name, columnLabel: name)
    let front = Plot.pareto(
      name, summary: name, x: Axis(name, format: .bytes), y: Axis(name),
      groups: [(name, [Plot.Candidate(x: 1e6, y: 2, name: name, isNamed: true)])],
      chosen: Plot.Candidate(x: 1e6, y: 2, name: name))
    return [
      plot, bars, heat, front, Plot.differences(name, summary: name, [0, 1, -2, .nan], limit: 1, label: name),
      Plot.differences(name, summary: name, [0, 1e-6, -2e-5], limit: 1, label: name),
    ]
  }

  @Test(arguments: [360.0, 720])
  func `any text stays text, and equal charts give equal bytes`(_ width: Double) {
    for (chart, again) in zip(Self.charts(named: Self.hostile), Self.charts(named: Self.hostile)) {
      let file = chart.file(width: width)
      #expect(file == again.file(width: width))
      let reading = Reading.of(file)
      #expect(reading.isWellFormed)
      #expect(!reading.elements.contains { $0.name == "script" })
      #expect(reading.text.contains("alert("))
      #expect(!file.unicodeScalars.contains { $0.value == 0x202E || $0.value == 0 })
      #expect(file.contains("<title>"))
      #expect(file.contains("<desc>"))
      #expect(!file.contains("nan") && !file.contains("inf"))
    }
    // The control: this reader does refuse what is not well formed.
    #expect(!Reading.of("<svg><text>&</text></svg>").isWellFormed)
  }

  @Test func `nothing lies outside the picture`() {
    for chart in Self.charts(named: "a name of some length") {
      let reading = Reading.of(chart.file(width: 400))
      for rectangle in reading.elements where rectangle.name == "rect" {
        let x = rectangle.attributes["x"].flatMap(Double.init) ?? 0
        let width = rectangle.attributes["width"].flatMap(Double.init) ?? .nan
        #expect(x >= 0 && x + width <= 401, "\(chart.title): \(x) + \(width)")
      }
      for x in reading.attributes("x", of: "text").compactMap(Double.init) { #expect(x >= 0 && x <= 400) }
    }
  }

  /// The names of ticks along the vertical axis of a plot of two values.
  private func ticks(_ low: Double, _ high: Double, _ axis: Axis) -> [String] {
    var plot = Plot("", summary: "", x: Axis("", bounds: 0...1, ticks: []), y: axis)
    plot.series = [Plot.Series(nil, [Plot.Point(0, low), Plot.Point(1, high)], hue: .ink, marker: Marker.none)]
    return plot.drawing(width: 400).parts.filter { $0.name == "text" }.flatMap(\.children).map {
      if case .text(let text) = $0 { text } else { "" }
    }
  }

  @Test func `ticks are nice numbers, written as people write them`() {
    #expect(ticks(0.1, 0.31, Axis("")) == ["0.10", "0.15", "0.20", "0.25", "0.30", "0.35"])
    #expect(ticks(-37.1, 28.9, Axis("")) == ["−40", "−20", "0", "20", "40"])
    #expect(ticks(0, 0, Axis("")) == ["−1.0", "−0.5", "0.0", "0.5", "1.0"])
    #expect(ticks(0.985, 1, Axis("share", format: .percent)) == ["share (%)", "98.5", "99.0", "99.5", "100.0"])
    #expect(ticks(-3e-6, 5e-6, Axis("Δ")) == ["Δ (×10⁻⁶)", "−4", "−2", "0", "2", "4", "6"])
    #expect(ticks(61e6, 179e6, Axis("size", format: .bytes)) == ["size (MB)", "50", "100", "150", "200"])
    #expect(
      ticks(3e-7, 2e-2, Axis("", kind: .logarithmic)) == ["10⁻⁷", "10⁻⁵", "10⁻³", "10⁻¹"])
    #expect(ticks(0.9, 184, Axis("", kind: .logarithmic)) == ["0.1", "1", "10", "100", "1000"])
    #expect(ticks(0.002, 0.012, Axis("", kind: .logarithmic)) == ["0.002", "0.005", "0.01", "0.02"])
  }

  @Test func `the front holds exactly what nothing beats`() {
    var generator = SeededGenerator(seed: 1)
    let candidates = (0..<200).map { _ in
      // Few different values: there are ties.
      Plot.Candidate(
        x: Double(Int.random(in: 0..<30, using: &generator)), y: Double(Int.random(in: 0..<30, using: &generator)),
        name: "")
    }
    let front = Plot.front(
      of: candidates + [Plot.Candidate(x: .nan, y: -1, name: ""), Plot.Candidate(x: 0, y: .infinity, name: "")])
    let places = Set(front.map { [candidates[$0].x, candidates[$0].y] })
    for candidate in candidates {
      let isBeaten = candidates.contains {
        ($0.x < candidate.x && $0.y <= candidate.y) || ($0.x <= candidate.x && $0.y < candidate.y)
      }
      #expect(places.contains([candidate.x, candidate.y]) != isBeaten)
    }
    #expect(front.count == places.count)
  }

  @Test func `every value is in one bar, and what is not allowed is in another colour`() {
    let values = (0..<1000).map { Double($0) * 0.01 - 5 }
    let plot = Plot.differences("", summary: "", values, limit: 4, label: "")
    #expect(plot.bins.reduce(0) { $0 + $1.count } == 1000)
    #expect(plot.bins.allSatisfy { ($0.hue == .fail) == ($0.low >= 4 || $0.high <= -4) })
    #expect(plot.bins.contains { $0.low >= 4 } && plot.bins.contains { $0.high <= -4 })
    #expect(plot.rules.map(\.value) == [-4, 4])
    let small = Plot.differences("", summary: "", values.map { $0 * 1e-4 }, limit: 4, label: "")
    #expect(small.x.kind == .logarithmic)
    #expect(small.bins.reduce(0) { $0 + $1.count } == 1000)
    #expect(small.rules.map(\.value) == [4])
    #expect(
      Plot.differences("", summary: "", [.greatestFiniteMagnitude, 1], limit: 1, label: "").bins.reduce(0) {
        $0 + $1.count
      } == 2)
    // Outside on both sides, and at the very end.
    #expect(Plot.bins([-1e300, -1, 0, 1, 1e300], from: -1, to: 1, count: 2).map(\.count) == [2, 3])
  }
}
