// SPDX-License-Identifier: Apache-2.0

import IngotPlot
import Testing

@Suite struct HTMLPageTests {
  private func page(_ text: String) -> HTMLPage {
    var page = HTMLPage(
      kind: text, title: text, verdict: .failed, word: "FAIL", sentence: text, footer: text)
    page.findings = [text]
    page.tiles = [HTMLPage.Tile(text, text, note: text, isFailure: true)]
    let picture = PixelPicture(width: 2, height: 1, rgb: [255, 0, 0, 0, 0, 255])
    page.sections = [
      HTMLPage.Section(
        text,
        [
          .text(text), .facts([(text, HTMLPage.Cell(text, .code))]),
          .table([text, text], [[HTMLPage.Cell(text), .number(text)]]), .charts(PlotTests.charts(named: text)),
          .probes([HTMLPage.Probe(picture: picture, name: text, lines: [text])]), .details(text, [.text(text)]),
        ]), HTMLPage.Section("without anything", []),
    ]
    return page
  }

  @Test func `a page is well formed, its verdict comes first, and it needs nothing else`() {
    let markup = page(PlotTests.hostile).markup
    #expect(markup == page(PlotTests.hostile).markup)
    let reading = Reading.of(markup)
    #expect(reading.isWellFormed)
    #expect(!reading.elements.contains { ["script", "link", "iframe", "object", "use"].contains($0.name) })
    #expect(reading.attributes("src", of: "img").allSatisfy { $0.hasPrefix("data:image/png;base64,") })
    #expect(reading.attributes("href", of: "a").isEmpty)
    #expect(
      !markup.contains("http:")
        || markup.ranges(of: "http:").count == markup.ranges(of: "xmlns=\"http://www.w3.org/2000/svg\"").count)
    #expect(!markup.contains("url(") && !markup.contains("@import"))
    let verdict = markup.firstRange(of: "class=\"verdict fail\"")
    let section = markup.firstRange(of: "<section")
    #expect(verdict != nil && section != nil)
    if let verdict, let section { #expect(verdict.lowerBound < section.lowerBound) }
    #expect(!markup.contains("without anything"))
  }

  @Test func `each verdict has its sign beside its colour`() {
    var page = HTMLPage(kind: "", title: "", verdict: .passed, word: "PASS", sentence: "", footer: "")
    #expect(page.markup.contains("✓"))
    page.verdict = .failed
    #expect(page.markup.contains("✗") && !page.markup.contains("✓"))
    page.verdict = .none
    #expect(!page.markup.contains("✗") && !page.markup.contains("✓"))
  }
}
