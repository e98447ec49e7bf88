// SPDX-License-Identifier: Apache-2.0

/// Activations: row-major numbers, one row for each token, pixel or example.
public struct Matrix<R: Real>: Sendable, Hashable {
  /// `rows × columns` numbers, row by row.
  public var values: [R]
  /// How many rows.
  public let rows: Int
  /// How many columns.
  public let columns: Int

  /// A matrix of zeros.
  public init(rows: Int, columns: Int) {
    self.init(values: R.zeros(rows * columns), rows: rows, columns: columns)
  }

  /// Wraps numbers.
  ///
  /// - Parameters:
  ///   - values: `rows × columns` of them.
  ///   - rows: how many rows.
  ///   - columns: how many columns.
  public init(values: [R], rows: Int, columns: Int) {
    precondition(values.count == rows * columns, "as many values as rows × columns")
    self.values = values
    self.rows = rows
    self.columns = columns
  }

  /// The numbers of one row.
  public func row(_ index: Int) -> ArraySlice<R> {
    values[index * columns..<(index + 1) * columns]
  }

  /// The rows whose indices are given, in that order.
  public func gathering(_ indices: some Collection<Int>) -> Matrix {
    var gathered: [R] = []
    gathered.reserveCapacity(indices.count * columns)
    for index in indices { gathered += row(index) }
    return Matrix(values: gathered, rows: indices.count, columns: columns)
  }
}
