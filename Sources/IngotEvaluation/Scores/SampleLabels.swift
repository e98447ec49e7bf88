// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotDatasets

/// What the rows of a table of features show.
public struct SampleLabels: Sendable, Hashable {
  /// How many classes there are.
  public let classes: Int
  /// Whether a row may show several classes.
  public let isMultiLabel: Bool
  /// One number for each row, its class, -1 for a row that is left out; with several classes, a number for each row and class: 1 present,
  /// 0 absent, -1 neither counted as right nor as wrong.
  public let values: [Int32]

  /// How many rows.
  public var count: Int { isMultiLabel ? values.count / classes : values.count }

  /// Takes labels that are known to be valid, one for each row.
  ///
  /// - Parameters:
  ///   - values: each less than `classes`; -1 for a row that is left out.
  ///   - classes: how many classes there are.
  public init(_ values: [Int32], classes: Int) {
    precondition(values.allSatisfy { $0 >= -1 && $0 < Int32(classes) }, "labels are classes")
    self.classes = classes
    self.values = values
    isMultiLabel = false
  }

  /// Checks labels that come from a file.
  ///
  /// - Parameters:
  ///   - values: numbers of one column, or of one for each class.
  ///   - columns: how many columns.
  ///   - classes: how many classes there are; `nil` is one more than the largest label, which are at most as many as rows.
  /// - Throws: `mismatch` naming the first row whose label is no class.
  init(checking values: [Int32], columns: Int, classes: Int?) throws(CheckpointError) {
    isMultiLabel = columns > 1
    self.classes = isMultiLabel ? columns : classes ?? Int(values.max() ?? -1) + 1
    self.values = values
    if !isMultiLabel, classes == nil, self.classes > values.count,
      let index = values.firstIndex(where: { $0 >= values.count })
    {
      throw CheckpointError(
        .mismatch, .features, subject: "labels",
        "row \(index) has label \(values[index]); \(values.count) rows are of \(values.count) classes at most, numbered from 0"
      )
    }
    let most = isMultiLabel ? 2 : self.classes
    if let index = values.firstIndex(where: { $0 < -1 || Int($0) >= most }) {
      throw CheckpointError(
        .mismatch, .features, subject: "labels",
        "row \(index / columns) has label \(values[index]), allowed are -1 to \(most - 1)")
    }
  }

  /// The labels of some samples.
  ///
  /// - Parameters:
  ///   - source: the samples.
  ///   - range: which of them.
  ///   - classes: how many classes there are.
  ///   - isMultiLabel: whether a sample may show several.
  /// - Throws: `mismatch` for a label that is no class, by the sample's name.
  init(
    _ source: any SampleSource, _ range: Range<Int>, classes: Int, isMultiLabel: Bool
  ) throws(CheckpointError) {
    var values: [Int32] = []
    values.reserveCapacity(range.count * (isMultiLabel ? classes : 1))
    for index in range {
      let label = source.label(at: index)
      if let wrong = label.indices.first(where: { $0 < 0 || $0 >= classes }) {
        throw CheckpointError(
          .mismatch, .features, subject: source.name(at: index), "has label \(wrong), allowed are 0 to \(classes - 1)")
      }
      switch label {
      case .one(let only) where !isMultiLabel: values.append(Int32(only))
      case .several(let present, let ignored) where isMultiLabel:
        var row = [Int32](repeating: 0, count: classes)
        for index in ignored { row[index] = -1 }
        for index in present { row[index] = 1 }
        values += row
      default:
        throw CheckpointError(
          .mismatch, .features, subject: source.name(at: index),
          isMultiLabel ? "has one class, expected a list" : "has a list of classes, expected one")
      }
    }
    self.values = values
    self.classes = classes
    self.isMultiLabel = isMultiLabel
  }

  private init(values: [Int32], classes: Int, isMultiLabel: Bool) {
    self.values = values
    self.classes = classes
    self.isMultiLabel = isMultiLabel
  }

  /// The same with some rows left out.
  func leavingOut(_ rows: [Int]) -> SampleLabels {
    var values = values
    let columns = isMultiLabel ? classes : 1
    for row in rows {
      for column in 0..<columns { values[row * columns + column] = -1 }
    }
    return SampleLabels(values: values, classes: classes, isMultiLabel: isMultiLabel)
  }

  /// Whether anything is known of a row.
  func counts(_ row: Int) -> Bool {
    isMultiLabel ? values[row * classes..<(row + 1) * classes].contains { $0 >= 0 } : values[row] >= 0
  }

  /// How many rows of each class there are, those left out not counted.
  public var countsByClass: [Int] {
    var counts = [Int](repeating: 0, count: classes)
    for (index, value) in values.enumerated() where value >= 0 {
      if !isMultiLabel { counts[Int(value)] += 1 } else if value == 1 { counts[index % classes] += 1 }
    }
    return counts
  }
}

extension SampleLabel {
  /// All classes that the label names.
  fileprivate var indices: [Int] {
    switch self {
    case .one(let index): [index]
    case .several(let present, let ignored): present + ignored
    }
  }
}
