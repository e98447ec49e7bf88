// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotTensor

/// One number that two models compute differently, with all that goes into it: enough to compute it again without either model.
///
/// A safetensors file of a few KiB (`Formats/fidelity.md`, section "Capsules").
public struct Capsule: Sendable {
  /// What is computed.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// Σ input · weights
    case product
    /// input + addend
    case sum
    /// A function of the input.
    case activation
    /// A layer norm of the input's row, of which one column.
    case layerNorm = "layer-norm"
    /// softmax(query · keys / √width) · values
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
      let weights = try tensor("weights", of: side, rows: 1, columns: input.columns)
      var out = Matrix<Float>(rows: input.rows, columns: 1)
      try compute.product(input, WeightMatrix(rows: weights), into: &out)
      return try number(out, at: 0)
    case .sum: return try number(input, at: 0) + number(try tensor("addend", of: side, rows: 1, columns: 1), at: 0)
    case .activation:
      var out = input
      compute.activate(side.activation, &out)
      return try number(out, at: 0)
    case .layerNorm:
      let gain = try tensor("gain", of: side, rows: 1, columns: input.columns)
      let bias = try tensor("bias", of: side, rows: 1, columns: input.columns)
      var out = input
      compute.layerNorm(input, gain: gain.values, bias: bias.values, epsilon: side.epsilon, into: &out)
      return try number(out, at: column)
    case .attention: return try attention(side, compute)
    case .value: return try number(try tensor("value", of: side, rows: 1, columns: 1), at: 0)
    }
  }

  private func attention(_ side: Side, _ compute: Compute) throws -> Float {
    let keys = try tensor("keys", of: side, rows: nil, columns: nil)
    let query = try tensor("query", of: side, rows: 1, columns: keys.columns)
    let column = try tensor("values", of: side, rows: keys.rows, columns: 1)
    guard keys.rows > 0, keys.columns > 0 else { throw Self.mismatch("keys", "found none") }
    var values = Matrix<Float>(rows: keys.rows, columns: keys.columns)
    for row in 0..<keys.rows { values.values[row * keys.columns] = column.values[row] }
    var out = Matrix<Float>(rows: 1, columns: keys.columns)
    compute.attention(
      .pooling(lengths: [keys.rows], width: keys.columns, heads: 1), q: query, k: keys, v: values, into: &out)
    return out.values[0]
  }

  private func number(_ x: Matrix<Float>, at index: Int) throws(CheckpointError) -> Float {
    guard x.values.indices.contains(index) else {
      throw Self.mismatch("input", "found \(x.values.count) numbers, expected more than \(index)")
    }
    return x.values[index]
  }

  private func tensor(
    _ name: String, of side: Side, rows: Int?, columns: Int?
  ) throws(CheckpointError) -> Matrix<Float> {
    guard let tensor = side.tensors[name] else {
      throw CheckpointError(.missing, .capsule, subject: name, "no such tensor, \(kind.rawValue) needs it")
    }
    guard rows ?? tensor.rows == tensor.rows, columns ?? tensor.columns == tensor.columns else {
      throw Self.mismatch(
        name,
        "found \(tensor.rows) × \(tensor.columns), expected \(rows ?? tensor.rows) × \(columns ?? tensor.columns)")
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
