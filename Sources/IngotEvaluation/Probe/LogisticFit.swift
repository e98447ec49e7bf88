// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotTensor

/// How a classifier is searched for.
public struct LogisticOptions: Sendable, Hashable, Codable {
  /// At most so many iterations: the paper's 1,000.
  public var iterations = 1000
  /// The largest derivative of the mean loss at which the search ends: scikit-learn's default.
  public var tolerance = 1e-4

  /// Takes the defaults.
  public init() {}
}

/// A classifier that was found, and how.
public struct LogisticFit: Sendable {
  /// The classifier.
  public let classifier: LinearClassifier
  /// The inverse strength of the penalty.
  public let c: Double
  /// scikit-learn's objective: C times the sum of losses, plus half the squares of the weights.
  public let objective: Double
  /// Iterations of L-BFGS.
  public let iterations: Int
  /// How often the function was computed.
  public let evaluations: Int
  /// Whether it ended because nothing was left to gain, and not because of the limit of iterations.
  public let hasConverged: Bool

  /// Trains a classifier.
  ///
  /// - Parameters:
  ///   - parts: what to train on; every class has a row.
  ///   - classes: how many classes, at least two.
  ///   - c: the inverse strength of the penalty, positive.
  ///   - compute: how to compute.
  ///   - options: when to end.
  ///   - progress: how many iterations are done.
  /// - Returns: the classifier.
  /// - Throws: `missing` for a class without rows, `malformed` for features that are not finite.
  public static func train(
    _ parts: [TrainingPart], classes: Int, c: Double, _ compute: Compute,
    options: LogisticOptions = LogisticOptions(), progress: (Int) -> Void = { _ in }
  ) throws -> LogisticFit {
    try train(parts, classes: classes, c: c, options, compute, from: nil) { state in
      progress(state.iterations)
    }
  }

  /// As the public function, from a stored state on.
  static func train(
    _ parts: [TrainingPart], classes: Int, c: Double, _ options: LogisticOptions, _ compute: Compute,
    from stored: LBFGS?,
    observe: (LBFGS) throws -> Void
  ) throws -> LogisticFit {
    var problem = try LogisticProblem(parts, classes: classes, compute)
    var state: LBFGS
    if let stored, stored.position.count == problem.parameterCount {
      state = stored
    } else {
      let start = [Double](repeating: 0, count: problem.parameterCount)
      state = LBFGS(at: start, try problem.evaluate(start, c: c))
    }
    var stop: LBFGS.Stop?
    while stop == nil {
      stop = try state.iterate(tolerance: options.tolerance, most: options.iterations) {
        try problem.evaluate($0, c: c)
      }
      try observe(state)
    }
    let count = classes * problem.width
    let classifier = LinearClassifier(
      weights: Matrix(
        values: state.position[..<count].map { Float($0) }, rows: classes, columns: problem.width),
      bias: state.position[count...].map { Float($0) })
    return LogisticFit(
      classifier: classifier, c: c, objective: problem.objective(state.current.value, c: c),
      iterations: state.iterations, evaluations: state.evaluations, hasConverged: stop != .iterations)
  }
}
