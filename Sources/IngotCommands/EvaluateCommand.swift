// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotDatasets
import IngotEvaluation
import IngotPlot
import IngotTensor

/// `ingot evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract: "Run the tasks of the CLIP paper: zero-shot, linear probe, few-shot, data efficiency.",
    discussion: """
      Several models, datasets and tasks make one table; beside models with texts one without is probed only. With --against, guesses are compared row by row with another model's, and exit code 1 \
      says that more than --budget points were lost. With --cache, features are kept, and an interrupted run goes on where it was; --shard \
      computes a part of them, --merge puts the parts together. Without a model, probes run on features of another program (.npy).
      """)

  @Argument(help: ".ingot files or checkpoints.")
  var models: [String] = []

  @OptionGroup var datasets: DatasetChoice

  @Option(name: .long, parsing: .upToNextOption, help: "zero-shot, linear-probe, few-shot, data-efficiency.")
  var task: [EvaluationTask] = [.zeroShot]

  @Option(name: .long, help: "Another model, run on the same rows.")
  var against: String?

  @Option(name: .long, help: "Points that a model may lose against the other one.")
  var budget: Double?

  @Option(name: .long, help: "A folder where features are kept.")
  var cache: String?

  @Option(name: .long, help: "Compute the features of one part only, for example 2/8, into the cache.")
  var shard: Shard?

  @Option(name: .long, help: "Put so many parts together in the cache, after checking that all are complete.")
  var merge: Int?

  @Option(name: .long, help: "Vocabulary, where the model has none embedded.")
  var tokenizer: String?

  @Option(name: .long, help: "Write the table of scores as Markdown.")
  var markdown: String?

  @Option(name: .long, help: "Write all scores as comma-separated values.")
  var csv: String?

  @Option(name: .long, help: "Write the pictures as SVG files into a folder.")
  var pictures: String?

  @Flag(name: .long, help: "Replace outputs that exist.")
  var force = false

  @OptionGroup var files: FeatureFiles
  @OptionGroup var probes: ProbeOptions
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var page: PageOptions

  func validate() throws {
    if files.isGiven {
      if !models.isEmpty { throw ValidationError("name either models or features of another program") }
      if !datasets.dataset.isEmpty { throw ValidationError("features of another program are of no --dataset") }
    } else {
      if models.isEmpty { throw ValidationError("no model was named") }
      if datasets.dataset.isEmpty { throw ValidationError("no --dataset was named") }
    }
    if shard != nil || merge != nil {
      if cache == nil { throw ValidationError("--shard and --merge need a --cache") }
      if shard != nil, merge != nil { throw ValidationError("name either --shard or --merge") }
      if let merge, merge < 1 || merge > 1_000_000 { throw ValidationError("--merge is \(merge)") }
    }
    if let budget, !(budget >= 0) { throw ValidationError("--budget is \(budget); it is not negative") }
    if budget != nil, against == nil { throw ValidationError("--budget needs --against") }
    if against != nil, models.count != 1 { throw ValidationError("--against compares one model with another") }
  }

  func run() throws {
    if shard != nil || merge != nil { return try runShards() }
    // What is to be written can be written: this is known before hours are spent.
    let pageFile = try page.create(force ? .replace : .refuse)
    let tables = try [markdown, csv].map { path in
      try path.map { try AtomicFile(path: $0, existing: force ? .replace : .refuse) }
    }
    var results: [TaskResult] = []
    var comparisons: [TaskComparison] = []
    if files.isGiven {
      results = try runFeatures()
    } else {
      let subjects = try (models + (against.map { [$0] } ?? [])).map { try subject($0) }
      for place in datasets.places {
        let runs = try subjects.map { try run($0, on: place) }
        results += runs.flatMap { $0.map(\.result) }
        if against != nil { comparisons += try compare(runs, subjects, on: place) }
      }
    }
    try write(results, to: tables)
    try draw(results, comparisons, to: pageFile)
    if report.json {
      Console.json(EvaluationDocument(results: results, comparisons: comparisons))
    } else {
      EvaluationText.lines(results, comparisons).forEach { Console.print($0) }
    }
    if !comparisons.allSatisfy(\.passed) { throw ExitCode(1) }
  }

  private var settings: EvaluationSettings {
    var settings = EvaluationSettings()
    settings.cache = cache
    settings.unreadable = datasets.unreadable
    probes.apply(to: &settings)
    return settings
  }

  private func subject(_ path: String) throws -> EvaluationSubject {
    try LoadedModel.open(path, modelOptions.options, stateDict: modelOptions.stateDict).subject(
      tokenizer: tokenizer, activations: computing.activations)
  }

  /// Writes the page and the pictures, where they are asked for.
  private func draw(_ results: [TaskResult], _ comparisons: [TaskComparison], to pageFile: PageFile?) throws {
    guard pageFile != nil || pictures != nil else { return }
    var report = EvaluationReport(results, comparisons: comparisons, tool: Converter.toolVersion)
    if let pictures {
      try FileStatus.makeFolder(pictures)
      for figure in report.figures {
        try IngotCommands.write(
          figure.chart, to: "\(pictures)/\(figure.name).svg", existing: force ? .replace : .refuse)
      }
    }
    guard let pageFile else { return }
    for place in datasets.places {
      try report.addThumbnails(of: datasets.open(place, partition: partitions(of: place.kind)[0]))
    }
    try pageFile.write(report.page)
  }

  /// The partitions to run: the one named, or all whose mean is the paper's score.
  private func partitions(of name: String) -> [Int] {
    if let partition = datasets.partition { return [partition] }
    guard let description = DatasetCatalogue.description(of: name), description.averagesPartitions else { return [1] }
    return Array(1...description.partitions)
  }

  private func run(
    _ subject: EvaluationSubject, on place: DatasetPlace
  ) throws -> [TaskRunner.Outcome] {
    let tasks = self.tasks(for: subject)
    var partitions: [[TaskRunner.Outcome]] = []
    for partition in self.partitions(of: place.kind) {
      let dataset = try datasets.open(place, partition: partition)
      for remark in dataset.remarks { Console.note("ingot: \(dataset.name): \(remark)") }
      let provider = FeatureProvider(subject, dataset, settings, computing.compute) {
        Console.progress($1, of: $2, $0)
      }
      let runner = TaskRunner(
        name: subject.name, subject, try TaskRunner.DatasetLabel(dataset), TaskRunner.Features(provider), settings,
        computing.compute
      ) { Console.step($0) }
      partitions.append(try tasks.map { try runner.run($0) })
    }
    Console.endStep()
    return TaskRunner.Outcome.averaged(partitions)
  }

  /// The tasks that a model can run.
  ///
  /// Beside models with texts one without is probed only, which is said; alone it is an error.
  private func tasks(for subject: EvaluationSubject) -> [EvaluationTask] {
    guard subject.encoder.configuration.text == nil, models.count > 1, against == nil else { return task }
    let (possible, left) = (task.filter { !$0.needsText }, task.filter(\.needsText))
    if !left.isEmpty {
      Console.note("ingot: \(subject.name) has no text tower: \(left.map(\.rawValue).joined(separator: ", ")) left out")
    }
    return possible
  }

  private func compare(
    _ runs: [[TaskRunner.Outcome]], _ subjects: [EvaluationSubject], on place: DatasetPlace
  ) throws -> [TaskComparison] {
    try zip(runs[0], runs[1]).compactMap { first, second in
      guard let mine = first.sheet, let theirs = second.sheet,
        let metric = DatasetMetric(rawValue: first.result.metric)
      else { return nil }
      return try TaskComparison(
        (subjects[0].name, mine), against: (subjects[1].name, theirs), dataset: place.name, task: first.result.task,
        metric: metric, budget: budget)
    }
  }

  private func runFeatures() throws -> [TaskResult] {
    let tables = try files.tables()
    guard let train = tables[.train], let name = files.trainFeatures else { return [] }
    let classes = try ClassTable((0..<train.labels.classes).map { ClassTable.Class(key: "\($0)", names: ["\($0)"]) })
    var progress: String?
    if let cache {
      try FileStatus.makeFolder(cache)
      progress = "\(cache)/features"
    }
    let runner = TaskRunner(
      name: name, nil, TaskRunner.DatasetLabel(name: "features", metric: files.metric, classes: classes),
      TaskRunner.Features(tables, progress: progress), settings, computing.compute
    ) { Console.step($0) }
    defer { Console.endStep() }
    return try task.map { try runner.run($0).result }
  }

  private func runShards() throws {
    var lines: [ShardDocument] = []
    for path in models {
      let subject = try subject(path)
      for place in datasets.places {
        for partition in partitions(of: place.kind) {
          let dataset = try datasets.open(place, partition: partition)
          let provider = FeatureProvider(subject, dataset, settings, computing.compute) {
            Console.progress($1, of: $2, $0)
          }
          for (split, purpose) in needed(dataset, by: tasks(for: subject)) {
            let table =
              try shard.map { try provider.shard(split, for: purpose, $0) }
              ?? provider.merge(split, for: purpose, shards: merge ?? 1)
            lines.append(ShardDocument(dataset: place.name, table))
          }
        }
      }
    }
    if report.json {
      Console.json(lines)
    } else {
      for line in lines { Console.print("\(line.features): \(line.rows) × \(line.width)") }
    }
  }

  /// The splits and features that the tasks need.
  private func needed(_ dataset: Dataset, by tasks: [EvaluationTask]) -> [(DatasetSplit, FeaturePurpose)] {
    var needed: [(DatasetSplit, FeaturePurpose)] = []
    if tasks.contains(where: \.needsText) { needed.append((.test, .zeroShot)) }
    if tasks.contains(where: { $0 != .zeroShot }) {
      needed += dataset.splits.map { ($0, .probe) }
    }
    return needed
  }

  /// Writes the table as Markdown and as comma-separated values, where they are asked for.
  private func write(_ results: [TaskResult], to files: [AtomicFile?]) throws {
    let table = ResultTable(results)
    for (file, text) in zip(files, [table.markdown, table.csv]) {
      guard let file else { continue }
      try Array(text.utf8).withRawSpan { try file.append($0) }
      try file.commit()
    }
  }
}
