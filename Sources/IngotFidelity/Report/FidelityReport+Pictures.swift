// SPDX-License-Identifier: Apache-2.0

import IngotPlot

extension FidelityReport {
  /// The errors of blocks run alone, as a profile and as a table.
  var blockPictures: [HTMLPage.Block] {
    guard !blocks.isEmpty else { return [] }
    let names = blocks.map { Self.shortName($0.name) }
    var profile = Plot(
      "Error of each block, run alone on the reference's input",
      summary:
        "Length of the difference over the length of the reference's output. A block above the dashed line is out of tolerance; zero is a ring at the lower edge.",
      x: .names("", names), y: Axis("relative error", kind: .logarithmic))
    profile.aspect = 0.32
    let measured = blocks.enumerated().map { index, block in
      Plot.Point(
        Double(index), block.error,
        note: "\(block.name): \(Numerals.significant(block.error)), allowed \(Numerals.significant(block.bound))")
    }
    let failed = zip(blocks, measured).filter { !$0.0.passed }.map(\.1)
    profile.series = [
      Plot.Series("measured", measured, hue: .series(0)),
      Plot.Series(
        "allowed", blocks.enumerated().map { Plot.Point(Double($0.offset), $0.element.bound) }, hue: .fail,
        marker: Marker.none,
        stroke: .dashed),
    ]
    if !failed.isEmpty {
      profile.series.append(Plot.Series("out of tolerance", failed, hue: .fail, marker: .series(3), stroke: .none))
    }
    let rows = blocks.map { block in
      [
        HTMLPage.Cell(block.name), .number(Numerals.significant(block.error)),
        .number(Numerals.significant(block.bound)),
        .number(Numerals.percent(block.worstChannel, 1)),
        block.passed ? HTMLPage.Cell("✓ within", .pass) : HTMLPage.Cell("✗ out", .fail),
      ]
    }
    return [
      .wideCharts([profile]),
      .details(
        "Every block in numbers",
        [
          .table(["block", "relative error", "allowed", "worst channel, share of its bound", "verdict"], rows)
        ]),
    ]
  }

  /// Logits against the reference's, and how often differences of each size occur.
  func logitPictures(_ evidence: FidelityEvidence) -> [HTMLPage.Block] {
    guard let logits = evidence.logits, !logits.found.isEmpty else { return [] }
    let pairs = zip(logits.expected, logits.found)
    // A picture of more dots than these looks the same.
    let most = 4096
    let step = max(1, (logits.found.count + most - 1) / most)
    let shown = pairs.enumerated().filter { $0.offset.isMultiple(of: step) }.map {
      Plot.Point(Double($0.element.0), Double($0.element.1))
    }
    let count = shown.count == logits.found.count ? "" : " of \(Numerals.grouped(logits.found.count))"
    var scatter = Plot(
      "Logits against the reference's", summary: "A logit on the diagonal is what the reference computed.",
      x: Axis("reference"), y: Axis("this model"))
    scatter.aspect = 0.75
    scatter.clouds = [Plot.Cloud("\(Numerals.grouped(shown.count))\(count) logits", shown, hue: .series(0))]
    scatter.rules = [Plot.Rule(.diagonal, at: 0, "equal")]
    var histogram = Plot.differences(
      "Differences of logits",
      summary: "This model's logit minus the reference's; beyond the red line a difference is not allowed.",
      pairs.map { Double($0.1) - Double($0.0) }, limit: tolerance.logitsMaxAbs, label: "difference of a logit")
    histogram.aspect = 0.75
    return [.charts([scatter, histogram])]
  }

  /// `vision.hidden.3` as `vision 3`.
  static func shortName(_ name: String) -> String {
    name.split(separator: ".").filter { $0 != "hidden" }.joined(separator: " ").split(separator: "_").joined(
      separator: " ")
  }
}
