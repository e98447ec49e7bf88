// SPDX-License-Identifier: Apache-2.0

import IngotEvaluation
import IngotPlot
import IngotStatistics
import Testing

@Suite struct PicturesTests {
  @Test func `the paper's own numbers give the paper's figures`() throws {
    let pictures = PaperResults.pictures
    #expect(pictures.count == 4)
    let differences = try #require(pictures[0] as? BarChart)
    #expect(differences.bars.count == 27)
    #expect(differences.summary.contains("16 of 27"))
    #expect(differences.bars.first?.name == "Stanford Cars" && differences.bars.first?.text == "+28.9")
    #expect(differences.bars.last?.name == "EuroSAT" && differences.bars.last?.text == "−37.1")
    let amounts = try #require(pictures[2] as? BarChart)
    #expect(amounts.bars.count == 26)
    #expect(amounts.summary == "Mean 20.8, median 5.4.")
    #expect(amounts.bars.first?.value == 184)
    let trend = try #require(pictures[3] as? Plot)
    #expect(trend.summary == "Slope 1.28, correlation 0.82.")
    #expect(trend.series.contains { $0.name == "slope 1.28" })
    // The control: with the value that Table 11 prints for KITTI the line is another.
    #expect(Numerals.fixed(PaperResults.trend(kitti: 21.9).slope, 2) == "1.32")
    let fewShot = try #require(pictures[1] as? Plot)
    // Zero-shot is as good as four examples of each class.
    let star = try #require(fewShot.series.first { $0.marker == .star })
    let probe = try #require(fewShot.series.first { $0.name == "CLIP" })
    #expect(star.points[0].y == probe.points.first { $0.x == 4 }?.y)
    for picture in pictures { #expect(picture.file() == picture.file()) }
  }

  private func result(
    _ model: String, _ dataset: String, _ task: EvaluationTask, _ score: Double, rows: Int = 1000
  ) -> TaskResult {
    TaskResult(
      model: model, encoding: "float32", dataset: dataset, task: task, metric: "accuracy", score: score,
      interval: .rate(successes: Int(score * Double(rows)), of: rows), rows: rows, unreadable: 0,
      features: TaskResult.Features(layer: nil, isNormalized: true, width: 8), classes: ["cat", "dog & <co>"])
  }

  @Test func `differences are of the same dataset, in points, the largest first`() throws {
    let results = [
      result("a", "one", .zeroShot, 0.5), result("b", "one", .linearProbe, 0.75), result("a", "two", .zeroShot, 0.9),
      result("b", "two", .linearProbe, 0.8), result("a", "three", .zeroShot, 0.9),
    ]
    let chart = try #require(EvaluationPictures.zeroShotAgainstProbe(results, zeroShot: "a", probe: "b"))
    #expect(chart.bars.map(\.name) == ["two", "one"])
    #expect(chart.bars.map(\.text) == ["+10.0", "−25.0"])
    #expect(chart.summary.contains("1 of 2"))
    let interval = try #require(chart.bars[1].interval)
    // Two rates of 1,000 rows: about 1.96 · √(0.25/1000 + 0.1875/1000) points on each side.
    #expect(abs(interval.high - interval.low - 2 * 4.1) < 0.4 && interval.low < -25 && interval.high > -25)
    #expect(EvaluationPictures.zeroShotAgainstProbe(results, zeroShot: "b", probe: "a") == nil)
  }

  @Test func `shots to match tell numbers from bounds`() throws {
    func efficiency(_ dataset: String, _ zeroShot: Double) -> TaskResult {
      var result = result("a", dataset, .dataEfficiency, zeroShot)
      result.dataEfficiency = DataEfficiency(
        matching: zeroShot, [(1, 0.5), (2, 0.4), (4, 0.6)].map { DataEfficiency.Point(shots: $0.0, score: $0.1) })
      return result
    }
    let results = [efficiency("little", 0.45), efficiency("much", 0.9), efficiency("some", 0.55)]
    let chart = try #require(EvaluationPictures.shotsToMatch(results, model: "a"))
    #expect(chart.bars.first { $0.name == "little" }?.text == "fewer than 1")
    #expect(chart.bars.first { $0.name == "much" }?.text == "more than 4")
    #expect(chart.summary.contains("of the 1 of 3 that are known"))
  }

  @Test func `the page judges by the budget, and shows whatever there is`() throws {
    var zeroShot = result("a", "pets", .zeroShot, 0.5)
    zeroShot.confusion = [[3, 1], [4, 2]]
    let page = EvaluationReport([zeroShot, result("a", "pets", .linearProbe, 0.6)], tool: "ingot 0").page
    #expect(page.verdict == .none)
    let markup = page.markup
    for text in ["50.00 %", "60.00 %", "−10.0", "dog &amp; &lt;co&gt;", "5 of 10"] {
      #expect(markup.contains(text), "\(text)")
    }
    #expect(!markup.contains("<co>"))
  }
}
