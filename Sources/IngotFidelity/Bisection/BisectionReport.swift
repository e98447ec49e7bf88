// SPDX-License-Identifier: Apache-2.0

/// Where two models part: a value that is printed as text or JSON.
public struct BisectionReport: Sendable, Hashable, Codable {
  /// One operation that the two models compute differently from the same input.
  public struct Divergence: Sendable, Hashable, Codable {
    /// `vision.blocks.3.mlp.up`.
    public var operation: String
    /// `vision.blocks.3`.
    public var part: String
    /// What the reference computes there: `product`, `layer norm`, `activation gelu`.
    public var kind: String
    /// What the other model computes there.
    public var foundKind: String
    /// Where the difference is largest in terms of its bound: a row (a token, a place or an example) and a column (a channel).
    public var row: Int
    /// See `row`.
    public var column: Int
    /// The reference's result there.
    public var reference: Double
    /// The other model's.
    public var found: Double
    /// The distance between the two.
    public var difference: Double
    /// What rounding explains (`Formats/fidelity.md`, section "Envelopes of operations").
    public var bound: Double
    /// Rows and columns of the result that differ by more than their own bound, of those that were looked at.
    public var columns: [Int]
    /// The share of the bound that is used; beyond 1 the operation diverges.
    public var ratio: Double { bound > 0 ? difference / bound : .infinity }

    private enum CodingKeys: String, CodingKey {
      case operation, part, kind, foundKind, row, column, reference, found, difference, bound, columns
    }
  }

  /// The reference's file.
  public var reference: String
  /// The other model's.
  public var model: String
  /// Whether an operation is out of its bound.
  public var diverged: Bool
  /// The first such.
  public var first: Divergence?
  /// Operations that differ within their bounds, in the order of computation.
  public var withinBounds: [Divergence]
  /// How many operations the towers have.
  public var operations: Int
  /// How many parts.
  public var parts: Int
  /// How often a stretch of one model was run.
  public var partialRuns: Int
  /// Tensors that hold the same values, that differ by no more than their encodings' rounding, and that differ by more.
  public var identicalTensors: Int
  /// See `identicalTensors`.
  public var explainedTensors: Int
  /// See `identicalTensors`; by name.
  public var differentTensors: [String]
  /// Images and texts that both models were run on.
  public var images: Int
  /// See `images`.
  public var texts: Int
}
