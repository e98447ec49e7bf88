// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotTensor

/// One number that two models compute differently, with all that goes into it: enough to compute it again without either model.
///
/// A safetensors file of a few KiB (`Formats/fidelity.md`, section "Capsules").
public struct Capsule: Sendable {
  /// What is computed.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// Σ input · weights, times a scale; of a long sum a part.
    case product
    /// input + addend
    case sum
    /// The mean of the inputs.
    case mean
    /// The largest of the inputs.
    case largest
    /// A function of the input.
    case activation
    /// A norm of the inputs, of which one number.
    case layerNorm = "layer-norm"
    /// softmax(scores) · values, one of the scores from its query and key
    case attention
    /// A number that is stored or moved, not computed.
    case value
  }

  /// What one of the two models computes, and with what.
  public struct Side: Sendable {
    /// What is computed.
    public let kind: Kind
    /// By name, for example `weights`; `Formats/fidelity.md` lists them.
    var tensors: [String: Matrix<Float>]
    /// For an activation.
    var activation: Activation = .identity
    /// For a norm.
    var epsilon = 0.0
    /// For attention, which of the scores has its query and key; for a norm, which of the inputs is normed.
    var index = 0
    /// For a norm or a mean, over how many numbers: as many as there are inputs, or more.
    var count = 0
    /// What it computes.
    public internal(set) var output: Float = 0
  }

  /// `vision.blocks.3.mlp.up`.
  public let operation: String
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
    (try reference.computed(compute), try found.computed(compute))
  }

  static func mismatch(_ name: String, _ detail: String) -> CheckpointError {
    CheckpointError(.mismatch, .capsule, subject: name, detail)
  }
}

extension FormatKind {
  /// Faults of a capsule.
  public static let capsule = FormatKind(rawValue: "capsule")
}
