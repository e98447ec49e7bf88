// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
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
    let bounds = blocks.enumerated().map { Plot.Point(Double($0.offset), $0.element.bound) }
    profile.series = [
      Plot.Series("measured", measured, hue: .series(0)),
      Plot.Series("allowed", bounds, hue: .fail, marker: Marker.none, stroke: .dashed),
    ]
    if !failed.isEmpty {
      profile.series.append(Plot.Series("out of tolerance", failed, hue: .fail, marker: .series(3), stroke: .none))
    }
    let rows = blocks.map { block in
      [
        HTMLPage.Cell(block.name), .number(Numerals.significant(block.error)),
        .number(Numerals.significant(block.bound)), .number(Numerals.percent(block.worstChannel, 1)),
        block.passed ? HTMLPage.Cell("✓ within", .pass) : HTMLPage.Cell("✗ out", .fail),
      ]
    }
    return [
      .wideCharts([profile]),
      .details(
        "Every block in numbers",
        [.table(["block", "relative error", "allowed", "worst channel, share of its bound", "verdict"], rows)]),
    ]
  }

  /// Logits and embeddings against the reference's, and what cannot flip.
  var outputPictures: [HTMLPage.Block] {
    guard let series else { return [] }
    var charts: [any Chart] = []
    if !series.modelLogits.isEmpty { charts += logitCharts(series) }
    let distances = (series.imageCosines + series.textCosines).map { 1 - $0 }
    if !distances.isEmpty {
      var histogram = Plot.differences(
        "How far embeddings moved",
        summary: "1 − cosine of each image's and each text's embedding with the reference's.", distances,
        limit: min(1 - tolerance.imageEmbedsMinCosine, 1 - tolerance.textEmbedsMinCosine), label: "1 − cosine")
      histogram.aspect = 0.75
      charts.append(histogram)
    }
    if !series.margins.isEmpty, series.margins.count == series.requiredMargins.count {
      charts.append(marginChart(series))
    }
    return charts.isEmpty ? [] : [.charts(charts)]
  }

  private func logitCharts(_ series: Series) -> [any Chart] {
    let pairs = zip(series.referenceLogits, series.modelLogits)
    let total = images * texts
    let count = series.modelLogits.count
    let shown =
      count == total
      ? "\(Numerals.grouped(count)) logits" : "\(Numerals.grouped(count)) of \(Numerals.grouped(total)) logits"
    var scatter = Plot(
      "Logits against the reference's", summary: "A logit on the diagonal is what the reference computed.",
      x: Axis("reference"), y: Axis("this model"))
    scatter.aspect = 0.75
    scatter.clouds = [Plot.Cloud(shown, pairs.map { Plot.Point($0.0, $0.1) }, hue: .series(0))]
    scatter.rules = [Plot.Rule(.diagonal, at: 0, "equal")]
    var histogram = Plot.differences(
      "Differences of logits",
      summary: "This model's logit minus the reference's; beyond the red line a difference is not allowed.",
      pairs.map { $0.1 - $0.0 }, limit: tolerance.logitsMaxAbs, label: "difference of a logit")
    histogram.aspect = 0.75
    return [scatter, histogram]
  }

  private func marginChart(_ series: Series) -> Plot {
    let points = zip(series.requiredMargins, series.margins).map { Plot.Point($0.0, $0.1) }
    var plot = Plot(
      "What cannot flip",
      summary:
        "By how much each image's best text leads, against the lead that no change of this size can overcome. Above the diagonal the best text stays, whatever the other texts are.",
      x: Axis("lead that is enough, in cosine"), y: Axis("lead of the best text, in cosine"))
    plot.x.startsAtZero = true
    plot.y.startsAtZero = true
    plot.aspect = 0.75
    plot.series = [
      Plot.Series("cannot flip", points.filter { $0.y > $0.x }, hue: .pass, marker: .series(0), stroke: .none),
      Plot.Series("not guaranteed", points.filter { !($0.y > $0.x) }, hue: .series(1), stroke: .none),
    ].filter { !$0.points.isEmpty }
    plot.rules = [Plot.Rule(.diagonal, at: 0, "just enough")]
    return plot
  }

  /// The images whose logits are off furthest, with thumbnails.
  var worstBlocks: [HTMLPage.Block] {
    guard let worst = series?.worst, !worst.isEmpty else { return [] }
    return [
      .probes(
        worst.map { probe in
          let margin = probe.margin.map { ", which leads by \(Numerals.significant($0))" } ?? ""
          return HTMLPage.Probe(
            picture: probe.thumbnail?.picture,
            name: probe.name.map(Self.lastName) ?? "image \(probe.image)",
            lines: [
              "largest difference \(Numerals.significant(probe.maxAbs)), text \(probe.text)",
              probe.referenceBest == probe.modelBest
                ? "best text stays \(probe.referenceBest)\(margin)"
                : "best text changes from \(probe.referenceBest)\(margin), to \(probe.modelBest)",
            ])
        })
    ]
  }

  /// `vision.hidden.3` as `vision 3`.
  static func shortName(_ name: String) -> String {
    name.split(separator: ".").filter { $0 != "hidden" }.joined(separator: " ").split(separator: "_").joined(
      separator: " ")
  }
}

extension FidelityReport.Thumbnail {
  /// The picture; nil where there are not as many bytes as the side says.
  var picture: PixelPicture? {
    guard side > 0, side <= 1024, let data = Data(base64Encoded: rgb), data.count == side * side * 3 else { return nil }
    return PixelPicture(width: side, height: side, rgb: Array(data))
  }
}
