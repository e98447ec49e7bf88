// SPDX-License-Identifier: Apache-2.0

/// L-BFGS (Liu and Nocedal 1989) with ten corrections: the unconstrained case of SciPy's `L-BFGS-B`, step for step.
///
/// A value of this type is the whole state between two iterations: a copy that is stored and taken up again goes on to the bit.
struct LBFGS: Sendable {
  /// A function's value and its derivatives.
  struct Evaluation: Sendable {
    var value: Double
    var gradient: [Double]
  }

  /// Why iterating ended.
  enum Stop: String, Sendable, Codable {
    /// No derivative is larger than the tolerance.
    case gradient
    /// The function hardly decreases any more: by 64 units in the last place.
    case progress
    /// As many iterations as allowed were made.
    case iterations
    /// No step decreases the function: its value is known to no more digits.
    case precision
  }

  /// How many corrections are kept.
  static let memory = 10
  /// Evaluations of one line search.
  private static let mostTrials = 50
  /// The relative decrease at which iterating ends, in units in the last place.
  private static let leastDecrease = 64.0 * .ulpOfOne

  private(set) var position: [Double]
  private(set) var current: Evaluation
  private(set) var iterations = 0
  private(set) var evaluations = 1
  /// Differences of positions and of gradients, the oldest first, and their products.
  private(set) var steps: [[Double]] = []
  private(set) var changes: [[Double]] = []
  /// The length of the last change over that of the step: how the inverse Hessian is scaled.
  private(set) var scale = 1.0
  /// Why iterating ended, once it has.
  private(set) var stop: Stop?

  /// Starts somewhere.
  init(at position: [Double], _ current: Evaluation) {
    self.position = position
    self.current = current
  }

  /// Takes up a stored state.
  init(
    position: [Double], _ current: Evaluation, iterations: Int, evaluations: Int, steps: [[Double]],
    changes: [[Double]], scale: Double, stop: Stop?
  ) {
    self.position = position
    self.current = current
    self.iterations = iterations
    self.evaluations = evaluations
    self.steps = steps
    self.changes = changes
    self.scale = scale
    self.stop = stop
  }

  /// The largest derivative.
  var gradientNorm: Double { current.gradient.reduce(0) { max($0, abs($1)) } }

  /// Makes one iteration.
  ///
  /// - Parameters:
  ///   - tolerance: the largest derivative at which iterating ends.
  ///   - most: how many iterations are allowed in all.
  ///   - evaluate: the function.
  /// - Returns: why iterating ended, or `nil`.
  /// - Throws: what `evaluate` throws; the state is then what it was.
  mutating func iterate(
    tolerance: Double, most: Int, _ evaluate: ([Double]) throws -> Evaluation
  ) throws -> Stop? {
    if stop == nil { stop = try advance(tolerance: tolerance, most: most, evaluate) }
    return stop
  }

  private mutating func advance(
    tolerance: Double, most: Int, _ evaluate: ([Double]) throws -> Evaluation
  ) throws -> Stop? {
    if iterations == 0, gradientNorm <= tolerance { return .gradient }
    if iterations >= most { return .iterations }
    let before = current
    while true {
      let direction = self.direction()
      if let found = try search(direction, evaluate) {
        position = found.position
        current = found.evaluation
        iterations += 1
        remember(direction, step: found.step, before)
        break
      }
      // Once more from the steepest descent, then it ends.
      if steps.isEmpty { return .precision }
      steps = []
      changes = []
      scale = 1
    }
    if gradientNorm <= tolerance { return .gradient }
    let largest = max(abs(before.value), abs(current.value), 1)
    if before.value - current.value <= Self.leastDecrease * largest { return .progress }
    return iterations >= most ? .iterations : nil
  }

  /// Minus the product of the inverse Hessian, as far as it is known, and the gradient.
  private func direction() -> [Double] {
    var vector = current.gradient
    var factors = [Double](repeating: 0, count: steps.count)
    for index in steps.indices.reversed() {
      factors[index] = dot(steps[index], vector) / dot(steps[index], changes[index])
      add(-factors[index], changes[index], to: &vector)
    }
    for index in vector.indices { vector[index] /= scale }
    for index in steps.indices {
      let other = dot(changes[index], vector) / dot(steps[index], changes[index])
      add(factors[index] - other, steps[index], to: &vector)
    }
    for index in vector.indices { vector[index] = -vector[index] }
    return vector
  }

  private mutating func search(
    _ direction: [Double], _ evaluate: ([Double]) throws -> Evaluation
  ) throws -> (position: [Double], evaluation: Evaluation, step: Double)? {
    let slope = dot(current.gradient, direction)
    guard slope < 0 else { return nil }
    let first = iterations == 0 ? min(1 / dot(direction, direction).squareRoot(), 1e10) : 1
    var search = LineSearch(LineSearch.Point(step: 0, value: current.value, slope: slope), step: first)
    for _ in 0..<Self.mostTrials {
      let step = search.step
      var place = position
      add(step, direction, to: &place)
      let evaluation = try evaluate(place)
      evaluations += 1
      switch search.next(value: evaluation.value, slope: dot(evaluation.gradient, direction)) {
      case .found: return (place, evaluation, step)
      case .evaluate: continue
      // The best step is taken where it decreases the function at all.
      case .exhausted: return evaluation.value < current.value ? (place, evaluation, step) : nil
      }
    }
    return nil
  }

  private mutating func remember(_ direction: [Double], step: Double, _ before: Evaluation) {
    var change = current.gradient
    add(-1, before.gradient, to: &change)
    let moved = direction.map { $0 * step }
    let product = dot(change, moved)
    guard product > .ulpOfOne * -dot(before.gradient, moved) else { return }
    if steps.count == Self.memory {
      steps.removeFirst()
      changes.removeFirst()
    }
    scale = dot(change, change) / product
    steps.append(moved)
    changes.append(change)
  }
}

/// The sum of products, from the first to the last.
private func dot(_ a: [Double], _ b: [Double]) -> Double {
  var sum = 0.0
  for index in 0..<min(a.count, b.count) { sum += a[index] * b[index] }
  return sum
}

/// `x += factor · y`.
private func add(_ factor: Double, _ y: [Double], to x: inout [Double]) {
  for index in 0..<min(x.count, y.count) { x[index] += factor * y[index] }
}
