// SPDX-License-Identifier: Apache-2.0

import IngotDatasets

/// What is known of a dataset without its files, as `ingot datasets` prints it.
struct DescriptionDocument: Encodable {
  /// One class.
  struct Class: Encodable {
    let key: String
    let names: [String]
  }

  let name: String
  let title: String
  let metric: String
  let isMultiLabel: Bool
  let classes: [Class]
  let templates: [String]
  let counts: [String: Int]
  let paperTrain: Int?
  let paperTest: Int?
  let paperRemark: String?
  let partitions: Int
  let averagesPartitions: Bool
  let drawnSplits: String?
  let layout: [String]

  init(_ description: DatasetDescription) {
    name = description.name
    title = description.title
    metric = description.metric.rawValue
    isMultiLabel = description.isMultiLabel
    classes = description.classes?.classes.map { Class(key: $0.key, names: $0.names) } ?? []
    templates = description.templates
    counts = Dictionary(uniqueKeysWithValues: description.counts.map { ($0.key.rawValue, $0.value) })
    paperTrain = description.paperCounts?.train
    paperTest = description.paperCounts?.test
    paperRemark = description.paperCounts?.remark
    partitions = description.partitions
    averagesPartitions = description.averagesPartitions
    drawnSplits = description.drawnSplits
    layout = description.layout
  }

  /// Its row in the list.
  var row: [String] {
    let sizes = ["train", "validation", "test"].map { counts[$0].map(grouped) ?? "-" }
    return [name, title, classes.isEmpty ? "-" : "\(classes.count)"] + sizes + [metric]
  }

  /// All of it, for people.
  var lines: [String] {
    var lines = ["\(title) (\(name)), scored by \(metric)"]
    for split in ["train", "validation", "test"] {
      if let count = counts[split] { lines.append("\(split): \(grouped(count))") }
    }
    if let paperTrain, let paperTest, let paperRemark {
      lines.append("the paper prints \(grouped(paperTrain)) and \(grouped(paperTest)): \(paperRemark)")
    }
    if partitions > 1 {
      lines.append("\(partitions) partitions\(averagesPartitions ? "; the paper's score is the mean over them" : "")")
    }
    if let drawnSplits { lines.append("splits are drawn: \(drawnSplits)") }
    lines.append("files:")
    lines += layout.map { "  " + $0 }
    lines.append("templates:")
    lines += templates.map { "  " + $0 }
    if !classes.isEmpty { lines.append("classes, as the files call them and for prompts:") }
    lines += classes.enumerated().map {
      "  \($0.offset)  \($0.element.key)  \($0.element.names.joined(separator: " | "))"
    }
    return lines
  }
}

/// What is in a dataset's folder, as `ingot datasets NAME --data` prints it.
struct DatasetDocument: Encodable {
  /// One split.
  struct Split: Encodable {
    let name: String
    let count: Int
    let published: Int?
    /// How many samples each class has; those of several classes count for each.
    let perClass: [Int]
  }

  /// One picture that cannot be read.
  struct Unreadable: Encodable {
    let name: String
    let reason: String
  }

  let dataset: String
  let data: String
  let partition: Int
  let splitSeed: UInt64?
  let classes: Int
  let splits: [Split]
  let remarks: [String]
  let unreadableCount: Int?
  let unreadable: [Unreadable]?

  init(_ dataset: Dataset, path: String, unreadable tally: UnreadablePictures?) throws {
    self.dataset = dataset.name
    data = path
    partition = dataset.partition
    splitSeed = dataset.splitSeed
    classes = dataset.classes.count
    let published = dataset.description.counts(ofPartition: dataset.partition)
    splits = try dataset.splits.map { split in
      let samples = try dataset.samples(of: split)
      var perClass = [Int](repeating: 0, count: dataset.classes.count)
      for index in 0..<samples.count {
        switch samples.label(at: index) {
        case .one(let label): perClass[label] += 1
        case .several(let present, _): for label in present { perClass[label] += 1 }
        }
      }
      return Split(name: split.rawValue, count: samples.count, published: published[split], perClass: perClass)
    }
    remarks = dataset.remarks
    unreadableCount = tally?.count
    unreadable = tally?.entries.map { Unreadable(name: $0.name, reason: $0.reason) }
  }

  /// For people.
  var lines: [String] {
    var lines = ["\(dataset): \(classes) classes"]
    if let splitSeed { lines[0] += ", splits drawn with seed \(splitSeed)" }
    for split in splits {
      let smallest = split.perClass.min() ?? 0
      let largest = split.perClass.max() ?? 0
      let expected =
        split.published.map { $0 == split.count ? ", as published" : ", published are \(grouped($0))" } ?? ""
      lines.append("\(split.name): \(grouped(split.count))\(expected); \(smallest) to \(largest) of a class")
    }
    lines += remarks.map { "note: " + $0 }
    if let unreadableCount, let unreadable {
      lines.append("pictures that cannot be read: \(grouped(unreadableCount))")
      lines += unreadable.map { "  \($0.name): \($0.reason)" }
    }
    return lines
  }
}
