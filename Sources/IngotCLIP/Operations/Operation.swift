// SPDX-License-Identifier: Apache-2.0

public import IngotTensor

/// One elementary step of a tower: a function of the results of earlier steps, rounded as the tower rounds it.
///
/// A tower computes several of these at once (a product, its bias, the activation, the residual); every one of them is rounded there too, so
/// that steps one by one give the tower's own bits.
public struct Operation<R: Real>: Sendable {
  /// Unique within a program: `vision.blocks.3.mlp.up`, `vision.blocks.3.mlp.activation`.
  public let name: String
  /// The part of the tower that it belongs to: `vision.embedding`, `vision.blocks.3`, `vision.head`.
  public let part: String
  /// What is computed.
  public let kind: Kind
  /// The operations whose results it takes, by their places in the program: all before its own.
  public let operands: [Int]

  /// What an operation computes.
  public enum Kind: Sendable {
    /// Nothing: the numbers are given, one row for each token, window or query.
    case constant(Matrix<R>)
    /// The rows of a table that stand for these tokens.
    case lookup(RowTable, tokens: [Int32])
    /// `scale[j] · Σₖ x[r, k] · w[j, k]`; no scale where it is empty.
    case product(WeightMatrix, scale: [R])
    /// Adds these numbers to each row.
    case bias([R])
    /// Puts the first `extra` of these rows before each sequence and adds the others to the sequence's own; as many sequences as there are.
    case placement(rows: Matrix<R>, extra: Int)
    /// A function of each number.
    case activation(Activation)
    /// A layer norm of each row.
    case layerNorm(gain: [R], bias: [R], epsilon: Double)
    /// Each row divided by its length.
    case unitLength
    /// Attention of one operand to itself, or of queries, keys and values in two or three.
    case attention(Attention)
    /// The sum of two results.
    case sum
    /// The products of the numbers of two results.
    case factor
    /// These rows, in this order.
    case selection([Int])
    /// Anything else, by a name that says what, and what each number is made of.
    case other(
      String, field: ReceptiveField<R>.Function = ReceptiveField<R>.none,
      @Sendable ([Matrix<R>], Compute) throws -> Matrix<R>)

    /// In a word, for people.
    public var label: String {
      switch self {
      case .constant: "input"
      case .lookup: "table lookup"
      case .product: "product"
      case .bias: "bias"
      case .placement: "position embedding"
      case .activation(let activation): "activation \(activation.rawValue)"
      case .layerNorm: "layer norm"
      case .unitLength: "unit length"
      case .attention: "attention"
      case .sum: "sum"
      case .factor: "elementwise product"
      case .selection: "pooling of one token"
      case .other(let name, _, _): name
      }
    }
  }

  /// Computes the result.
  ///
  /// - Parameters:
  ///   - operands: the results of `operands`, in that order.
  ///   - compute: how to compute.
  /// - Returns: one row for each token, place or example.
  /// - Throws: what reading weights throws.
  public func result(_ operands: [Matrix<R>], _ compute: Compute) throws -> Matrix<R> {
    switch kind {
    case .constant(let values): return values
    case .lookup(let table, let tokens): return try table.matrix(tokens.map { Int($0) })
    case .product(let weights, let scale):
      var out = Matrix<R>(rows: operands[0].rows, columns: weights.outputs)
      try compute.product(operands[0], weights, scale: scale, into: &out)
      return out
    case .bias(let bias):
      var out = operands[0]
      compute.add(Self.repeated(bias, rows: out.rows), to: &out)
      return out
    case .placement(let rows, let extra): return Self.placed(operands[0], rows, extra, compute)
    case .activation(let activation):
      var out = operands[0]
      compute.activate(activation, &out)
      return out
    case .layerNorm(let gain, let bias, let epsilon):
      var out = operands[0]
      compute.layerNorm(operands[0], gain: gain, bias: bias, epsilon: epsilon, into: &out)
      return out
    case .unitLength:
      var out = operands[0]
      compute.l2Normalize(&out)
      return out
    case .attention(let attention):
      let (keys, values) = (operands[operands.count > 1 ? 1 : 0], operands[operands.count - 1])
      var out = Matrix<R>(rows: operands[0].rows, columns: attention.width)
      compute.attention(attention, q: operands[0], k: keys, v: values, into: &out)
      return out
    case .sum:
      var out = operands[0]
      compute.add(operands[1], to: &out)
      return out
    case .factor:
      var out = operands[0]
      compute.multiply(&out, by: operands[1])
      return out
    case .selection(let rows): return operands[0].gathering(rows)
    case .other(_, _, let function): return try function(operands, compute)
    }
  }

  private static func repeated(_ row: [R], rows: Int) -> Matrix<R> {
    var values: [R] = []
    values.reserveCapacity(rows * row.count)
    for _ in 0..<rows { values += row }
    return Matrix(values: values, rows: rows, columns: row.count)
  }

  private static func placed(_ x: Matrix<R>, _ places: Matrix<R>, _ extra: Int, _ compute: Compute) -> Matrix<R> {
    let length = (places.rows - extra) * x.columns
    let sequences = length == 0 ? 0 : x.values.count / length
    var values: [R] = []
    values.reserveCapacity(sequences * places.values.count)
    for _ in 0..<sequences { values += places.values[(extra * x.columns)...] }
    var sums = Matrix(values: values, rows: x.rows, columns: x.columns)
    compute.add(x, to: &sums)
    guard extra > 0 else { return sums }
    var whole: [R] = []
    whole.reserveCapacity(sequences * places.values.count)
    for sequence in 0..<sequences {
      whole += places.values[..<(extra * x.columns)]
      whole += sums.values[sequence * length..<(sequence + 1) * length]
    }
    return Matrix(values: whole, rows: sequences * places.rows, columns: x.columns)
  }
}
