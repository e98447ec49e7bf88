// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotDatasets
import IngotEvaluation

extension EvaluationTask: ExpressibleByArgument {}
extension FeatureLayer: ExpressibleByArgument {}
extension PenaltySweep.Order: ExpressibleByArgument {}
extension ShotValidation: ExpressibleByArgument {}
extension ShortClassPolicy: ExpressibleByArgument {}
extension DatasetMetric: ExpressibleByArgument {}
extension Shard: ExpressibleByArgument {
  /// Reads `2/8`.
  public init?(argument: String) { self.init(argument) }
}

extension UnreadablePolicy: ExpressibleByArgument {}

/// How probes are trained.
struct ProbeOptions: ParsableArguments {
  @Option(
    name: .long,
    help: "Where a probe's features are taken: pre-projection, as the paper does it, or projected.")
  var layer: FeatureLayer = .preProjection

  @Flag(name: .long, help: "Give a probe's features unit length.")
  var normalize = false

  @Option(name: .long, help: "The strength λ of the L2 penalty (scikit-learn's C is 1/λ), instead of a sweep.")
  var lambda: Double?

  @Option(
    name: .long, help: "In which order 97 strengths from 1e-6 to 1e6 are tried: coarse-to-fine, at most 15, or all.")
  var sweep: PenaltySweep.Order = .coarseToFine

  @Option(name: .long, help: "Iterations of L-BFGS at most.")
  var iterations = 1000

  @Option(name: .long, help: "The largest derivative of the mean loss at which training ends.")
  var tolerance = 1e-4

  @Option(name: .long, help: "Seed of draws, and of the choice of validation rows.")
  var seed: UInt64 = 0

  @Option(name: .long, parsing: .upToNextOption, help: "Rows of each class in few-shot probes.")
  var shots = [1, 2, 4, 8, 16]

  @Option(name: .long, help: "Draws of each number of shots.")
  var draws = 10

  @Option(
    name: .long,
    help:
      "What chooses a few-shot probe's penalty: all validation rows (full), as the paper does it, or as many as shots, at most 4 (shots)."
  )
  var validation: ShotValidation = .full

  @Option(
    name: .long,
    help: "What becomes of a class with too few rows for a draw: stop, or fewer, which takes what there is.")
  var shortClasses: ShortClassPolicy = .stop

  func validate() throws {
    if let lambda, !(lambda > 0 && lambda.isFinite) { throw ValidationError("--lambda is \(lambda); it is positive") }
    if iterations < 1 { throw ValidationError("--iterations is \(iterations); at least 1") }
    if !(tolerance >= 0) { throw ValidationError("--tolerance is \(tolerance); it is not negative") }
    if draws < 1 || draws > 10_000 { throw ValidationError("--draws is \(draws); allowed are 1 to 10000") }
    if shots.isEmpty || shots.contains(where: { $0 < 1 }) { throw ValidationError("--shots are positive numbers") }
    if Set(shots).count != shots.count { throw ValidationError("--shots has a number twice") }
  }

  func apply(to settings: inout EvaluationSettings) {
    settings.layer = layer
    settings.isNormalized = normalize
    settings.probe.lambda = lambda
    settings.probe.order = sweep
    settings.probe.options.iterations = iterations
    settings.probe.options.tolerance = tolerance
    settings.probe.seed = seed
    settings.fewShot.shots = shots.sorted()
    settings.fewShot.draws = draws
    settings.fewShot.seed = seed
    settings.fewShot.validation = validation
    settings.fewShot.policy = shortClasses
  }
}

/// Features that another program computed.
struct FeatureFiles: ParsableArguments {
  @Option(name: .long, help: "Features of the training rows: a .npy file [rows, width].")
  var trainFeatures: String?

  @Option(name: .long, help: "Labels of the training rows: a .npy file of whole numbers.")
  var trainLabels: String?

  @Option(name: .long, help: "Features of official validation rows.")
  var validationFeatures: String?

  @Option(name: .long, help: "Labels of the validation rows.")
  var validationLabels: String?

  @Option(name: .long, help: "Features of the test rows.")
  var testFeatures: String?

  @Option(name: .long, help: "Labels of the test rows.")
  var testLabels: String?

  @Option(name: .long, help: "How features of another program are scored.")
  var metric: DatasetMetric = .accuracy

  var isGiven: Bool { trainFeatures != nil }

  func validate() throws {
    for (name, features, labels) in [
      ("train", trainFeatures, trainLabels), ("validation", validationFeatures, validationLabels),
      ("test", testFeatures, testLabels),
    ] where (features == nil) != (labels == nil) {
      throw ValidationError("--\(name)-features and --\(name)-labels belong together")
    }
    if (trainFeatures == nil) != (testFeatures == nil) {
      throw ValidationError("--train-features and --test-features belong together")
    }
    if trainFeatures == nil, validationFeatures != nil {
      throw ValidationError("--validation-features without --train-features")
    }
  }

  /// The tables, all with as many classes as the training rows have.
  func tables() throws -> [DatasetSplit: FeatureTable] {
    guard let trainFeatures, let trainLabels, let testFeatures, let testLabels else { return [:] }
    let train = try FeatureTable(
      features: trainFeatures, labels: trainLabels, classes: nil, title: trainFeatures)
    var tables: [DatasetSplit: FeatureTable] = [.train: train]
    tables[.test] = try FeatureTable(
      features: testFeatures, labels: testLabels, classes: train.labels.classes, title: testFeatures)
    if let validationFeatures, let validationLabels {
      tables[.validation] = try FeatureTable(
        features: validationFeatures, labels: validationLabels, classes: train.labels.classes,
        title: validationFeatures)
    }
    return tables
  }
}
