// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// Decides whether two operations that give different results from the same operands differ by more than rounding explains.
struct OperationJudge {
  private let single: (Program<Float>, Program<Float>)
  private let names: (String, String)
  private let compute: Compute

  /// Columns that are looked at, those with the largest differences first.
  private static let mostColumns = 64

  init(_ single: (Program<Float>, Program<Float>), names: (String, String), _ compute: Compute) {
    self.single = single
    self.names = names
    self.compute = compute
  }

  /// Runs both in float32.
  ///
  /// - Parameters:
  ///   - place: in the programs.
  ///   - operands: the reference's, exact.
  ///   - exact: the two operations in float64.
  /// - Returns: `nil` where float32 shows no difference.
  /// - Throws: what running them throws.
  func judge(
    _ place: Int, _ operands: [Matrix<Double>], _ exact: (Operation<Double>, Operation<Double>)
  ) throws -> (divergence: BisectionReport.Divergence, capsule: Capsule?)? {
    let operands = operands.map { $0.single }
    let a = try single.0.operations[place].result(operands, compute)
    let b = try single.1.operations[place].result(operands, compute)
    let isSameSize = a.rows == b.rows && a.columns == b.columns
    // Of results of two sizes the first row is the same place in both: the first token, or the first corner of the first image.
    let places = isSameSize ? worst(a, b) : a.columns == b.columns ? worst(a.first, b.first) : []
    guard !places.isEmpty else {
      return isSameSize
        ? nil : (divergence(exact, OperationEnvelope.Place(row: 0, column: 0), 0, 0, 0, columns: []), nil)
    }
    let first = try OperationEnvelope(operation: exact.0, operands: operands, result: a, compute: compute)
      .bounds(at: places)
    let second = try OperationEnvelope(operation: exact.1, operands: operands, result: b, compute: compute)
      .bounds(at: places)
    let judged = places.indices.map { index in
      let place = places[index]
      return divergence(
        exact, place, Double(a.row(place.row)[at: place.column]), Double(b.row(place.row)[at: place.column]),
        OperationEnvelope.sum(first[index], second[index]), columns: [])
    }
    guard var found = judged.max(by: { $0.ratio < $1.ratio }) else { return nil }
    found.columns = Array(judged.filter { $0.ratio > 1 }.map(\.column).sorted().prefix(16))
    guard found.ratio > 1 else {
      return (
        isSameSize ? found : divergence(exact, OperationEnvelope.Place(row: 0, column: 0), 0, 0, 0, columns: []), nil
      )
    }
    let at = OperationEnvelope.Place(row: found.row, column: found.column)
    let capsule = try Capsule(exact, operands, at, bound: found.bound, names: names, compute)
    return (found, capsule)
  }

  private func divergence(
    _ operations: (Operation<Double>, Operation<Double>), _ place: OperationEnvelope.Place, _ a: Double, _ b: Double,
    _ bound: Double, columns: [Int]
  ) -> BisectionReport.Divergence {
    let difference = abs(a - b)
    return BisectionReport.Divergence(
      operation: operations.0.name, part: operations.0.part, kind: operations.0.kind.label,
      foundKind: operations.1.kind.label, row: place.row, column: place.column, reference: a, found: b,
      // A NaN on either side is as far away as can be.
      difference: difference.isNaN ? .infinity : difference, bound: bound.isNaN ? 0 : bound, columns: columns)
  }

  /// Of each column the row with the largest difference, largest first.
  private func worst(_ a: Matrix<Float>, _ b: Matrix<Float>) -> [OperationEnvelope.Place] {
    var largest = [Float](repeating: 0, count: a.columns)
    var rows = [Int](repeating: 0, count: a.columns)
    var index = 0
    for row in 0..<a.rows {
      for column in 0..<a.columns {
        let (x, y) = (a.values[index], b.values[index])
        index += 1
        guard x != y else { continue }
        let difference = (x - y).magnitude.isNaN ? .infinity : (x - y).magnitude
        if difference > largest[column] { (largest[column], rows[column]) = (difference, row) }
      }
    }
    return largest.indices.filter { largest[$0] > 0 }.sorted { largest[$0] > largest[$1] }.prefix(Self.mostColumns)
      .map { OperationEnvelope.Place(row: rows[$0], column: $0) }
  }
}

extension Matrix<Float> {
  /// The first row alone.
  fileprivate var first: Matrix<Float> { gathering(0..<min(1, rows)) }
}
