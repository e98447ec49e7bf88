// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A lower triangular M with Mᵀ M = H + δ I, of a symmetric matrix H whose rows and columns are put in order first.
///
/// The largest diagonal element comes first, of equals the one of the lower index. δ is a hundredth of the mean of the diagonal, as GPTQ has it.
///
/// Computed in float64, with the same bits whatever the machine and the number of threads.
struct TriangularFactor: Sendable {
  /// The place in H of each row of M.
  let order: [Int]
  /// `[n, n]`, each row divided by its diagonal element; zeros above the diagonal.
  let rows: Matrix<Double>
  /// The squares of what rows were divided by.
  let pivots: [Double]

  /// Columns that are computed at a time.
  static let block = 64

  /// Computes the factor; fails where the diagonal is zero, or holds what is not finite.
  ///
  /// - Parameters:
  ///   - matrix: symmetric and positive semidefinite.
  ///   - compute: how to compute.
  init?(_ matrix: Matrix<Double>, _ compute: Compute) {
    let n = matrix.rows
    precondition(n == matrix.columns, "a square matrix")
    let diagonal = (0..<n).map { matrix.values[$0 * n + $0] }
    let sum = diagonal.reduce(0, +)
    guard sum > 0, sum.isFinite else { return nil }
    let damping = sum / Double(n) * 0.01
    let order = (0..<n).sorted { (diagonal[$1], $0) < (diagonal[$0], $1) }
    // M is the Cholesky factor of the matrix in the opposite order, turned round.
    var turned = Matrix<Double>(rows: n, columns: n)
    for row in 0..<n {
      let from = order[n - 1 - row] * n
      for column in 0...row { turned.values[row * n + column] = matrix.values[from + order[n - 1 - column]] }
      turned.values[row * n + row] += damping
    }
    guard Self.factorize(&turned, compute) else { return nil }
    var rows = Matrix<Double>(rows: n, columns: n)
    var pivots: [Double] = []
    for row in 0..<n {
      let column = n - 1 - row
      let first = turned.values[column * n + column]
      for other in 0..<row { rows.values[row * n + other] = turned.values[(n - 1 - other) * n + column] / first }
      rows.values[row * n + row] = 1
      pivots.append(first * first)
    }
    self.order = order
    self.rows = rows
    self.pivots = pivots
  }

  /// Replaces the lower triangle of a positive definite matrix by its Cholesky factor, a block of columns at a time.
  ///
  /// - Returns: whether all pivots were positive.
  private static func factorize(_ a: inout Matrix<Double>, _ compute: Compute) -> Bool {
    let n = a.rows
    for begin in stride(from: 0, to: n, by: block) {
      let end = min(begin + block, n)
      let width = end - begin
      var strip = a.part(rows: begin..<n, columns: begin..<end)
      if begin > 0 {
        compute.product(
          a.part(rows: begin..<n, columns: 0..<begin), rowsOf: a.part(rows: begin..<end, columns: 0..<begin),
          scale: [Double](repeating: -1, count: width), residual: .target, into: &strip)
      }
      guard finish(&strip) else { return false }
      for row in begin..<n {
        for column in begin..<min(end, row + 1) {
          a.values[row * n + column] = strip.values[(row - begin) * width + column - begin]
        }
      }
    }
    return true
  }

  /// Divides a strip by the factor of the square on its top.
  private static func finish(_ strip: inout Matrix<Double>) -> Bool {
    let width = strip.columns
    for row in 0..<strip.rows {
      for column in 0..<min(width, row + 1) {
        var rest = strip.values[row * width + column]
        for k in 0..<column { rest -= strip.values[row * width + k] * strip.values[column * width + k] }
        if row == column {
          guard rest > 0, rest.isFinite else { return false }
          strip.values[row * width + column] = rest.squareRoot()
        } else {
          strip.values[row * width + column] = rest / strip.values[column * width + column]
        }
      }
    }
    return true
  }
}
