// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The sums of products, input by input, of what enters some weights, and of how far that is from what entered them in the original model:
/// Xᵀ X and Xᵀ (Y − X), with a row of X and Y for each row of activations.
///
/// Rows are taken in their order, `together` at a time, whatever batches they come in: the sums have the same bits. Those of so many rows are
/// made in float32, and added up in float64.
public final class InputProducts: ProductObserver {
  /// Of one tensor.
  struct Sums: Sendable {
    /// Xᵀ X, `[inputs, inputs]`.
    var squares: Matrix<Double>
    /// Xᵀ (Y − X), `[inputs, inputs]`; `nil` where X is what entered in the original model.
    var shifts: Matrix<Double>?

    init(inputs: Int, hasReference: Bool) {
      squares = Matrix(rows: inputs, columns: inputs)
      shifts = hasReference ? Matrix(rows: inputs, columns: inputs) : nil
    }
  }

  private struct State {
    var taken = 0
    var pending: [Float] = []
    var sums: Sums
  }

  /// Rows that are multiplied at a time.
  static let together = 1024

  private let states: Guarded<[String: State]>
  private let choice: RowChoice
  private let original: InputRows?
  private let compute: Compute

  /// Nothing seen yet.
  ///
  /// - Parameters:
  ///   - weights: the tensors that are looked at, each with its number of inputs.
  ///   - original: what entered them in the original model: as many rows, in the same order.
  ///   - compute: how to compute.
  public convenience init(of weights: [(name: String, inputs: Int)], beside original: InputRows, _ compute: Compute) {
    self.init(of: weights, original.choice, beside: original, compute)
  }

  /// Nothing seen yet; what will be seen is what enters in the original model.
  ///
  /// - Parameters:
  ///   - weights: the tensors that are looked at, each with its number of inputs.
  ///   - choice: which rows count.
  ///   - compute: how to compute.
  public convenience init(ofOriginal weights: [(name: String, inputs: Int)], _ choice: RowChoice, _ compute: Compute) {
    self.init(of: weights, choice, beside: nil, compute)
  }

  private init(
    of weights: [(name: String, inputs: Int)], _ choice: RowChoice, beside original: InputRows?, _ compute: Compute
  ) {
    self.original = original
    self.compute = compute
    self.choice = choice
    let states = weights.map { ($0.name, State(sums: Sums(inputs: $0.inputs, hasReference: original != nil))) }
    self.states = Guarded(Dictionary(uniqueKeysWithValues: states))
  }

  /// Adds some rows.
  public func observe<R: Real>(_ rows: Matrix<R>, meeting name: String) {
    let values = R.single(rows.values)
    states.withLock { states in
      guard var state = states.removeValue(forKey: name) else { return }
      let columns = state.sums.squares.columns
      precondition(rows.columns == columns, "a tensor's products have one number of inputs")
      for row in choice.kept(of: rows.rows, name) {
        state.pending += values[row * columns..<(row + 1) * columns]
        if state.pending.count == Self.together * columns { add(&state, name) }
      }
      states[name] = state
    }
  }

  /// The sums over all that was seen; they are not kept.
  func take(_ name: String) -> Sums? {
    states.withLock { states in
      guard var state = states.removeValue(forKey: name) else { return nil }
      add(&state, name)
      return state.taken > 0 ? state.sums : nil
    }
  }

  private func add(_ state: inout State, _ name: String) {
    let columns = state.sums.squares.columns
    let count = columns == 0 ? 0 : state.pending.count / columns
    guard count > 0 else { return }
    let own = Matrix(values: state.pending, rows: count, columns: columns).transposed
    var part = Matrix<Float>(rows: columns, columns: columns)
    multiply(own, own, &part, to: &state.sums.squares)
    if let original, var shifts = state.sums.shifts {
      state.sums.shifts = nil
      let reference = original.rows(of: name, state.taken..<state.taken + count)
      precondition(reference.count == state.pending.count, "as many rows as in the original model")
      let away = zip(reference, state.pending).map { $0 - $1 }
      multiply(own, Matrix(values: away, rows: count, columns: columns).transposed, &part, to: &shifts)
      state.sums.shifts = shifts
    }
    state.taken += count
    state.pending.removeAll(keepingCapacity: true)
  }

  private func multiply(
    _ one: Matrix<Float>, _ other: Matrix<Float>, _ part: inout Matrix<Float>, to sums: inout Matrix<Double>
  ) {
    compute.product(one, rowsOf: other, into: &part)
    for index in part.values.indices { sums.values[index] += Double(part.values[index]) }
  }
}
