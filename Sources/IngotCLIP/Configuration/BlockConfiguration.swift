// SPDX-License-Identifier: Apache-2.0

/// How a transformer block is put together; by default as OpenAI's.
public struct BlockConfiguration: Sendable, Hashable, Codable {
  /// Where the norms of a block are.
  public enum NormPlacement: String, Sendable, Hashable, Codable {
    /// `x += attention(norm(x))`, `x += mlp(norm(x))`.
    case before
    /// `x = norm(x + attention(x))`, `x = norm(x + mlp(x))`, as in BERT.
    case after
    /// `x += norm(attention(x))`, `x += norm(mlp(x))`, as in EVA02-E.
    case afterBranch = "after-branch"
  }

  /// Which of the products that make queries, keys and values have a bias.
  public enum AttentionBias: String, Sendable, Hashable, Codable {
    /// All three.
    case all
    /// Queries and values; EVA has none for keys.
    case queryAndValue = "query-and-value"
  }

  /// What is between the two products of an MLP.
  public enum MLP: String, Sendable, Hashable, Codable {
    /// `down(activation(up(x)))`
    case plain
    /// `down(activation(gate(x)) · up(x))`
    case gated
  }

  /// Angles by which queries and keys of a patch are turned, after its place in the grid: `RotaryEmbeddingCat` of timm.
  public struct Rotary: Sendable, Hashable, Codable {
    /// Side of the grid that positions are scaled to.
    public var referenceGrid: Int
    /// The slowest frequency is about one over this.
    public var temperature: Double

    /// Makes a description.
    public init(referenceGrid: Int, temperature: Double) {
      self.referenceGrid = referenceGrid
      self.temperature = temperature
    }
  }

  /// Where the norms are.
  public var norms: NormPlacement
  /// Which of queries, keys and values have a bias.
  public var attentionBias: AttentionBias
  /// Whether what heads gathered is normed before the output product.
  public var hasAttentionInnerNorm: Bool
  /// What is between the two products of the MLP.
  public var mlp: MLP
  /// Whether the MLP's hidden values are normed before the second product.
  public var hasMLPInnerNorm: Bool
  /// Whether each channel of a branch has a factor before it is added.
  public var hasLayerScale: Bool
  /// Whether queries and keys are turned.
  public var rotary: Rotary?

  /// Makes a description.
  public init(
    norms: NormPlacement = .before, attentionBias: AttentionBias = .all, hasAttentionInnerNorm: Bool = false,
    mlp: MLP = .plain, hasMLPInnerNorm: Bool = false, hasLayerScale: Bool = false, rotary: Rotary? = nil
  ) {
    self.norms = norms
    self.attentionBias = attentionBias
    self.hasAttentionInnerNorm = hasAttentionInnerNorm
    self.mlp = mlp
    self.hasMLPInnerNorm = hasMLPInnerNorm
    self.hasLayerScale = hasLayerScale
    self.rotary = rotary
  }
}
