// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotTensor

/// One number that two models compute differently, with all that goes into it: enough to compute it again without either model.
///
/// A safetensors file of a few KiB (`Formats/fidelity.md`, section "Capsules").
public struct Capsule: Sendable {
  /// What is computed.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// Σ input · weights; of a long sum a part.
    case product
    /// input + addend
    case sum
    /// A function of the input.
    case activation
    /// A layer norm of the input's row, of which one column.
    case layerNorm = "layer-norm"
    /// softmax(scores) · values, one of the scores from its query and key
    case attention
    /// A number that is stored, not computed.
    case value
  }

  /// What one of the two models computes with.
  public struct Side: Sendable {
    /// By name, for example `weights`; `Formats/fidelity.md` lists them.
    var tensors: [String: Matrix<Float>]
    /// For an activation.
    var activation: Activation = .identity
    /// For a layer norm.
    var epsilon = 0.0
    /// For attention, which of the scores has its query and key.
    var key = 0
    /// What it computes.
    public internal(set) var output: Float = 0
  }

  /// `vision.blocks.3.mlp.up`.
  public let operation: String
  /// What is computed.
  public let kind: Kind
  /// The row (token, place or example) of the operation's result, and the column.
  public let row: Int
  /// See `row`.
  public let column: Int
  /// Of a product, the first of the inputs that are summed.
  public let firstInput: Int
  /// The files of the reference and of the other model.
  public let names: (String, String)
  /// What rounding explains of the distance between the two outputs.
  public let bound: Double
  /// What both take.
  let input: Matrix<Float>
  /// The reference.
  public internal(set) var reference: Side
  /// The other model.
  public internal(set) var found: Side

  /// Computes both numbers again.
  ///
  /// - Parameter compute: how; no choice changes a bit.
  /// - Returns: the reference's and the other model's.
  /// - Throws: `mismatch` where tensors are missing or do not fit each other.
  public func outputs(_ compute: Compute) throws -> (reference: Float, found: Float) {
    (try output(of: reference, compute), try output(of: found, compute))
  }

  private func output(of side: Side, _ compute: Compute) throws -> Float {
    let isFit =
      switch kind {
      case .product, .layerNorm: input.rows == 1 && input.columns > 0
      case .sum, .activation: input.rows == 1 && input.columns == 1
      case .attention, .value: true
      }
    guard isFit else {
      throw Self.mismatch("input", "found \(input.rows) × \(input.columns), \(kind.rawValue) takes one row")
    }
    switch kind {
    case .product:
      let weights = try tensor("weights", of: side, columns: input.columns)
      var out = Matrix<Float>(rows: input.rows, columns: 1)
      try compute.product(input, WeightMatrix(rows: weights), into: &out)
      return try number(out, at: 0)
    case .sum: return try number(input, at: 0) + number(try tensor("addend", of: side, columns: 1), at: 0)
    case .activation:
      var out = input
      compute.activate(side.activation, &out)
      return try number(out, at: 0)
    case .layerNorm:
      // Columns do not depend on the gains and biases of others.
      let gain = try number(try tensor("gain", of: side, columns: 1), at: 0)
      let bias = try number(try tensor("bias", of: side, columns: 1), at: 0)
      var out = input
      compute.layerNorm(
        input, gain: [Float](repeating: gain, count: input.columns),
        bias: [Float](repeating: bias, count: input.columns), epsilon: side.epsilon, into: &out)
      return try number(out, at: column)
    case .attention: return try attention(side, compute)
    case .value: return try number(try tensor("value", of: side, columns: 1), at: 0)
    }
  }

  /// Attention of one column: a head whose query is 1 and whose keys are the scores.
  private func attention(_ side: Side, _ compute: Compute) throws -> Float {
    let scores = try tensor("scores", of: side, columns: nil)
    let values = try tensor("values", of: side, columns: scores.columns)
    let query = try tensor("query", of: side, columns: nil)
    let key = try tensor("key", of: side, columns: query.columns)
    guard scores.columns > 0, query.columns > 0, scores.values.indices.contains(side.key) else {
      throw Self.mismatch("scores", "found \(scores.columns), the key is that of number \(side.key)")
    }
    let score = try Self.scores(query, key, compute)[0]
    guard score.bitPattern == scores.values[side.key].bitPattern else {
      throw Self.mismatch("scores", "number \(side.key) is \(scores.values[side.key]), its query and key give \(score)")
    }
    func column(_ row: Matrix<Float>) -> Matrix<Float> { Matrix(values: row.values, rows: row.columns, columns: 1) }
    var out = Matrix<Float>(rows: 1, columns: 1)
    compute.attention(
      .pooling(lengths: [scores.columns], width: 1, heads: 1), q: Matrix(values: [1], rows: 1, columns: 1),
      k: column(scores), v: column(values), into: &out)
    return out.values[0]
  }

  /// What a query gives with keys, over the root of their width, as the kernels compute it.
  static func scores(_ query: Matrix<Float>, _ keys: Matrix<Float>, _ compute: Compute) throws -> [Float] {
    var sums = Matrix<Float>(rows: 1, columns: keys.rows)
    try compute.product(query, WeightMatrix(rows: keys), into: &sums)
    let scale = 1 / Float(query.columns).squareRoot()
    return sums.values.map { $0 * scale }
  }

  private func number(_ x: Matrix<Float>, at index: Int) throws(CheckpointError) -> Float {
    guard x.values.indices.contains(index) else {
      throw Self.mismatch("input", "found \(x.values.count) numbers, expected more than \(index)")
    }
    return x.values[index]
  }

  /// A row of numbers.
  private func tensor(_ name: String, of side: Side, columns: Int?) throws(CheckpointError) -> Matrix<Float> {
    guard let tensor = side.tensors[name] else {
      throw CheckpointError(.missing, .capsule, subject: name, "no such tensor, \(kind.rawValue) needs it")
    }
    guard tensor.rows == 1, columns ?? tensor.columns == tensor.columns else {
      throw Self.mismatch(name, "found \(tensor.rows) × \(tensor.columns), expected 1 × \(columns ?? tensor.columns)")
    }
    return tensor
  }

  static func mismatch(_ name: String, _ detail: String) -> CheckpointError {
    CheckpointError(.mismatch, .capsule, subject: name, detail)
  }
}

extension FormatKind {
  /// Faults of a capsule.
  public static let capsule = FormatKind(rawValue: "capsule")
}
