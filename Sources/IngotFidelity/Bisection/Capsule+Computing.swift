// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension Capsule.Side {
  /// Computes the number that comes of the tensors.
  ///
  /// - Parameter compute: how; no choice changes a bit.
  /// - Returns: the number.
  /// - Throws: `missing` and `mismatch` where tensors are missing or do not fit each other.
  func computed(_ compute: Compute) throws -> Float {
    switch kind {
    case .product:
      let input = try inputs()
      var out = Matrix<Float>(rows: 1, columns: 1)
      try compute.product(
        input, WeightMatrix(rows: tensor("weights", columns: input.columns)), scale: [number("scale")], into: &out)
      return out.values[0]
    case .sum: return try number("input") + number("addend")
    case .mean: return try mean(compute)
    case .largest:
      // NaN where one is, as the kernel has it.
      return try inputs().values.reduce(-.infinity) { $0.isNaN || $0 > $1 ? $0 : $1 }
    case .activation:
      var out = Matrix(values: [try number("input")], rows: 1, columns: 1)
      compute.activate(activation, &out)
      return out.values[0]
    case .layerNorm: return try norm(compute)
    case .attention: return try attention(compute)
    case .value: return try number("value")
    }
  }

  private func mean(_ compute: Compute) throws -> Float {
    let input = try inputs()
    guard input.columns < count else { return compute.averageRows(input.values[...], columns: 1)[0] }
    let (sum, _) = try others()
    return Float((input.values.reduce(0) { $0 + Double($1) } + sum) / Double(count))
  }

  /// One column of a norm: others' gains and biases do not matter to it.
  private func norm(_ compute: Compute) throws -> Float {
    let input = try inputs()
    let (gain, bias) = (try number("gain"), try number("bias"))
    guard input.values.indices.contains(index) else {
      throw Capsule.mismatch("input", "found \(input.columns) numbers, number \(index) is normed")
    }
    guard input.columns < count else {
      var out = input
      compute.layerNorm(
        input, gain: [Float](repeating: gain, count: input.columns),
        bias: [Float](repeating: bias, count: input.columns), epsilon: epsilon, into: &out)
      return out.values[index]
    }
    let (sum, squares) = try others()
    let mean = (input.values.reduce(0) { $0 + Double($1) } + sum) / Double(count)
    let all = input.values.reduce(squares) { $0 + (Double($1) - mean) * (Double($1) - mean) }
    let distance = Double(input.values[index]) - mean
    return Float(distance / (all / Double(count) + epsilon).squareRoot() * Double(gain) + Double(bias))
  }

  /// Of the numbers that are not among the inputs, their sum and the sum of their squared distances from the mean.
  private func others() throws(CheckpointError) -> (sum: Double, squares: Double) {
    let others = try tensor("others", columns: 2)
    return (Double(others.values[0]), Double(others.values[1]))
  }

  /// Attention of one column: a head whose query is 1 and whose keys are the scores.
  private func attention(_ compute: Compute) throws -> Float {
    let scores = try tensor("scores")
    let values = try tensor("values", columns: scores.columns)
    let query = try tensor("query")
    let key = try tensor("key", columns: query.columns)
    guard scores.columns > 0, query.columns > 0, scores.values.indices.contains(index) else {
      throw Capsule.mismatch("scores", "found \(scores.columns), the key is that of number \(index)")
    }
    let score = try Capsule.scores(query, key, compute)[0]
    guard score.bitPattern == scores.values[index].bitPattern else {
      throw Capsule.mismatch("scores", "number \(index) is \(scores.values[index]), its query and key give \(score)")
    }
    func column(_ row: Matrix<Float>) -> Matrix<Float> { Matrix(values: row.values, rows: row.columns, columns: 1) }
    var out = Matrix<Float>(rows: 1, columns: 1)
    compute.attention(
      .pooling(lengths: [scores.columns], width: 1, heads: 1), q: Matrix(values: [1], rows: 1, columns: 1),
      k: column(scores), v: column(values), into: &out)
    return out.values[0]
  }

  /// What the side takes: one row, not empty, of no more numbers than go into the result.
  private func inputs() throws(CheckpointError) -> Matrix<Float> {
    let input = try tensor("input")
    guard input.columns > 0 else { throw Capsule.mismatch("input", "found no number, \(kind.rawValue) takes some") }
    guard (kind != .mean && kind != .layerNorm) || input.columns <= count else {
      throw Capsule.mismatch("input", "found \(input.columns) numbers, \(kind.rawValue) is over \(count)")
    }
    return input
  }

  private func number(_ name: String) throws(CheckpointError) -> Float { try tensor(name, columns: 1).values[0] }

  /// A row of numbers.
  private func tensor(_ name: String, columns: Int? = nil) throws(CheckpointError) -> Matrix<Float> {
    guard let tensor = tensors[name] else {
      throw CheckpointError(.missing, .capsule, subject: name, "no such tensor, \(kind.rawValue) needs it")
    }
    guard tensor.rows == 1, columns ?? tensor.columns == tensor.columns else {
      throw Capsule.mismatch(
        name, "found \(tensor.rows) × \(tensor.columns), expected 1 × \(columns ?? tensor.columns)")
    }
    return tensor
  }
}

extension Capsule {
  /// What a query gives with keys, over the root of their width, as the kernels compute it.
  static func scores(_ query: Matrix<Float>, _ keys: Matrix<Float>, _ compute: Compute) throws -> [Float] {
    var sums = Matrix<Float>(rows: 1, columns: keys.rows)
    try compute.product(query, WeightMatrix(rows: keys), into: &sums)
    let scale = 1 / Float(query.columns).squareRoot()
    return sums.values.map { $0 * scale }
  }
}
