// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotDatasets
import IngotStatistics
public import IngotTensor

/// How a probe is trained and its penalty chosen.
public struct ProbeSettings: Sendable, Hashable, Codable {
  /// When a search ends.
  public var options = LogisticOptions()
  /// In which order strengths are tried.
  public var order = PenaltySweep.Order.coarseToFine
  /// The strength of the penalty, instead of one chosen on validation rows.
  public var lambda: Double?
  /// Without a validation split, one training row in so many of each class is taken for validation.
  public var validationPart = 5
  /// Of the choice of those rows.
  public var seed: UInt64 = 0

  /// Takes the defaults.
  public init() {}
}

/// A linear classifier on features, with its penalty chosen on validation rows, as the paper does it.
public struct LinearProbe: Sendable {
  /// What was found.
  public struct Outcome: Sendable {
    /// The strengths that were tried; empty where it was given.
    public let trials: [PenaltySweep.Trial]
    /// The strength of the penalty.
    public let lambda: Double
    /// The classifier, trained on all training and validation rows.
    public let fit: LogisticFit
    /// How the validation rows were chosen.
    public let validation: String
  }

  private let compute: Compute
  private let settings: ProbeSettings
  private let metric: DatasetMetric

  /// Chooses how to train.
  public init(_ settings: ProbeSettings, for metric: DatasetMetric, _ compute: Compute) {
    self.settings = settings
    self.metric = metric
    self.compute = compute
  }

  /// Trains a probe.
  ///
  /// - Parameters:
  ///   - train: the training rows.
  ///   - validation: the official validation rows; `nil` takes a part of the training rows.
  ///   - progress: where an interrupted run left off, and where this one's progress is kept.
  ///   - report: what is done, for people.
  /// - Returns: the classifier.
  /// - Throws: `missing` for a class without rows, `malformed` for features that are not finite, what files throw.
  public func train(
    _ train: FeatureTable, validation: FeatureTable?, progress: ProbeProgress? = nil,
    report: @escaping (String) -> Void = { _ in }
  ) throws -> Outcome {
    let fitting = Fitting(settings: settings, metric: metric, compute: compute, report: report, progress: progress)
    let split = validation == nil ? Self.split(train, settings) : nil
    let kept = split.map { split in Set((0..<train.rows).filter { !split.contains($0) }) }
    let key =
      progress == nil ? "" : ProgressRecord.key(["\(settings)", metric.rawValue], [train, validation])
    var state = try progress?.read(key) ?? ProbeState(key: key)
    if settings.lambda == nil {
      while let number = PenaltySweep.next(after: state.trials, settings.order) {
        let lambda = PenaltySweep.strength(number)
        let fit = try fitting.fit(train, rows: kept, and: nil, lambda: lambda, number: number, &state)
        let score = try fitting.score(fit.classifier, on: validation ?? train, rows: split)
        state.trials.append(
          PenaltySweep.Trial(
            number: number, lambda: lambda, c: 1 / lambda, score: score, objective: fit.objective,
            iterations: fit.iterations, hasConverged: fit.hasConverged))
        state.number = nil
        state.solver = nil
        try progress?.note(state, isImportant: true)
      }
    }
    let lambda = settings.lambda ?? PenaltySweep.best(of: state.trials)?.lambda ?? 1
    let fit = try fitting.fit(train, rows: nil, and: validation, lambda: lambda, number: -1, &state)
    progress?.finish()
    return Outcome(
      trials: state.trials, lambda: lambda, fit: fit,
      validation: settings.lambda != nil
        ? "none, the penalty was given"
        : validation.map { "the official split, \($0.rows) rows" }
          ?? "one training row in \(settings.validationPart) of each class, \(split?.count ?? 0) rows, seed \(settings.seed)"
    )
  }

  /// Scores a probe on rows that it has not seen.
  ///
  /// - Parameters:
  ///   - classifier: the probe.
  ///   - table: the rows.
  /// - Returns: the sheet.
  /// - Throws: `mismatch` for another width.
  public func test(_ classifier: LinearClassifier, on table: FeatureTable) throws -> ScoreSheet {
    try classifier.scores(
      of: table, ScoreSheet(table.labels, for: metric, isSoftmax: !table.labels.isMultiLabel), compute)
  }

  /// Rows for validation: of each class one in so many, at random, and at least one where there are two.
  static func split(_ table: FeatureTable, _ settings: ProbeSettings) -> Set<Int> {
    var random = SplitMix64(seed: settings.seed)
    var chosen: Set<Int> = []
    let labels = table.labels
    guard !labels.isMultiLabel else {
      let rows = (0..<table.rows).shuffled(using: &random)
      return Set(rows.prefix(max(1, table.rows / settings.validationPart)))
    }
    var byClass = [[Int]](repeating: [], count: labels.classes)
    for (row, label) in labels.values.enumerated() where label >= 0 { byClass[Int(label)].append(row) }
    for rows in byClass where rows.count > 1 {
      chosen.formUnion(rows.shuffled(using: &random).prefix(max(1, rows.count / settings.validationPart)))
    }
    return chosen
  }
}
