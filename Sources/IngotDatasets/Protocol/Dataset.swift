// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// An opened dataset: names and labels of all samples, and pictures on demand.
public struct Dataset: Sendable {
  /// What is known of it without its files.
  public let description: DatasetDescription
  /// What results call it: its name in the catalogue, unless the person chose another.
  public let name: String
  /// Its classes; a label is an index into them.
  public let classes: ClassTable
  /// Templates of prompts, in which `{}` stands for the name of a class.
  public let templates: [String]
  /// The partition that was opened, from 1 on.
  public let partition: Int
  /// The seed that splits were drawn with; `nil` where they are published.
  public let splitSeed: UInt64?
  /// What is unusual and not fatal: counts other than the published ones, classes that share a name, files that were passed over.
  public private(set) var remarks: [String]
  private let parts: [DatasetSplit: any SampleSource]

  /// How it is scored.
  public var metric: DatasetMetric { description.metric }
  /// Whether a picture shows several classes at once.
  public var isMultiLabel: Bool { description.isMultiLabel }

  /// The splits that there are, of the three plain ones.
  public var splits: [DatasetSplit] { [.train, .validation, .test].filter { parts[$0] != nil } }

  /// Whether there is a split.
  public func has(_ split: DatasetSplit) -> Bool {
    split == .trainAndValidation ? parts[.train] != nil : parts[split] != nil
  }

  /// The samples of a split.
  ///
  /// - Parameter split: which; training and validation together are the training samples alone where there is no validation split.
  /// - Returns: the samples.
  /// - Throws: `missing` when the dataset has no such split.
  public func samples(of split: DatasetSplit) throws(CheckpointError) -> any SampleSource {
    if let part = parts[split] { return part }
    if split == .trainAndValidation, let train = parts[.train] {
      return parts[.validation].map { SampleSequence([train, $0]) } ?? train
    }
    let found = splits.isEmpty ? "nothing" : splits.map(\.rawValue).joined(separator: ", ")
    throw CheckpointError(
      .missing, .dataset, subject: split.rawValue, "the dataset has no such split here, it has \(found)")
  }

  /// Puts together what a reader found.
  ///
  /// - Parameters:
  ///   - description: what is expected.
  ///   - options: what the person chose.
  ///   - classes: the classes as read, where the description has none.
  ///   - parts: the splits.
  ///   - remarks: what the reader has to say.
  /// - Throws: `mismatch` for counts other than the published ones under `isStrict`, or for class names that do not fit.
  init(
    _ description: DatasetDescription, _ options: DatasetOptions, classes: ClassTable? = nil,
    parts: [DatasetSplit: any SampleSource], remarks: [String] = []
  ) throws(CheckpointError) {
    guard var table = classes ?? description.classes else { preconditionFailure("a dataset has classes") }
    if let names = options.classNames { table = try table.renamed(names) }
    self.description = description
    name = options.name ?? description.name
    self.classes = table
    self.parts = parts
    templates = options.templates ?? description.templates
    partition = options.partition
    splitSeed = description.drawnSplits == nil ? nil : options.seed
    var said = remarks
    var wrong: [String] = []
    for split in DatasetSplit.allCases {
      guard let expected = description.counts(ofPartition: options.partition)[split], let found = parts[split]?.count,
        found != expected
      else {
        continue
      }
      wrong.append("\(split.rawValue) has \(found) samples, published are \(expected)")
    }
    if options.isStrict, !wrong.isEmpty {
      throw CheckpointError(.mismatch, .dataset, subject: description.name, (wrong + remarks).joined(separator: "; "))
    }
    said += wrong
    for shared in table.sharedNames {
      let numbers = shared.classes.map(String.init).joined(separator: " and ")
      said.append("classes \(numbers) are both called \"\(shared.name)\": their scores are equal")
    }
    self.remarks = said
  }
}
