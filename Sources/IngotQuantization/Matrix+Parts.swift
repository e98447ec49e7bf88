// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension Matrix {
  /// Some rows and columns.
  func part(rows: Range<Int>, columns: Range<Int>) -> Matrix {
    var numbers: [R] = []
    numbers.reserveCapacity(rows.count * columns.count)
    for row in rows {
      numbers += values[row * self.columns + columns.lowerBound..<row * self.columns + columns.upperBound]
    }
    return Matrix(values: numbers, rows: rows.count, columns: columns.count)
  }

  /// Columns as rows.
  var transposed: Matrix {
    var turned = Matrix(rows: columns, columns: rows)
    for row in 0..<rows {
      for column in 0..<columns { turned.values[column * rows + row] = values[row * columns + column] }
    }
    return turned
  }
}

extension Compute {
  /// The product of rows with the rows of another matrix, as `product` with weights; of what is in memory nothing can fail to be read.
  func product<R: Real>(
    _ a: Matrix<R>, rowsOf b: Matrix<R>, scale: [R] = [], residual: Residual = .none, into c: inout Matrix<R>
  ) {
    do {
      try product(a, WeightMatrix(rows: b), scale: scale, residual: residual, into: &c)
    } catch {
      preconditionFailure("weights in memory cannot fail to be read")
    }
  }
}
