// SPDX-License-Identifier: Apache-2.0

public import IngotPlot
import IngotStatistics

extension PaperResults {
  /// Figure 6's star, in per cent, read from the picture like its curves: where the curve of CLIP is at four examples.
  static let fewShotZeroShot = 62.3

  /// The paper's figures 5 to 8, drawn of its own numbers (`Formats/paper.md`).
  public static var pictures: [any Chart] {
    let differences = datasets.map { BarChart.Difference($0.title, points: $0.deltaToSupervised) }
    let amounts = datasets.compactMap { dataset in
      dataset.shotsToMatch.map { BarChart.Amount(dataset.title, $0) }
    }
    let models = fewShot.first.map { $0.scores.keys.sorted() } ?? []
    let curves = models.map { model in
      (name: model, points: fewShot.compactMap { row in row.scores[model].map { Plot.Point(Double(row.shots), $0) } })
    }
    let trend = trend()
    let points = datasets.compactMap { dataset -> Plot.Point? in
      guard let probe = dataset.linearProbe[headline], let table = dataset.zeroShot[headline] else { return nil }
      return Plot.Point(probe, dataset.name == "kitti" ? drawnKITTI : table, label: dataset.title, note: dataset.title)
    }
    return [
      BarChart.differences(
        "Figure 5: zero-shot against a supervised baseline", of: "zero-shot \(headline)", minus: "probe on ResNet-50",
        differences),
      Plot.examples(
        "Figure 6: few-shot linear probes against zero-shot",
        summary: "Mean score over 20 datasets, read from the paper's picture.",
        score: Axis("mean score (%)"), curves: curves, stars: [Plot.Star("zero-shot CLIP", fewShotZeroShot)]),
      BarChart.amounts(
        "Figure 7: labelled examples of each class to match zero-shot", axis: Axis("examples of each class"), amounts),
      Plot.agreement(
        "Figure 8: zero-shot against a linear probe on the same features",
        summary: "Slope \(Numerals.fixed(trend.slope, 2)), correlation \(Numerals.fixed(trend.correlation, 2)).",
        x: Axis("linear probe (%)"), y: Axis("zero-shot (%)"), points, trend: (trend.slope, trend.intercept)),
    ]
  }
}
