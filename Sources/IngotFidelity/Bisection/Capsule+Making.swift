// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

extension Capsule {
  /// Takes what goes into one number of an operation's result.
  ///
  /// `nil` for operations without constants of their own (sum, elementwise product, unit length, sigmoid, factor of each channel), which two
  /// models compute alike.
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
    guard let reference = try Side(operations.0, operands, place, compute),
      let found = try Side(operations.1, operands, place, compute)
    else { return nil }
    let whole = Capsule(
      operation: operations.0.name, row: place.row, column: place.column, firstInput: 0, names: names, bound: bound,
      reference: reference, found: found)
    self = try whole.slice(operations, compute)
    chooseKey()
    (self.reference.output, self.found.output) = try outputs(compute)
  }

  /// Inputs of a product that are kept: with two rows of weights 6 KiB.
  static let mostInputs = 512

  /// Of a long sum, the part that differs most for its bound.
  ///
  /// The parts' differences add up to the whole's, and their bounds to less than its: one
  /// of them is beyond its own.
  private func slice(_ operations: (Operation<Double>, Operation<Double>), _ compute: Compute) throws -> Capsule {
    guard reference.kind == .product, found.kind == .product, let input = reference.tensors["input"],
      input.columns > Self.mostInputs, found.tensors["input"] == input
    else { return self }
    func rounding(_ operation: Operation<Double>) -> ActivationEncoding {
      guard case .product(let weights, _) = operation.kind else { return .float32 }
      return weights.activations
    }
    var best: (capsule: Capsule, ratio: Double)?
    for start in stride(from: 0, to: input.columns, by: Self.mostInputs) {
      let range = start..<min(start + Self.mostInputs, input.columns)
      func part(_ side: Side) -> Side {
        var part = side
        for name in ["input", "weights"] {
          part.tensors[name] = side.tensors[name].map { .row(Array($0.values[range])) }
        }
        return part
      }
      func bound(_ operation: Operation<Double>, _ side: Side) -> Double {
        let scale = Double(side.tensors["scale"]?.values.first ?? 1)
        let weights = side.tensors["weights"]?.values.map { Double($0) * scale } ?? []
        return OperationEnvelope.product(input.values[...], weights, rounding(operation), over: range)
      }
      let capsule = Capsule(
        operation: operation, row: row, column: column, firstInput: start, names: names,
        bound: OperationEnvelope.sum(bound(operations.0, reference), bound(operations.1, found)),
        reference: part(reference), found: part(found))
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
    let index = differences.indices.max { differences[$0] < differences[$1] } ?? 0
    func keep(_ side: inout Side) {
      guard let keys = side.tensors.removeValue(forKey: "keys") else { return }
      side.index = index
      side.tensors["key"] = .row(Array(keys.row(index)))
    }
    keep(&reference)
    keep(&found)
  }
}

extension Capsule.Side {
  /// Numbers of a norm or a mean that are kept: 6 KiB, as a rule once for both sides.
  static let mostNormed = 1536

  /// What one model computes there; `nil` for an operation without constants of its own.
  init?(
    _ operation: Operation<Double>, _ operands: [Matrix<Float>], _ place: OperationEnvelope.Place, _ compute: Compute
  ) throws {
    let column = place.column
    switch operation.kind {
    case .product(let weights, let scale):
      self.init(
        kind: .product,
        tensors: [
          "input": .row(Array(operands[0].row(place.row))),
          "weights": .row(try OperationEnvelope.columns([column], of: weights, scale: [], compute)[column] ?? []),
          "scale": .row([scale.isEmpty ? 1 : scale[column]]),
        ])
    case .bias(let bias):
      self.init(
        kind: .sum, tensors: ["input": .row([operands[0].row(place.row)[at: column]]), "addend": .row([bias[column]])])
    case .placement(let rows, let extra):
      let (sequence, row) = place.row.quotientAndRemainder(dividingBy: rows.rows)
      // A row that is all position is added to nothing.
      let input =
        row < extra ? 0 : operands[0].row(sequence * (rows.rows - extra) + row - extra)[at: column]
      self.init(kind: .sum, tensors: ["input": .row([input]), "addend": .row([rows.row(row)[at: column]])])
    case .activation(let activation):
      self.init(
        kind: .activation, tensors: ["input": .row([operands[0].row(place.row)[at: column]])], activation: activation)
    case .layerNorm(let gain, let bias, let epsilon):
      self.init(
        normOf: Array(operands[0].row(place.row)), index: column, gain: gain[column], bias: bias[column],
        epsilon: epsilon)
    case .attention(let attention):
      self.init(kind: .attention, tensors: try Self.attention(attention, operands, place, compute))
    case .selection(let rows): self.init(value: operands[0].row(rows[place.row])[at: column])
    case .constant(let values): self.init(value: Float(values.row(place.row)[at: column]))
    case .lookup: self.init(value: Float(try operation.result([], compute).row(place.row)[at: column]))
    case .other(_, let field, _):
      guard let field = field(place, operands[0].columns) else { return nil }
      self.init(field, of: operands[0])
    case .sum, .factor, .unitLength: return nil
    }
  }

  private init(value: Float) { self.init(kind: .value, tensors: ["value": .row([value])]) }

  private init(_ field: ReceptiveField<Double>, of operand: Matrix<Float>) {
    switch field {
    case .moved(let place): self.init(value: place.map { operand.numbers(at: [$0])[0] } ?? 0)
    case .sum(let terms):
      self.init(
        kind: .product,
        tensors: [
          "input": .row(operand.numbers(of: terms)), "weights": .row(terms.map(\.weight)), "scale": .row([Float(1)]),
        ])
    case .mean(let places):
      let numbers = operand.numbers(at: places)
      let (kept, others) = Self.kept(numbers, around: 0)
      self.init(kind: .mean, tensors: ["input": .row(Array(numbers[kept])), "others": others], count: numbers.count)
    case .largest(let places, let orZero):
      self.init(kind: .largest, tensors: ["input": .row(operand.numbers(at: places) + (orZero ? [0] : []))])
    case .norm(let places, let index, let gain, let bias, let epsilon):
      self.init(normOf: operand.numbers(at: places), index: index, gain: gain, bias: bias, epsilon: epsilon)
    }
  }

  private init(normOf numbers: [Float], index: Int, gain: Double, bias: Double, epsilon: Double) {
    let (kept, others) = Self.kept(numbers, around: index)
    self.init(
      kind: .layerNorm,
      tensors: [
        "input": .row(Array(numbers[kept])), "others": others, "gain": .row([gain]), "bias": .row([bias]),
      ], epsilon: epsilon, index: index - kept.lowerBound, count: numbers.count)
  }

  /// Of many numbers the neighbours of one, and of all others their sum and the sum of their squared distances from the mean of all.
  private static func kept(_ numbers: [Float], around index: Int) -> (Range<Int>, others: Matrix<Float>) {
    let count = min(numbers.count, mostNormed)
    let start = max(0, min(index - count / 2, numbers.count - count))
    let range = start..<start + count
    let mean = numbers.reduce(0) { $0 + Double($1) } / Double(numbers.count)
    var (sum, squares) = (0.0, 0.0)
    for (place, number) in numbers.enumerated() where !range.contains(place) {
      sum += Double(number)
      squares += (Double(number) - mean) * (Double(number) - mean)
    }
    return (range, .row([sum, squares]))
  }

  private static func attention(
    _ attention: Attention, _ operands: [Matrix<Float>], _ place: OperationEnvelope.Place, _ compute: Compute
  ) throws -> [String: Matrix<Float>] {
    let (keys, columns) = attention.seen(by: place.row, column: place.column)
    let (k, v) = (operands[operands.count > 1 ? 1 : 0], operands[operands.count - 1])
    func part(_ matrix: Matrix<Float>, _ rows: Range<Int>, from first: Int, _ columns: Range<Int>) -> Matrix<Float> {
      Matrix(
        values: rows.flatMap { row in columns.map { matrix.row(row)[at: first + $0] } }, rows: rows.count,
        columns: columns.count)
    }
    let query = part(operands[0], place.row..<place.row + 1, from: attention.queryColumn, columns)
    let all = part(k, keys, from: attention.keyColumn, columns)
    return [
      "query": query, "keys": all, "scores": .row(try Capsule.scores(query, all, compute)),
      "values": .row(part(v, keys, from: attention.valueColumn, place.column..<place.column + 1).values),
    ]
  }
}

extension Matrix<Float> {
  /// One row, each number rounded to float32.
  fileprivate static func row<N: BinaryFloatingPoint>(_ values: [N]) -> Matrix<Float> {
    Matrix(values: values.map { Float($0) }, rows: 1, columns: values.count)
  }
}
