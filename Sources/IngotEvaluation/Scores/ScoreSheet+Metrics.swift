// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotDatasets
import IngotStatistics

extension ScoreSheet {
  /// The score of the sheet, from 0 to 1.
  ///
  /// - Parameter metric: how to score.
  /// - Returns: the score.
  /// - Throws: `unsupported` for a metric that the labels do not allow, `missing` where nothing can be scored.
  public func score(_ metric: DatasetMetric) throws(CheckpointError) -> Double {
    switch metric {
    case .meanAveragePrecision11:
      guard labels.isMultiLabel else { throw Self.unfit(metric, "several classes for each row") }
    case .areaUnderROC:
      guard !labels.isMultiLabel, labels.classes == 2 else { throw Self.unfit(metric, "two classes") }
    default:
      guard !labels.isMultiLabel else { throw Self.unfit(metric, "one class for each row") }
    }
    guard !counted.isEmpty else {
      throw CheckpointError(.missing, .evaluation, subject: metric.rawValue, "there are no rows to score")
    }
    switch metric {
    case .accuracy: return accuracy
    case .meanPerClass: return meanPerClass
    case .meanOfTop1AndTop5: return (accuracy + amongFive) / 2
    case .areaUnderROC: return try areaUnderROC()
    case .meanAveragePrecision11: return try meanAveragePrecision11()
    }
  }

  private static func unfit(_ metric: DatasetMetric, _ needed: String) -> CheckpointError {
    CheckpointError(.unsupported, .evaluation, subject: metric.rawValue, "needs \(needed)")
  }

  /// How many guesses are right.
  public var rightCount: Int { isRight.count { $0 } }

  /// The share of guesses that are right.
  public var accuracy: Double { Double(rightCount) / Double(counted.count) }

  /// The share of rows whose class is among the five highest scores.
  public var amongFive: Double {
    Double(counted.count { isAmongFive[$0] }) / Double(counted.count)
  }

  /// The mean over classes of the share of their rows that is guessed right; classes without rows do not count.
  public var meanPerClass: Double {
    let matrix = confusion
    let shares = (0..<labels.classes).compactMap { label -> Double? in
      let total = matrix[label].reduce(0, +)
      return total == 0 ? nil : Double(matrix[label][label]) / Double(total)
    }
    return shares.mean
  }

  /// How many rows of a class, the first index, were guessed to be another, the second.
  public var confusion: [[Int]] {
    var counts = [[Int]](repeating: [Int](repeating: 0, count: labels.classes), count: labels.classes)
    for row in counted { counts[Int(labels.values[row])][Int(predictions[row])] += 1 }
    return counts
  }

  /// The area under the receiver operating characteristic of class 1: the share of pairs of a row of class 1 and one of class 0 that are
  /// ranked rightly, equal ones counted half.
  private func areaUnderROC() throws(CheckpointError) -> Double {
    let rows = counted
    let ranks = rows.map { ranking[2 * $0 + 1] }.averageRanks
    var (sum, positives) = (0.0, 0.0)
    for (place, row) in rows.enumerated() where labels.values[row] == 1 {
      sum += ranks[place]
      positives += 1
    }
    let negatives = Double(rows.count) - positives
    guard positives > 0, negatives > 0 else {
      throw CheckpointError(.missing, .evaluation, subject: "roc-auc", "all rows are of one class")
    }
    return (sum - positives * (positives + 1) / 2) / (positives * negatives)
  }

  /// The mean over classes of average precision, interpolated at 11 points of recall as VOC 2007 does.
  private func meanAveragePrecision11() throws(CheckpointError) -> Double {
    var precisions: [Double] = []
    for column in 0..<labels.classes {
      let rows = (0..<labels.count).filter { labels.values[$0 * labels.classes + column] >= 0 }
      let total = rows.count { labels.values[$0 * labels.classes + column] == 1 }
      guard total > 0 else { continue }
      precisions.append(
        Self.averagePrecision11(
          rows.map {
            (score: ranking[$0 * labels.classes + column], isPresent: labels.values[$0 * labels.classes + column] == 1)
          }, total: total))
    }
    guard !precisions.isEmpty else {
      throw CheckpointError(.missing, .evaluation, subject: "map-11", "no row shows any class")
    }
    return precisions.mean
  }

  /// The mean of the best precision at recalls of at least 0, 0.1, … 1; of equal scores the earlier row is higher.
  static func averagePrecision11(_ scored: [(score: Double, isPresent: Bool)], total: Int) -> Double {
    let order = scored.indices.sorted {
      scored[$0].score != scored[$1].score ? scored[$0].score > scored[$1].score : $0 < $1
    }
    var best = [Double](repeating: 0, count: 11)
    var found = 0
    for (place, index) in order.enumerated() where scored[index].isPresent {
      found += 1
      let precision = Double(found) / Double(place + 1)
      // Recall found / total reaches the points 0 ... floor(10 · found / total) tenths.
      for point in 0...min(10, 10 * found / total) { best[point] = max(best[point], precision) }
    }
    return best.mean
  }
}
