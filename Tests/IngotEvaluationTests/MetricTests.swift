// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotStatistics
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotEvaluation

/// Metrics held to scikit-learn's and to VOC 2007's measure (`Fixtures/evaluation/make.py`).
@Suite struct MetricTests {
  private struct Golden: Decodable {
    let scores: [[Float]]
    let labels: [Int32]
    let accuracy: Double
    let meanPerClass: Double
    let meanTop1AndTop5: Double
    let binaryScores: [[Float]]
    let binaryLabels: [Int32]
    let areaUnderROC: Double
    let severalScores: [[Float]]
    let severalLabels: [[Int32]]
    let map11: Double

    enum CodingKeys: String, CodingKey {
      case scores, labels, accuracy, binaryScores, binaryLabels, severalScores, severalLabels
      case meanPerClass = "mean-per-class"
      case meanTop1AndTop5 = "mean-top1-top5"
      case areaUnderROC = "roc-auc"
      case map11 = "map-11"
    }
  }

  private func golden() throws -> Golden {
    try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: URL(filePath: Fixtures.path("evaluation/metrics.json"))))
  }

  private func matrix(_ rows: [[Float]]) -> Matrix<Float> {
    Matrix(values: rows.flatMap { $0 }, rows: rows.count, columns: rows[0].count)
  }

  private func sheet(_ scores: [[Float]], _ labels: SampleLabels, _ metric: DatasetMetric) -> ScoreSheet {
    var sheet = ScoreSheet(labels, for: metric, isSoftmax: true)
    let all = matrix(scores)
    // In parts, as tables come.
    for start in stride(from: 0, to: all.rows, by: 77) {
      sheet.append(all.gathering(start..<min(start + 77, all.rows)))
    }
    return sheet
  }

  @Test func `are those of scikit-learn`() throws {
    let golden = try golden()
    let labels = SampleLabels(golden.labels, classes: 8)
    let guesses = sheet(golden.scores, labels, .accuracy)
    #expect(try guesses.score(.accuracy) == golden.accuracy)
    #expect(abs(try guesses.score(.meanPerClass) - golden.meanPerClass) <= 1e-14)
    #expect(abs(try guesses.score(.meanOfTop1AndTop5) - golden.meanTop1AndTop5) <= 1e-14)
    // They are different numbers: one cannot pass for another.
    #expect(Set([golden.accuracy, golden.meanPerClass, golden.meanTop1AndTop5]).count == 3)
    let binary = sheet(golden.binaryScores, SampleLabels(golden.binaryLabels, classes: 2), .areaUnderROC)
    #expect(abs(try binary.score(.areaUnderROC) - golden.areaUnderROC) <= 1e-12)
    let several = try SampleLabels(checking: golden.severalLabels.flatMap { $0 }, columns: 5, classes: nil)
    let ranked = sheet(golden.severalScores, several, .meanAveragePrecision11)
    #expect(abs(try ranked.score(.meanAveragePrecision11) - golden.map11) <= 1e-12)
  }

  @Test func `rows are ranked by their softmax, without which precision is another`() throws {
    let golden = try golden()
    let several = try SampleLabels(checking: golden.severalLabels.flatMap { $0 }, columns: 5, classes: nil)
    var plain = ScoreSheet(several, for: .meanAveragePrecision11, isSoftmax: false)
    plain.append(matrix(golden.severalScores))
    #expect(abs(try plain.score(.meanAveragePrecision11) - golden.map11) > 1e-3)
  }

  @Test func `11-point precision by hand`() {
    // Ranks 1 and 3 of 4 are present: precision 1 up to recall 0.5, then 2/3.
    let scored: [(score: Double, isPresent: Bool)] = [(4, true), (3, false), (2, true), (1, false)]
    let found = ScoreSheet.averagePrecision11(scored, total: 2)
    #expect(abs(found - (6 * 1 + 5 * 2.0 / 3) / 11) < 1e-15)
  }

  @Test func `metrics refuse labels that they are not for`() throws {
    let labels = SampleLabels([0, 1, 2], classes: 3)
    let three = sheet([[1, 0, 0], [0, 1, 0], [0, 0, 1]], labels, .accuracy)
    #expect(fault { _ = try three.score(.areaUnderROC) }?.code == .unsupported)
    #expect(fault { _ = try three.score(.meanAveragePrecision11) }?.code == .unsupported)
    let none = sheet([[1, 0, 0]], SampleLabels([-1], classes: 3), .accuracy)
    #expect(fault { _ = try none.score(.accuracy) }?.code == .missing)
    let one = sheet([[1, 0], [0, 1]], SampleLabels([1, 1], classes: 2), .areaUnderROC)
    #expect(fault { _ = try one.score(.areaUnderROC) }?.code == .missing)
  }

  @Test func `ties are found, counted and broken by the earlier class`() {
    let labels = SampleLabels([1, 1, 0, 2, -1], classes: 3)
    let tied = sheet([[2, 2, 0], [0, 1, 1], [1, 0, 0], [3, 3, 3], [5, 5, 0]], labels, .accuracy)
    #expect(tied.predictions == [0, 1, 0, 0, 0])
    // The last row is left out: it counts nowhere.
    #expect(tied.ties == 3 && tied.closeGuesses(0.5) == 3 && tied.closeGuesses(2) == 4)
    #expect(tied.tiedClasses == [[0, 1]: 2, [1, 2]: 1])
    #expect(tied.margins[2] == 1 && tied.margins[0] == 0)
    #expect(tied.counted == [0, 1, 2, 3])
    #expect(tied.isRight == [false, true, true, false, false])
    #expect(tied.confusion == [[1, 0, 0], [1, 1, 0], [1, 0, 0]])
  }

  @Test func `the worst guesses come first`() {
    let labels = SampleLabels([1, 1, 0, 2], classes: 3)
    let guesses = sheet([[5, 1, 0], [0, 1, 0], [0, 7, 1], [2, 0, 1]], labels, .accuracy)
    let worst = guesses.worst(2) { "picture \($0)" }
    #expect(worst.map(\.row) == [2, 0])
    #expect(worst[0] == WrongGuess(row: 2, name: "picture 2", label: 0, guess: 1, deficit: 7))
  }

  @Test func `rows that are left out change nothing`() throws {
    let golden = try golden()
    var labels = golden.labels
    for index in stride(from: 0, to: labels.count, by: 3) { labels[index] = -1 }
    let kept = labels.indices.filter { labels[$0] >= 0 }
    let masked = sheet(golden.scores, SampleLabels(labels, classes: 8), .meanOfTop1AndTop5)
    let alone = sheet(
      kept.map { golden.scores[$0] }, SampleLabels(kept.map { golden.labels[$0] }, classes: 8), .meanOfTop1AndTop5)
    for metric in [DatasetMetric.accuracy, .meanPerClass, .meanOfTop1AndTop5] {
      #expect(try masked.score(metric) == alone.score(metric))
      #expect(masked.interval(metric) == alone.interval(metric))
    }
    let interval = try #require(masked.interval(.meanPerClass))
    let score = try masked.score(.meanPerClass)
    #expect(interval.lower < score && score < interval.upper && interval.upper - interval.lower < 0.2)
  }
}
