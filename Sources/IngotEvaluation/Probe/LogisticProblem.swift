// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotTensor

/// Rows that a classifier is trained on: a table, and the class of each row.
public struct TrainingPart: Sendable {
  /// The features.
  public let table: FeatureTable
  /// The class of each row; rows of -1 are left out.
  public let labels: [Int32]

  /// Takes all rows of a table, or some of them.
  ///
  /// - Parameters:
  ///   - table: one label for each row.
  ///   - rows: which rows; `nil` is all.
  public init(_ table: FeatureTable, rows: Set<Int>? = nil) {
    precondition(!table.labels.isMultiLabel, "one label for each row")
    self.table = table
    labels =
      rows.map { rows in
        table.labels.values.enumerated().map { rows.contains($0.offset) ? $0.element : -1 }
      } ?? table.labels.values
  }

  /// Takes a class of a table whose rows may show several: 1 where it is present, 0 where it is absent.
  ///
  /// - Parameters:
  ///   - table: a label for each row and class.
  ///   - column: the class.
  ///   - rows: which rows; `nil` is all.
  public init(_ table: FeatureTable, column: Int, rows: Set<Int>? = nil) {
    precondition(table.labels.isMultiLabel, "several labels for each row")
    self.table = table
    labels = (0..<table.rows).map { row in
      rows?.contains(row) ?? true ? table.labels.values[row * table.labels.classes + column] : -1
    }
  }
}

/// Multinomial logistic regression with an L2 penalty, as scikit-learn defines it.
///
///     minimise C · Σ −log p(class of row) + ½ Σ weight², biases without a penalty.
///
/// With two classes there is one row of weights, as there: what is minimised here is the same function of the difference of two rows.
struct LogisticProblem {
  let parts: [TrainingPart]
  let classes: Int
  let width: Int
  let compute: Compute
  /// Rows that count.
  let rows: Int
  private var sums: LogisticSums

  /// Checks what a classifier is to be trained on.
  ///
  /// - Throws: `mismatch` for tables of different widths, `missing` when a class has no row, as its bias would have no minimum, and for
  ///   fewer than two classes.
  init(_ parts: [TrainingPart], classes: Int, _ compute: Compute) throws(CheckpointError) {
    precondition(!parts.isEmpty, "something to train on")
    guard classes > 1 else {
      throw CheckpointError(
        .missing, .evaluation, subject: parts[0].table.title,
        "there \(classes == 1 ? "is 1 class" : "are no classes") to tell apart, two are needed")
    }
    width = parts[0].table.width
    for part in parts where part.table.width != width {
      throw CheckpointError(
        .mismatch, .features, subject: part.table.title,
        "has rows of \(part.table.width) numbers, \(parts[0].table.title) has \(width)")
    }
    var counts = [Int](repeating: 0, count: classes)
    for part in parts { for label in part.labels where label >= 0 { counts[Int(label)] += 1 } }
    let empty = counts.indices.filter { counts[$0] == 0 }
    guard empty.isEmpty else {
      throw CheckpointError(
        .missing, .evaluation, subject: parts[0].table.title,
        "no rows to train on of class \(empty.prefix(8).map(String.init).joined(separator: ", "))")
    }
    rows = counts.reduce(0, +)
    self.parts = parts
    self.classes = classes
    self.compute = compute
    sums = LogisticSums(classes: classes, width: width)
  }

  /// How many numbers are searched for.
  var parameterCount: Int { classes * (width + 1) }

  /// The mean loss, and the penalty over as many rows and C: the function whose gradient's size ends the search.
  ///
  /// - Parameters:
  ///   - parameters: weights, then biases.
  ///   - c: the inverse strength of the penalty.
  /// - Returns: the value and its derivatives.
  /// - Throws: `malformed` when a feature is no finite number.
  mutating func evaluate(_ parameters: [Double], c: Double) throws -> LBFGS.Evaluation {
    let weightCount = classes * width
    let weights = WeightMatrix(
      rows: Matrix(values: parameters[..<weightCount].map { Float($0) }, rows: classes, columns: width))
    let bias = parameters[weightCount...].map { Float($0) }
    sums.clear()
    for part in parts {
      try part.table.forEachBlock { range, rows in
        try compute.addLogisticSums(of: rows, labels: part.labels[range], weights: weights, bias: bias, to: &sums)
      }
    }
    guard sums.loss.isFinite else { throw unreadable() }
    // Two classes: half of C makes the penalty that of the one difference (Formats/evaluation.md).
    let penalty = 1 / ((classes == 2 ? c / 2 : c) * Double(rows))
    let share = 1 / Double(rows)
    var squares = 0.0
    var gradient = [Double](repeating: 0, count: parameters.count)
    for index in 0..<weightCount {
      squares += parameters[index] * parameters[index]
      gradient[index] = sums.gradient[index] * share + penalty * parameters[index]
    }
    for index in 0..<classes { gradient[weightCount + index] = sums.biasGradient[index] * share }
    return LBFGS.Evaluation(value: sums.loss * share + 0.5 * penalty * squares, gradient: gradient)
  }

  /// From the function that is minimised to scikit-learn's.
  func objective(_ value: Double, c: Double) -> Double { value * Double(rows) * c }

  /// Where a feature is not finite.
  private func unreadable() -> CheckpointError {
    for part in parts {
      for row in 0..<part.table.rows where part.labels[row] >= 0 {
        let column = part.table.withRows(row..<row + 1) { [Float](littleEndianBytes: $0) }
          .firstIndex { !$0.isFinite }
        if let column {
          return CheckpointError(
            .malformed, .features, subject: part.table.title, "row \(row), column \(column) is not a finite number")
        }
      }
    }
    return CheckpointError(
      .overflow, .features, subject: parts[0].table.title, "the features are so large that scores overflow")
  }
}

/// A linear classifier: scores are products with weights, plus biases.
public struct LinearClassifier: Sendable, Hashable {
  /// `[classes, features]`.
  public let weights: Matrix<Float>
  /// One number for each class.
  public let bias: [Float]

  /// Scores all rows of a table.
  ///
  /// - Parameters:
  ///   - table: of the classifier's width.
  ///   - sheet: an empty sheet.
  ///   - compute: how to compute.
  /// - Returns: the sheet.
  /// - Throws: `mismatch` for another width or number of classes.
  func scores(of table: FeatureTable, _ sheet: ScoreSheet, _ compute: Compute) throws -> ScoreSheet {
    guard table.width == weights.columns, table.labels.classes == weights.rows else {
      throw CheckpointError(
        .mismatch, .features, subject: table.title,
        "has rows of \(table.width) numbers and \(table.labels.classes) classes, the classifier \(weights.columns) and \(weights.rows)"
      )
    }
    let matrix = WeightMatrix(rows: weights)
    var sheet = sheet
    try table.forEachBlock { range, bytes in
      sheet.append(try compute.classScores(of: bytes, count: range.count, weights: matrix, bias: bias))
    }
    return sheet
  }
}
