// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotDatasets
import IngotTensor

/// One training of a probe, for rows of one class or of several.
struct Fitting {
  let settings: ProbeSettings
  let metric: DatasetMetric
  let compute: Compute
  let report: (String) -> Void
  let progress: ProbeProgress?

  /// Trains with one strength of the penalty.
  ///
  /// - Parameters:
  ///   - train: the training rows.
  ///   - rows: those of them that are used; `nil` is all.
  ///   - more: further rows, all used.
  ///   - lambda: the strength.
  ///   - number: its number, -1 for the last training.
  ///   - state: taken up where it is of this training; kept up to date.
  /// - Returns: the classifier.
  /// - Throws: what training throws, and what writing the progress throws.
  func fit(
    _ train: FeatureTable, rows: Set<Int>?, and more: FeatureTable?, lambda: Double, number: Int,
    _ state: inout ProbeState
  ) throws -> LogisticFit {
    let c = 1 / lambda
    guard train.labels.isMultiLabel else {
      let stored = state.number == number ? state.solver : nil
      let parts = [TrainingPart(train, rows: rows)] + (more.map { [TrainingPart($0)] } ?? [])
      var current = state
      current.number = number
      defer { state = current }
      return try LogisticFit.train(
        parts, classes: train.labels.classes, c: c, settings.options, compute, from: stored
      ) { solver in
        current.solver = solver
        report("λ \(Self.short(lambda)): \(solver.iterations) iterations")
        try progress?.note(current, isImportant: false)
      }
    }
    // Each class against the rest; its row of weights is the difference of two.
    var weights = Matrix<Float>(rows: train.labels.classes, columns: train.width)
    var bias = [Float](repeating: 0, count: train.labels.classes)
    var (objective, iterations, evaluations, hasConverged) = (0.0, 0, 0, true)
    for column in 0..<train.labels.classes {
      let parts =
        [TrainingPart(train, column: column, rows: rows)] + (more.map { [TrainingPart($0, column: column)] } ?? [])
      let fit = try LogisticFit.train(parts, classes: 2, c: c, compute, options: settings.options)
      for index in 0..<train.width {
        weights.values[column * train.width + index] =
          fit.classifier.weights.values[train.width + index] - fit.classifier.weights.values[index]
      }
      bias[column] = fit.classifier.bias[1] - fit.classifier.bias[0]
      objective += fit.objective
      iterations += fit.iterations
      evaluations += fit.evaluations
      hasConverged = hasConverged && fit.hasConverged
      report("λ \(Self.short(lambda)): class \(column + 1) of \(train.labels.classes)")
    }
    return LogisticFit(
      classifier: LinearClassifier(weights: weights, bias: bias), c: c, objective: objective, iterations: iterations,
      evaluations: evaluations, hasConverged: hasConverged)
  }

  /// Scores a classifier on all rows of a table, or on some.
  func score(_ classifier: LinearClassifier, on table: FeatureTable, rows: Set<Int>?) throws -> Double {
    let labels =
      rows.map { rows in
        table.labels.leavingOut((0..<table.rows).filter { !rows.contains($0) })
      } ?? table.labels
    let sheet = ScoreSheet(labels, for: metric, isSoftmax: !labels.isMultiLabel)
    return try classifier.scores(of: table, sheet, compute).score(metric)
  }

  private static func short(_ x: Double) -> String {
    let exponent = Int((naturalLogarithm(x) / naturalLogarithm(10)).rounded(.down))
    return "\((x / powerOf10(Double(exponent)) * 100).rounded() / 100)e\(exponent)"
  }
}
