// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The mean of the squares of what enters each product, input by input: what calibration leaves of its images and texts.
public final class InputMoments: ProductObserver {
  private struct Sums {
    var rows = 0
    var squares: [Double]
  }

  private let sums = Guarded<[String: Sums]>([:])

  /// Nothing seen yet.
  public init() {}

  /// Adds the squares of some rows, in their order.
  public func observe<R: Real>(_ rows: Matrix<R>, meeting name: String) {
    let columns = rows.columns
    sums.withLock { sums in
      var found = sums.removeValue(forKey: name) ?? Sums(squares: [Double](repeating: 0, count: columns))
      guard found.squares.count == columns else { preconditionFailure("a tensor's products have one number of inputs") }
      found.rows += rows.rows
      Self.add(R.single(rows.values), columns, &found.squares)
      sums[name] = found
    }
  }

  private static func add(_ values: [Float], _ columns: Int, _ squares: inout [Double]) {
    var index = 0
    while index < values.count {
      for column in 0..<columns {
        let value = Double(values[index + column])
        squares[column] += value * value
      }
      index += columns
    }
  }

  /// The moments of a tensor's inputs over their own mean, so that one is usual.
  ///
  /// - Parameter name: of the tensor.
  /// - Returns: one number for each input; empty where the tensor met nothing, or only zeros.
  public func moments(of name: String) -> [Float] {
    sums.withLock { sums in
      guard let found = sums[name] else { return [] }
      let mean = found.squares.reduce(0, +) / Double(max(1, found.squares.count))
      guard mean > 0, mean.isFinite else { return [] }
      return found.squares.map { Float($0 / mean) }
    }
  }

  /// The names of all tensors that met something, sorted.
  public var names: [String] { sums.withLock { $0.keys.sorted() } }
}
