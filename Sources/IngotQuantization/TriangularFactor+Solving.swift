// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension TriangularFactor {
  /// Solves (H + δ I) x = b for several b.
  ///
  /// - Parameters:
  ///   - b: one in each row.
  ///   - compute: how to compute.
  /// - Returns: as many x.
  func solution(of b: Matrix<Double>, _ compute: Compute) -> Matrix<Double> {
    let n = order.count
    precondition(b.columns == n, "shapes agree")
    var x = Matrix<Double>(rows: b.rows, columns: n)
    for row in 0..<b.rows {
      for place in 0..<n { x.values[row * n + place] = b.values[row * n + order[place]] }
    }
    descend(&x, compute)
    for index in x.values.indices { x.values[index] /= pivots[index % n] }
    ascend(&x, compute)
    var placed = Matrix<Double>(rows: b.rows, columns: n)
    for row in 0..<b.rows {
      for place in 0..<n { placed.values[row * n + order[place]] = x.values[row * n + place] }
    }
    return placed
  }

  /// Solves Mᵀ y = x in place, from the last number to the first.
  private func descend(_ x: inout Matrix<Double>, _ compute: Compute) {
    let n = order.count
    let first = (n - 1) / Self.block * Self.block
    for begin in stride(from: first, through: 0, by: -Self.block) {
      let end = min(begin + Self.block, n)
      let moved = above(x, begin..<end, compute)
      // The block's part of M: its columns are read one after the other.
      let width = end - begin
      let turned = rows.part(rows: begin..<end, columns: begin..<end).transposed.values
      solve(&x, begin..<end, compute) { block, row in
        for k in (0..<width).reversed() {
          var rest = block[k] - moved[row * width + k]
          for j in k + 1..<width { rest -= block[j] * turned[k * width + j] }
          block[k] = rest
        }
      }
    }
  }

  /// Changes a block of each row's numbers; rows are shared among the threads.
  private func solve(
    _ x: inout Matrix<Double>, _ block: Range<Int>, _ compute: Compute, _ body: @Sendable (inout [Double], Int) -> Void
  ) {
    let n = order.count
    let before = x
    let solved = inParts(x.rows, compute) { part in
      part.map { row in
        var numbers = Array(before.values[row * n + block.lowerBound..<row * n + block.upperBound])
        body(&numbers, row)
        return numbers
      }
    }
    for (row, numbers) in solved.joined().enumerated() {
      x.values.replaceSubrange(row * n + block.lowerBound..<row * n + block.upperBound, with: numbers)
    }
  }

  /// What the numbers after a block of columns of M bring to it.
  private func above(_ x: Matrix<Double>, _ block: Range<Int>, _ compute: Compute) -> [Double] {
    var moved = Matrix<Double>(rows: x.rows, columns: block.count)
    let after = block.upperBound..<order.count
    guard !after.isEmpty else { return moved.values }
    compute.product(
      x.part(rows: 0..<x.rows, columns: after), rowsOf: rows.part(rows: after, columns: block).transposed, into: &moved)
    return moved.values
  }

  /// Solves M y = x in place, from the first number to the last.
  private func ascend(_ x: inout Matrix<Double>, _ compute: Compute) {
    let n = order.count
    for begin in stride(from: 0, to: n, by: Self.block) {
      let end = min(begin + Self.block, n)
      let moved = shifts(x, begin..<end, compute)
      let width = end - begin
      solve(&x, begin..<end, compute) { block, row in
        for k in 0..<width {
          var rest = block[k] - moved[row * width + k]
          for j in 0..<k { rest -= block[j] * rows.values[(begin + k) * n + begin + j] }
          block[k] = rest
        }
      }
    }
  }
}
