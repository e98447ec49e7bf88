// SPDX-License-Identifier: Apache-2.0

public import IngotDatasets
public import IngotStatistics

/// A wrong guess.
public struct WrongGuess: Sendable, Hashable, Codable {
  /// Its row.
  public let row: Int
  /// What the dataset calls the picture.
  public let name: String
  /// Its class.
  public let label: Int
  /// The class that was guessed.
  public let guess: Int
  /// How far the guess's score is above that of the own class.
  public let deficit: Double
}

extension ScoreSheet {
  /// Numbers, one for each row that counts, whose mean is the score; `nil` for metrics that rank.
  ///
  /// For the mean per class a right guess counts the more the fewer rows its class has.
  func contributions(to metric: DatasetMetric) -> [Double]? {
    let rows = counted
    switch metric {
    case .accuracy: return rows.map { predictions[$0] == labels.values[$0] ? 1 : 0 }
    case .meanOfTop1AndTop5:
      return rows.map { (predictions[$0] == labels.values[$0] ? 0.5 : 0) + (isAmongFive[$0] ? 0.5 : 0) }
    case .meanPerClass:
      let counts = labels.countsByClass
      let present = Double(counts.count { $0 > 0 })
      return rows.map { row in
        let label = labels.values[row]
        guard predictions[row] == label else { return 0 }
        return Double(rows.count) / (present * Double(counts[Int(label)]))
      }
    case .areaUnderROC, .meanAveragePrecision11: return nil
    }
  }

  /// Where the score lies, as far as so many rows can tell: exact for accuracy, else by resampling rows; `nil` for metrics that rank.
  ///
  /// - Parameters:
  ///   - metric: which score.
  ///   - level: the share of samples whose interval holds the true score.
  ///   - seed: of resampling.
  /// - Returns: the interval.
  public func interval(
    _ metric: DatasetMetric, level: Double = ConfidenceInterval.customaryLevel, seed: UInt64 = 0
  ) -> ConfidenceInterval? {
    guard !counted.isEmpty, let contributions = contributions(to: metric) else { return nil }
    if metric == .accuracy {
      return ConfidenceInterval.rate(successes: rightCount, of: contributions.count, level: level)
    }
    return Bootstrap.mean(of: contributions, draws: 1000, level: level, seed: seed)
  }

  /// The wrong guesses whose score is farthest above that of the row's own class.
  ///
  /// - Parameters:
  ///   - count: how many.
  ///   - name: what the dataset calls the picture of a row.
  /// - Returns: the worst first; of equal ones the earlier row.
  public func worst(_ count: Int, name: (Int) -> String) -> [WrongGuess] {
    guard !labels.isMultiLabel else { return [] }
    let rows = counted.filter { predictions[$0] != labels.values[$0] }
    return rows.sorted { deficits[$0] != deficits[$1] ? deficits[$0] > deficits[$1] : $0 < $1 }.prefix(count).map {
      WrongGuess(
        row: $0, name: name($0), label: Int(labels.values[$0]), guess: Int(predictions[$0]),
        deficit: Double(deficits[$0])
      )
    }
  }
}
