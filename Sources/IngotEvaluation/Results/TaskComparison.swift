// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotDatasets
public import IngotStatistics

/// How the guesses of two models for the same rows differ.
public struct TaskComparison: Sendable, Hashable, Codable {
  /// The dataset's name.
  public let dataset: String
  /// The task.
  public let task: EvaluationTask
  /// How it is scored.
  public let metric: String
  /// The model in question.
  public let model: String
  /// The model that it is compared with.
  public let reference: String
  /// Rows that count.
  public let rows: Int
  /// Rows with the same guess.
  public let agreeing: Int
  /// The first rows with different guesses.
  public let disagreements: [Int]
  /// The model's score minus the reference's, from -1 to 1.
  public let delta: Double
  /// Where the difference lies, by resampling rows; `nil` for metrics that rank.
  public let interval: ConfidenceInterval?
  /// Whether one of them is right more often.
  public let test: McNemarTest?
  /// Points that the model may lose; `nil` where none were stated.
  public let budget: Double?

  /// The share of rows with the same guess.
  public var agreement: Double { Double(agreeing) / Double(max(1, rows)) }

  /// Whether the model loses no more than the budget.
  public var passed: Bool { budget.map { -100 * delta <= $0 + 1e-9 } ?? true }

  /// Compares two sheets of the same rows.
  ///
  /// - Parameters:
  ///   - first: the model in question, and its sheet.
  ///   - second: what it is compared with.
  ///   - dataset: the dataset's name.
  ///   - task: the task.
  ///   - metric: how it is scored.
  ///   - budget: points that the model may lose.
  ///   - seed: of resampling.
  /// - Throws: `mismatch` when the sheets are of different rows, and what scoring throws.
  public init(
    _ first: (name: String, sheet: ScoreSheet), against second: (name: String, sheet: ScoreSheet), dataset: String,
    task: EvaluationTask, metric: DatasetMetric, budget: Double?, seed: UInt64 = 0
  ) throws(CheckpointError) {
    guard first.sheet.labels == second.sheet.labels else {
      throw CheckpointError(
        .mismatch, .evaluation, subject: dataset,
        "the two models' rows differ: \(first.sheet.counted.count) of \(first.name), \(second.sheet.counted.count) of \(second.name)"
      )
    }
    let counted = first.sheet.counted
    let different = counted.filter { first.sheet.predictions[$0] != second.sheet.predictions[$0] }
    self.dataset = dataset
    self.task = task
    self.metric = metric.rawValue
    model = first.name
    reference = second.name
    rows = counted.count
    agreeing = counted.count - different.count
    disagreements = Array(different.prefix(100))
    self.budget = budget
    delta = try first.sheet.score(metric) - second.sheet.score(metric)
    if let mine = first.sheet.contributions(to: metric), let theirs = second.sheet.contributions(to: metric) {
      interval = Bootstrap.mean(of: zip(mine, theirs).map { $0 - $1 }, draws: 1000, seed: seed)
    } else {
      interval = nil
    }
    guard !first.sheet.labels.isMultiLabel else {
      test = nil
      return
    }
    let (mine, theirs) = (first.sheet.isRight, second.sheet.isRight)
    test = McNemarTest(
      onlyFirst: counted.count { mine[$0] && !theirs[$0] }, onlySecond: counted.count { theirs[$0] && !mine[$0] })
  }
}
