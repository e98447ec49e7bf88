// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotDatasets
public import IngotStatistics
public import IngotTensor

/// How few-shot probes are run.
public struct FewShotSettings: Sendable, Hashable, Codable {
  /// Numbers of rows of each class, rising.
  public var shots = [1, 2, 4, 8, 16]
  /// How many draws of each.
  public var draws = 10
  /// The seed of the first draw; the others follow.
  public var seed: UInt64 = 0
  /// What becomes of classes with too few rows.
  public var policy = ShortClassPolicy.stop
  /// What chooses the penalty.
  public var validation = ShotValidation.full
  /// How probes are trained.
  public var probe = ProbeSettings()

  /// Takes the defaults.
  public init() {}
}

/// What probes with some number of shots scored.
public struct ShotScores: Sendable, Hashable, Codable {
  /// Rows of each class.
  public let shots: Int
  /// The score of each draw, from 0 to 1.
  public let scores: [Double]
  /// The strength of the penalty that each draw chose.
  public let lambdas: [Double]
  /// The mean of the scores.
  public let mean: Double
  /// Where the mean lies over draws, cut at 0 and 1, beyond which no score lies; `nil` of a single draw.
  public let interval: ConfidenceInterval?

  init(shots: Int, scores: [Double], lambdas: [Double]) {
    self.shots = shots
    self.scores = scores
    self.lambdas = lambdas
    mean = scores.mean
    guard scores.count > 1 else {
      interval = nil
      return
    }
    let found = ConfidenceInterval.mean(of: scores)
    interval = ConfidenceInterval(
      lower: max(0, found.lower), upper: min(1, found.upper), level: found.level, method: found.method)
  }
}

/// Linear probes on a few rows of each class, several draws of them.
public struct FewShot: Sendable {
  private let settings: FewShotSettings
  private let metric: DatasetMetric
  private let compute: Compute

  /// Chooses how to run them.
  public init(_ settings: FewShotSettings, for metric: DatasetMetric, _ compute: Compute) {
    self.settings = settings
    self.metric = metric
    self.compute = compute
  }

  /// Runs all draws of all numbers of shots.
  ///
  /// - Parameters:
  ///   - train: rows that shots are drawn of.
  ///   - validation: the official validation rows; `nil` takes a part of the training rows, which is then not drawn of.
  ///   - test: rows that probes are scored on.
  ///   - progress: where an interrupted run left off, and where this one's progress is kept.
  ///   - report: how many probes of how many are done.
  /// - Returns: the scores, by rising numbers of shots.
  /// - Throws: `missing` for classes with too few rows; `mismatch` or `corrupt` for progress that is not of this run.
  public func run(
    train: FeatureTable, validation: FeatureTable?, test: FeatureTable, progress: FewShotProgress? = nil,
    report: (Int, Int) -> Void = { _, _ in }
  ) throws -> [ShotScores] {
    guard let most = settings.shots.max() else { return [] }
    var pool = train
    var judges = validation
    if settings.validation == .full, validation == nil, settings.probe.lambda == nil {
      let split = LinearProbe.split(train, settings.probe)
      judges = train.gathering(split.sorted())
      pool = train.gathering((0..<train.rows).filter { !split.contains($0) })
    }
    let numbers = settings.shots.count
    let total = numbers * settings.draws
    let key =
      progress == nil ? "" : ProgressRecord.key(["\(settings)", metric.rawValue], [train, validation, test])
    var done = try progress?.read(key, most: total) ?? []
    if !done.isEmpty { report(done.count, total) }
    for draw in done.count / numbers..<settings.draws {
      let order = try ShotDraw(pool, most: most, seed: settings.seed &+ UInt64(draw))
      for shots in settings.shots[(done.count - draw * numbers)...] {
        let rows = pool.gathering(try order.training(shots: shots, settings.policy))
        var held = judges
        if settings.validation == .shots, settings.probe.lambda == nil {
          held = pool.gathering(try order.validation(shots: shots, settings.policy))
        }
        done.append(try probe(rows, held, test))
        try progress?.note(done, key)
        report(done.count, total)
      }
    }
    progress?.finish()
    return settings.shots.enumerated().map { place, shots in
      let own = (0..<settings.draws).map { done[$0 * numbers + place] }
      return ShotScores(shots: shots, scores: own.map(\.score), lambdas: own.map(\.lambda))
    }
  }

  /// Chooses the penalty on some rows, and scores the classifier on others.
  private func probe(
    _ train: FeatureTable, _ held: FeatureTable?, _ test: FeatureTable
  ) throws -> FewShotProgress.Entry {
    let counts = train.labels.countsByClass
    let present = counts.indices.filter { counts[$0] > 0 }
    guard present.count > 1 else {
      throw CheckpointError(
        .missing, .evaluation, subject: train.title, "a draw has rows of \(present.count) classes, two are needed")
    }
    func classifier(_ lambda: Double) throws -> LogisticFit {
      try LogisticFit.train(
        [TrainingPart(train.renumbered(present))], classes: present.count, c: 1 / lambda, compute,
        options: settings.probe.options)
    }
    func score(_ fit: LogisticFit, _ table: FeatureTable) throws -> Double {
      let whole = fit.classifier.spread(over: train.labels.classes, at: present)
      let sheet = ScoreSheet(table.labels, for: metric, isSoftmax: true)
      return try whole.scores(of: table, sheet, compute).score(metric)
    }
    if let lambda = settings.probe.lambda {
      return FewShotProgress.Entry(score: try score(classifier(lambda), test), lambda: lambda)
    }
    guard let held else { preconditionFailure("rows to choose the penalty on") }
    var trials: [PenaltySweep.Trial] = []
    var fits: [Int: LogisticFit] = [:]
    while let number = PenaltySweep.next(after: trials, settings.probe.order) {
      let lambda = PenaltySweep.strength(number)
      let fit = try classifier(lambda)
      fits[number] = fit
      trials.append(
        PenaltySweep.Trial(
          number: number, lambda: lambda, c: 1 / lambda, score: try score(fit, held), objective: fit.objective,
          iterations: fit.iterations, hasConverged: fit.hasConverged))
    }
    guard let best = PenaltySweep.best(of: trials), let fit = fits[best.number] else {
      preconditionFailure("some strength was tried")
    }
    return FewShotProgress.Entry(score: try score(fit, test), lambda: best.lambda)
  }
}

extension FeatureTable {
  /// The same rows with the classes that are there numbered from 0 on.
  fileprivate func renumbered(_ present: [Int]) -> FeatureTable {
    if present.count == labels.classes { return self }
    var numbers = [Int32](repeating: -1, count: labels.classes)
    for (number, index) in present.enumerated() { numbers[index] = Int32(number) }
    let values = withRows(0..<rows) { [Float](littleEndianBytes: $0) }
    return FeatureTable(
      Matrix(values: values, rows: rows, columns: width),
      SampleLabels(labels.values.map { $0 < 0 ? -1 : numbers[Int($0)] }, classes: present.count), title: title)
  }
}

extension LinearClassifier {
  /// The same scores for classes that are there, and the lowest for those that are not.
  func spread(over classes: Int, at present: [Int]) -> LinearClassifier {
    if present.count == classes { return self }
    var matrix = Matrix<Float>(rows: classes, columns: weights.columns)
    var biases = [Float](repeating: -Float.greatestFiniteMagnitude, count: classes)
    for (row, index) in present.enumerated() {
      biases[index] = bias[row]
      for column in 0..<weights.columns {
        matrix.values[index * weights.columns + column] = weights.values[row * weights.columns + column]
      }
    }
    return LinearClassifier(weights: matrix, bias: biases)
  }
}
