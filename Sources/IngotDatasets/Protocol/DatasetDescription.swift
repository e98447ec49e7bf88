// SPDX-License-Identifier: Apache-2.0

/// What is known of a dataset before any of its files is looked at.
public struct DatasetDescription: Sendable, Hashable {
  /// The name on the command line, for example `cifar10`.
  public let name: String
  /// The name for people, as the paper has it.
  public let title: String
  /// How it is scored.
  public let metric: DatasetMetric
  /// Its classes; `nil` where only the files tell.
  public let classes: ClassTable?
  /// Templates of prompts; several are averaged.
  public let templates: [String]
  /// Whether a picture shows several classes at once.
  public let isMultiLabel: Bool
  /// How many samples each split of each partition has as published; of the first one alone where all are alike.
  let countsByPartition: [[DatasetSplit: Int]]
  /// How many training and test samples the paper's table prints; `nil` for datasets outside it.
  public let paperCounts: PaperCounts?
  /// How many partitions or folds are published; 1 for most.
  public let partitions: Int
  /// Whether the paper's score is the mean over all partitions and not that of the first.
  public let averagesPartitions: Bool
  /// How the splits come about where none are published; `nil` where they are.
  public let drawnSplits: String?
  /// The files that are expected, for people.
  public let layout: [String]

  /// How many samples each split has as published.
  public var counts: [DatasetSplit: Int] { counts(ofPartition: 1) }

  /// How many samples each split of a partition has as published.
  ///
  /// - Parameter number: from 1 on.
  /// - Returns: the sizes; a split that is not published has none.
  public func counts(ofPartition number: Int) -> [DatasetSplit: Int] {
    countsByPartition.indices.contains(number - 1) ? countsByPartition[number - 1] : countsByPartition.first ?? [:]
  }

  /// The sizes that the paper's table prints, errors included.
  public struct PaperCounts: Sendable, Hashable {
    /// Training and validation samples.
    public let train: Int
    /// Test samples.
    public let test: Int
    /// Why they differ from the published dataset; `nil` where they agree.
    public let remark: String?
  }

  init(
    _ name: String, _ title: String, metric: DatasetMetric = .accuracy, classes: ClassTable?, templates: [String],
    isMultiLabel: Bool = false, counts: [[DatasetSplit: Int]] = [], paper: PaperCounts? = nil, partitions: Int = 1,
    averagesPartitions: Bool = false, drawnSplits: String? = nil, layout: [String]
  ) {
    self.name = name
    self.title = title
    self.metric = metric
    self.classes = classes
    self.templates = templates
    self.isMultiLabel = isMultiLabel
    countsByPartition = counts
    self.paperCounts = paper
    self.partitions = partitions
    self.averagesPartitions = averagesPartitions
    self.drawnSplits = drawnSplits
    self.layout = layout
  }
}
