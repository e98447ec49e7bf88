// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

extension Capsule {
  /// Takes what goes into one number of an operation's result; `nil` for an operation that has no capsule: one of maps, or two of different kinds.
  ///
  /// - Parameters:
  ///   - operations: of the reference and of the other model.
  ///   - operands: what both take.
  ///   - place: which number.
  ///   - bound: what rounding explains of the difference.
  ///   - names: of the two files.
  ///   - compute: how to compute.
  /// - Throws: what reading weights throws.
  init?(
    _ operations: (Operation<Double>, Operation<Double>), _ operands: [Matrix<Float>], _ place: OperationEnvelope.Place,
    bound: Double, names: (String, String), _ compute: Compute
  ) throws {
    guard let (kind, reference) = try Self.side(operations.0, operands, place, compute),
      let (other, found) = try Self.side(operations.1, operands, place, compute), kind == other
    else { return nil }
    let input: Matrix<Float> =
      switch kind {
      case .product, .layerNorm:
        Matrix(values: Array(operands[0].row(place.row)), rows: 1, columns: operands[0].columns)
      case .sum, .activation: Self.one(Self.summand(operations.0, operands, place))
      case .attention, .value: Matrix(rows: 0, columns: 0)
      }
    let whole = Capsule(
      operation: operations.0.name, kind: kind, row: place.row, column: place.column, firstInput: 0, names: names,
      bound: bound, input: input, reference: reference, found: found)
    self = try whole.slice(operations, operands, place, compute)
    if kind == .attention { chooseKey() }
    (self.reference.output, self.found.output) = try outputs(compute)
  }

  /// Inputs of a product that are kept: with two rows of weights 6 KiB.
  static let mostInputs = 512

  /// Of a long sum, the part that differs most for its bound.
  ///
  /// The parts' differences add up to the whole's, and their bounds to less than its: one
  /// of them is beyond its own.
  private func slice(
    _ operations: (Operation<Double>, Operation<Double>), _ operands: [Matrix<Float>],
    _ place: OperationEnvelope.Place, _ compute: Compute
  ) throws -> Capsule {
    guard kind == .product, input.columns > Self.mostInputs,
      case .product(let first, _) = operations.0.kind, case .product(let second, _) = operations.1.kind
    else { return self }
    var best: (capsule: Capsule, ratio: Double)?
    for start in stride(from: 0, to: input.columns, by: Self.mostInputs) {
      let range = start..<min(start + Self.mostInputs, input.columns)
      func part(_ side: Side) -> Side {
        var part = side
        part.tensors = side.tensors.mapValues {
          Matrix(values: Array($0.values[range]), rows: 1, columns: range.count)
        }
        return part
      }
      func bound(_ operation: Operation<Double>, _ side: Side, _ weights: WeightMatrix) -> Double {
        OperationEnvelope(operation: operation, operands: operands, result: input, compute: compute).product(
          place, side.tensors["weights"]?.values.map(Double.init) ?? [], weights.activations, over: range)
      }
      let capsule = Capsule(
        operation: operation, kind: kind, row: row, column: column, firstInput: start, names: names,
        bound: bound(operations.0, reference, first) + bound(operations.1, found, second),
        input: Matrix(values: Array(input.values[range]), rows: 1, columns: range.count), reference: part(reference),
        found: part(found))
      let outputs = try capsule.outputs(compute)
      let difference = abs(Double(outputs.reference) - Double(outputs.found))
      let ratio = difference.isNaN ? .infinity : capsule.bound > 0 ? difference / capsule.bound : 0
      if ratio > best?.ratio ?? -1 { best = (capsule, ratio) }
    }
    return best?.capsule ?? self
  }

  /// Keeps of each side's keys the one whose score differs most.
  private mutating func chooseKey() {
    let scores = [reference, found].map { $0.tensors["scores"]?.values ?? [] }
    var differences: [Float] = []
    for (a, b) in zip(scores[0], scores[1]) {
      let difference = (a - b).magnitude
      differences.append(difference.isNaN ? .infinity : difference)
    }
    let key = differences.indices.max { differences[$0] < differences[$1] } ?? 0
    func keep(_ side: inout Side) {
      side.key = key
      guard let keys = side.tensors.removeValue(forKey: "keys") else { return }
      side.tensors["key"] = Matrix(values: Array(keys.row(key)), rows: 1, columns: keys.columns)
    }
    keep(&reference)
    keep(&found)
  }

  private static func one(_ value: Float) -> Matrix<Float> { Matrix(values: [value], rows: 1, columns: 1) }

  /// What a bias or a position is added to; 0 for a row that is all position.
  private static func summand(
    _ operation: Operation<Double>, _ operands: [Matrix<Float>], _ place: OperationEnvelope.Place
  ) -> Float {
    guard case .placement(let rows, let extra) = operation.kind else {
      return operands[0].row(place.row)[at: place.column]
    }
    let (sequence, row) = place.row.quotientAndRemainder(dividingBy: rows.rows)
    return row < extra ? 0 : operands[0].row(sequence * (rows.rows - extra) + row - extra)[at: place.column]
  }

  private static func side(
    _ operation: Operation<Double>, _ operands: [Matrix<Float>], _ place: OperationEnvelope.Place, _ compute: Compute
  ) throws -> (Kind, Side)? {
    func row(_ values: [Double]) -> Matrix<Float> {
      Matrix(values: values.map { Float($0) }, rows: 1, columns: values.count)
    }
    let column = place.column
    switch operation.kind {
    case .product:
      let weights = try OperationEnvelope.weights(of: operation, [column], compute)
      return (.product, Side(tensors: ["weights": row(weights[column] ?? [])]))
    case .bias(let bias): return (.sum, Side(tensors: ["addend": one(Float(bias[column]))]))
    case .placement(let rows, _):
      return (.sum, Side(tensors: ["addend": one(Float(rows.row(place.row % rows.rows)[at: column]))]))
    case .activation(let activation): return (.activation, Side(tensors: [:], activation: activation))
    case .layerNorm(let gain, let bias, let epsilon):
      return (
        .layerNorm,
        Side(tensors: ["gain": one(Float(gain[column])), "bias": one(Float(bias[column]))], epsilon: epsilon)
      )
    case .attention(let attention): return (.attention, try self.attention(attention, operands, place, compute))
    case .selection(let rows):
      return (.value, Side(tensors: ["value": one(operands[0].row(rows[place.row])[at: column])]))
    case .constant(let values): return (.value, Side(tensors: ["value": one(Float(values.row(place.row)[at: column]))]))
    case .lookup:
      let values = try operation.result([], compute)
      return (.value, Side(tensors: ["value": one(Float(values.row(place.row)[at: column]))]))
    case .sum, .factor, .unitLength, .other: return nil
    }
  }

  private static func attention(
    _ attention: Attention, _ operands: [Matrix<Float>], _ place: OperationEnvelope.Place, _ compute: Compute
  ) throws -> Side {
    let (keys, columns) = attention.seen(by: place.row, column: place.column)
    let (k, v) = (operands[operands.count > 1 ? 1 : 0], operands[operands.count - 1])
    func part(_ matrix: Matrix<Float>, _ rows: Range<Int>, from first: Int, _ columns: Range<Int>) -> Matrix<Float> {
      Matrix(
        values: rows.flatMap { row in columns.map { matrix.row(row)[at: first + $0] } }, rows: rows.count,
        columns: columns.count)
    }
    let query = part(operands[0], place.row..<place.row + 1, from: attention.queryColumn, columns)
    let all = part(k, keys, from: attention.keyColumn, columns)
    let found = try Self.scores(query, all, compute)
    let values = part(v, keys, from: attention.valueColumn, place.column..<place.column + 1).values
    return Side(tensors: [
      "query": query, "keys": all, "scores": Matrix(values: found, rows: 1, columns: found.count),
      "values": Matrix(values: values, rows: 1, columns: values.count),
    ])
  }
}
