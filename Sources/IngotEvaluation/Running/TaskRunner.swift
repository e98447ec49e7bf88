// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotCLIP
public import IngotDatasets
import IngotStatistics
public import IngotTensor

/// Runs tasks with one source of features.
public final class TaskRunner {
  /// What a task came to.
  public struct Outcome: Sendable {
    /// The result.
    public let result: TaskResult
    /// The guesses for the test rows; `nil` for tasks of many classifiers.
    public let sheet: ScoreSheet?

    /// Puts both together.
    public init(result: TaskResult, sheet: ScoreSheet?) {
      self.result = result
      self.sheet = sheet
    }
  }

  /// Where features come from.
  public struct Features {
    /// The features of a split for a purpose; `nil` when there are none.
    let table: (DatasetSplit, FeaturePurpose) throws -> FeatureTable?
    /// Which features a purpose takes.
    let layer: (FeaturePurpose) -> (layer: FeatureLayer?, isNormalized: Bool)
    /// Where the progress of probes is kept: a path without its ending.
    let progress: () -> String?

    /// Features of a model.
    public init(_ provider: FeatureProvider) {
      table = { try provider.table($0, for: $1) }
      layer = { provider.layer(for: $0) }
      progress = { provider.progressPath() }
    }

    /// Features of another program, for probes.
    ///
    /// - Parameters:
    ///   - tables: by split.
    ///   - progress: where the progress of probes is kept: a path without its ending.
    public init(_ tables: [DatasetSplit: FeatureTable], progress: String?) {
      table = { split, _ in tables[split] }
      layer = { _ in (nil, false) }
      self.progress = { progress }
    }
  }

  private let name: String
  private let subject: EvaluationSubject?
  private let dataset: DatasetLabel
  private let features: Features
  private let settings: EvaluationSettings
  private let compute: Compute
  private let report: (String) -> Void
  private var outcomes: [EvaluationTask: Outcome] = [:]

  /// What results say of a dataset.
  public struct DatasetLabel: Sendable {
    /// Its name.
    public let name: String
    /// How it is scored.
    public let metric: DatasetMetric
    /// Its classes.
    public let classes: ClassTable
    /// Templates of prompts.
    public let templates: [String]
    /// What a row of the test split is called.
    public let rowName: @Sendable (Int) -> String

    /// Takes a dataset.
    ///
    /// - Throws: `missing` when it has no test split.
    public init(_ dataset: Dataset) throws(CheckpointError) {
      name = dataset.name
      metric = dataset.metric
      classes = dataset.classes
      templates = dataset.templates
      let samples = try dataset.samples(of: .test)
      rowName = { samples.name(at: $0) }
    }

    /// Describes features of another program.
    public init(name: String, metric: DatasetMetric, classes: ClassTable) {
      self.name = name
      self.metric = metric
      self.classes = classes
      templates = []
      rowName = { "row \($0)" }
    }
  }

  /// Chooses what to run.
  ///
  /// - Parameters:
  ///   - name: what the model is called in results.
  ///   - subject: the model; `nil` for features of another program.
  ///   - dataset: what results say of the dataset.
  ///   - features: where features come from.
  ///   - settings: how tasks are run.
  ///   - compute: how to compute.
  ///   - report: what is done, for people.
  public init(
    name: String, _ subject: EvaluationSubject?, _ dataset: DatasetLabel, _ features: Features,
    _ settings: EvaluationSettings, _ compute: Compute, report: @escaping (String) -> Void
  ) {
    self.name = name
    self.subject = subject
    self.dataset = dataset
    self.features = features
    self.settings = settings
    self.compute = compute
    self.report = report
  }

  /// Runs a task; what another task has computed already is not computed again.
  ///
  /// - Parameter task: which.
  /// - Returns: the outcome.
  /// - Throws: `unsupported` for zero-shot without a text tower, `missing` for splits or rows that are not there, what reading throws.
  public func run(_ task: EvaluationTask) throws -> Outcome {
    if let outcome = outcomes[task] { return outcome }
    let outcome =
      switch task {
      case .zeroShot: try zeroShot()
      case .linearProbe: try linearProbe()
      case .fewShot: try fewShot()
      case .dataEfficiency: try dataEfficiency()
      }
    outcomes[task] = outcome
    return outcome
  }

  private func zeroShot() throws -> Outcome {
    guard let subject else {
      throw CheckpointError(
        .unsupported, .evaluation, subject: name, "zero-shot classification needs a model, not features alone")
    }
    guard subject.encoder.configuration.text != nil else {
      throw CheckpointError(
        .unsupported, .evaluation, subject: name,
        "zero-shot classification compares pictures with texts, and there is no text tower")
    }
    let table = try require(.test, .zeroShot)
    let classifier = try ZeroShotClassifier(
      dataset.classes, templates: dataset.templates, subject.encoder, subject.tokenizer(), compute)
    let sheet = try classifier.scores(of: table, for: dataset.metric) {
      try subject.encoder.logits($0, $1, compute)
    }
    var result = try result(.zeroShot, sheet, table, .zeroShot)
    result.leaveOut([table])
    result.zeroShot = TaskResult.ZeroShot(
      templates: dataset.templates, texts: classifier.texts, ties: sheet.ties,
      identicalClasses: classifier.identicalClasses,
      closeGuesses: sheet.closeGuesses(1e-5))
    return Outcome(result: result, sheet: sheet)
  }

  private func linearProbe() throws -> Outcome {
    let train = try require(.train, .probe)
    let validation = try features.table(.validation, .probe)
    let test = try require(.test, .probe)
    let probe = LinearProbe(settings.probe, for: dataset.metric, compute)
    let outcome = try probe.train(
      train, validation: validation, progress: features.progress().map { ProbeProgress(path: "\($0).probe") },
      report: report)
    let sheet = try probe.test(outcome.fit.classifier, on: test)
    var result = try result(.linearProbe, sheet, test, .probe)
    result.leaveOut([train, validation, test])
    result.probe = TaskResult.Probe(outcome, rows: train.rows + (validation?.rows ?? 0))
    return Outcome(result: result, sheet: sheet)
  }

  private func fewShot() throws -> Outcome {
    let train = try require(.train, .probe)
    let validation = try features.table(.validation, .probe)
    let test = try require(.test, .probe)
    var settings = settings.fewShot
    settings.probe = self.settings.probe
    let scores = try FewShot(settings, for: dataset.metric, compute).run(
      train: train, validation: validation, test: test,
      progress: features.progress().map { FewShotProgress(path: "\($0).few-shot") }
    ) { report("few-shot probes: \($0) of \($1)") }
    guard let last = scores.last else {
      throw CheckpointError(.missing, .evaluation, subject: name, "no numbers of shots were asked for")
    }
    var result = blank(.fewShot, score: last.mean, interval: last.interval, test, .probe)
    result.leaveOut([train, validation, test])
    result.fewShot = scores
    result.fewShotSettings = settings
    return Outcome(result: result, sheet: nil)
  }

  private func dataEfficiency() throws -> Outcome {
    let zeroShot = try run(.zeroShot).result
    let fewShot = try run(.fewShot).result
    let probe = try run(.linearProbe).result
    var curve = (fewShot.fewShot ?? []).map { DataEfficiency.Point(shots: Double($0.shots), score: $0.mean) }
    if let rows = probe.probe?.rows {
      // The whole training set stands where its rows, evenly divided, would.
      curve.append(
        DataEfficiency.Point(shots: Double(rows) / Double(dataset.classes.count), score: probe.score))
    }
    let test = try require(.test, .probe)
    var result = blank(.dataEfficiency, score: zeroShot.score, interval: zeroShot.interval, test, .probe)
    result.dataEfficiency = DataEfficiency(matching: zeroShot.score, curve)
    result.fewShot = fewShot.fewShot
    result.fewShotSettings = fewShot.fewShotSettings
    return Outcome(result: result, sheet: nil)
  }

  private func require(_ split: DatasetSplit, _ purpose: FeaturePurpose) throws -> FeatureTable {
    guard let table = try features.table(split, purpose) else {
      throw CheckpointError(
        .missing, .dataset, subject: dataset.name, "there is no \(split.rawValue) split, which the task needs")
    }
    return table
  }

  private func result(
    _ task: EvaluationTask, _ sheet: ScoreSheet, _ table: FeatureTable, _ purpose: FeaturePurpose
  ) throws -> TaskResult {
    var result = blank(
      task, score: try sheet.score(dataset.metric), interval: sheet.interval(dataset.metric), table, purpose)
    result.rows = sheet.counted.count
    if !sheet.labels.isMultiLabel { result.confusion = sheet.confusion }
    result.worst = sheet.worst(settings.worst, name: dataset.rowName)
    return result
  }

  private func blank(
    _ task: EvaluationTask, score: Double, interval: ConfidenceInterval?, _ table: FeatureTable,
    _ purpose: FeaturePurpose
  ) -> TaskResult {
    let (layer, isNormalized) = features.layer(purpose)
    let rows = table.labels.isMultiLabel ? table.rows : table.labels.values.count { $0 >= 0 }
    var result = TaskResult(
      model: name, encoding: subject?.encoding, dataset: dataset.name, task: task, metric: dataset.metric.rawValue,
      score: score, interval: interval, rows: rows, unreadable: 0,
      features: TaskResult.Features(layer: layer, isNormalized: isNormalized, width: table.width),
      classes: dataset.classes.classes.map { $0.names[0] })
    result.paper = subject.flatMap { PaperResults.model(of: $0.encoder.configuration) }.flatMap {
      PaperResults.context(dataset: dataset.name, model: $0, task: task, rows: rows)
    }
    return result
  }
}
