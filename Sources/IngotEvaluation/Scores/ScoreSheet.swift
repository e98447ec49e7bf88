// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotDatasets
public import IngotTensor

/// The guesses of a classifier for a table of features, and what they are worth.
public struct ScoreSheet: Sendable {
  /// What the rows show.
  public let labels: SampleLabels
  /// The class with the highest score, of equal ones the first.
  public private(set) var predictions: [Int32] = []
  /// How far the highest score is above the second; infinite with one class.
  public private(set) var margins: [Float] = []
  /// Whether the row's class is among the five highest scores; where scores are equal, the earlier class is higher.
  public private(set) var isAmongFive: [Bool] = []
  /// How far the highest score is above that of the row's own class: 0 for a right guess; NaN where there is no own class.
  public private(set) var deficits: [Float] = []
  /// How many rows that count have a highest score that another class equals to the bit.
  public private(set) var ties = 0
  /// Which classes they were, as pairs in rising order with their numbers of rows.
  public private(set) var tiedClasses: [[Int32]: Int] = [:]
  /// What rows are ranked by, `[rows, classes]`, kept for metrics that rank.
  public private(set) var ranking: [Double] = []
  private let keepsRanking: Bool
  private let isSoftmax: Bool

  /// An empty sheet.
  ///
  /// - Parameters:
  ///   - labels: of all rows.
  ///   - metric: what it is for.
  ///   - isSoftmax: whether rows are ranked by their softmax over all classes, as zero-shot scores are, and not by each score alone.
  public init(_ labels: SampleLabels, for metric: DatasetMetric, isSoftmax: Bool) {
    self.labels = labels
    self.isSoftmax = isSoftmax
    keepsRanking = metric == .meanAveragePrecision11 || metric == .areaUnderROC
    predictions.reserveCapacity(labels.count)
    margins.reserveCapacity(labels.count)
  }

  /// Adds the scores of the next rows.
  ///
  /// - Parameter scores: `[rows, classes]`.
  public mutating func append(_ scores: Matrix<Float>) {
    precondition(scores.columns == labels.classes, "a score for each class")
    for row in 0..<scores.rows { append(scores.row(row)) }
  }

  private mutating func append(_ row: ArraySlice<Float>) {
    let first = row.startIndex
    var best = first
    var second: Int?
    for index in row.indices.dropFirst() {
      if row[index] > row[best] {
        second = best
        best = index
      } else if second.map({ row[index] > row[$0] }) ?? true {
        second = index
      }
    }
    predictions.append(Int32(best - first))
    margins.append(second.map { row[best] - row[$0] } ?? .infinity)
    let place = predictions.count - 1
    // A picture that could not be read is a row of zeros, whose scores are all alike.
    if let second, row[best] == row[second], labels.counts(place) {
      ties += 1
      tiedClasses[[Int32(best - first), Int32(second - first)].sorted(), default: 0] += 1
    }
    if !labels.isMultiLabel {
      let label = Int(labels.values[place])
      if label < 0 {
        isAmongFive.append(false)
        deficits.append(.nan)
      } else {
        let own = row[first + label]
        let before = row.indices.count { row[$0] > own || (row[$0] == own && $0 < first + label) }
        isAmongFive.append(before < 5)
        deficits.append(row[best] - own)
      }
    }
    guard keepsRanking else { return }
    if isSoftmax {
      let top = Double(row[best])
      let powers = row.map { naturalPower(Double($0) - top) }
      let total = powers.reduce(0, +)
      for power in powers { ranking.append(power / total) }
    } else {
      for value in row { ranking.append(Double(value)) }
    }
  }

  /// Whether each row's guess is right; rows that are left out are wrong here, and counted nowhere.
  public var isRight: [Bool] {
    precondition(!labels.isMultiLabel, "one class for each row")
    return zip(predictions, labels.values).map { $0 == $1 && $1 >= 0 }
  }

  /// The rows that count.
  public var counted: [Int] {
    labels.isMultiLabel ? Array(0..<labels.count) : labels.values.indices.filter { labels.values[$0] >= 0 }
  }

  /// How many rows that count have a highest score that another class comes nearer than this.
  ///
  /// - Parameter margin: the difference of two scores.
  /// - Returns: their number.
  public func closeGuesses(_ margin: Float) -> Int {
    margins.indices.count { margins[$0] < margin && labels.counts($0) }
  }
}
