// SPDX-License-Identifier: Apache-2.0

public import IngotCLIP
public import IngotStatistics

/// What one model scored in one task on one dataset.
public struct TaskResult: Sendable, Hashable, Codable {
  /// The model, as the person named it.
  public var model: String
  /// How its weights are stored; `nil` for features of another program.
  public var encoding: String?
  /// The dataset's name.
  public var dataset: String
  /// The task.
  public var task: EvaluationTask
  /// How it is scored.
  public var metric: String
  /// The score, from 0 to 1: of few-shot probes the one with the most shots.
  public var score: Double
  /// Where the score lies, as far as the test rows, or the draws, can tell.
  public var interval: ConfidenceInterval?
  /// Test rows that count.
  public var rows: Int
  /// The score on each partition, where it is the mean of several.
  public var partitions: [Double]?
  /// Pictures of all splits that could not be read.
  public var unreadable: Int
  /// The first of them, by name and reason; `nil` where there are none.
  public var unreadablePictures: [UnreadableRow]?
  /// Which features were classified.
  public var features: Features
  /// Of zero-shot classification.
  public var zeroShot: ZeroShot?
  /// Of a linear probe.
  public var probe: Probe?
  /// Of few-shot probes.
  public var fewShot: [ShotScores]?
  /// How few-shot probes were run.
  public var fewShotSettings: FewShotSettings?
  /// Of data efficiency.
  public var dataEfficiency: DataEfficiency?
  /// The classes' first names, by label.
  public var classes: [String]
  /// Rows of a class, the first index, that were guessed to be another, the second; `nil` where a row may show several.
  public var confusion: [[Int]]?
  /// The worst wrong guesses.
  public var worst: [WrongGuess]
  /// What the paper has of the dataset.
  public var paper: PaperContext?

  /// How many unreadable pictures are named.
  static let mostNamed = 1000

  /// Notes what was left out of the features that were used.
  mutating func leaveOut(_ tables: [FeatureTable?]) {
    let rows = tables.flatMap { $0?.unreadable ?? [] }
    unreadable = rows.count
    unreadablePictures = rows.isEmpty ? nil : Array(rows.prefix(Self.mostNamed))
  }

  /// Which features.
  public struct Features: Sendable, Hashable, Codable {
    /// Where they were taken; `nil` for features of another program.
    public var layer: FeatureLayer?
    /// Whether rows have unit length.
    public var isNormalized: Bool
    /// Numbers in a row.
    public var width: Int

    /// Describes features.
    public init(layer: FeatureLayer?, isNormalized: Bool, width: Int) {
      self.layer = layer
      self.isNormalized = isNormalized
      self.width = width
    }
  }

  /// What is special to zero-shot classification.
  public struct ZeroShot: Sendable, Hashable, Codable {
    /// The templates.
    public var templates: [String]
    /// Different texts that were embedded.
    public var texts: Int
    /// Rows whose highest score another class equals to the bit.
    public var ties: Int
    /// Classes whose scores are always equal.
    public var identicalClasses: [[Int]]
    /// How many guesses have a margin below 1e-5: they may differ between implementations.
    public var closeGuesses: Int

    /// Describes a classification.
    public init(templates: [String], texts: Int, ties: Int, identicalClasses: [[Int]], closeGuesses: Int) {
      self.templates = templates
      self.texts = texts
      self.ties = ties
      self.identicalClasses = identicalClasses
      self.closeGuesses = closeGuesses
    }
  }

  /// What is special to a linear probe.
  public struct Probe: Sendable, Hashable, Codable {
    /// The strength of the penalty.
    public var lambda: Double
    /// Its inverse, scikit-learn's C.
    public var c: Double
    /// How validation rows were chosen.
    public var validation: String
    /// The strengths that were tried.
    public var trials: [PenaltySweep.Trial]
    /// scikit-learn's objective.
    public var objective: Double
    /// Iterations of the last training.
    public var iterations: Int
    /// Whether it ended before the limit of iterations.
    public var hasConverged: Bool
    /// Training rows, those of validation included.
    public var rows: Int

    /// Describes a probe.
    public init(_ outcome: LinearProbe.Outcome, rows: Int) {
      lambda = outcome.lambda
      c = outcome.fit.c
      validation = outcome.validation
      trials = outcome.trials
      objective = outcome.fit.objective
      iterations = outcome.fit.iterations
      hasConverged = outcome.fit.hasConverged
      self.rows = rows
    }
  }

  /// Describes a result; what is special to the task is added afterwards.
  public init(
    model: String, encoding: String?, dataset: String, task: EvaluationTask, metric: String, score: Double,
    interval: ConfidenceInterval?, rows: Int, unreadable: Int, features: Features, classes: [String]
  ) {
    self.model = model
    self.encoding = encoding
    self.dataset = dataset
    self.task = task
    self.metric = metric
    self.score = score
    self.interval = interval
    self.rows = rows
    self.unreadable = unreadable
    self.features = features
    self.classes = classes
    worst = []
  }
}
