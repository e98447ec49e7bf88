// SPDX-License-Identifier: Apache-2.0

/// The text tower: token and position embeddings, blocks, a norm, a projection of one token.
public struct TextConfiguration: Sendable, Hashable, Codable {
  /// Which token's output stands for the text.
  public enum Pooling: String, Sendable, Hashable, Codable {
    /// The first token with the largest id, which is the end-of-text token of CLIP's vocabulary.
    case largestToken = "largest-token"
    /// The first token that is `endToken`; without one, the first token of all, as Hugging Face has it.
    case endToken = "end-token"
    /// The first token.
    case firstToken = "first-token"
    /// The last token, padding or not.
    case lastToken = "last-token"
  }

  /// Size of the vocabulary.
  public var vocabularySize: Int
  /// Tokens of the longest text, start and end included.
  public var contextLength: Int
  /// Rows of the table of positions, where they are more than the context length.
  public var positionCount: Int?
  /// The blocks.
  public var transformer: TransformerConfiguration
  /// Which token's output stands for the text.
  public var pooling: Pooling
  /// The token that ends a text, where pooling looks for it.
  public var endToken: Int?
  /// Whether token t sees tokens 0…t only.
  public var isCausal: Bool
  /// The token that fills a text up and that no token sees; `nil` where padding is a token like others.
  public var maskedToken: Int?
  /// Rows of the table of token types, of which the first is added to all tokens; 0 where there is none.
  public var tokenTypes: Int
  /// Whether the sum of embeddings is normed before the first block.
  public var hasEmbeddingNorm: Bool
  /// Whether the output of the last block is normed.
  public var hasFinalNorm: Bool
  /// What follows.
  public var projection: ProjectionKind

  /// Makes a configuration; all but the sizes are OpenAI's by default.
  public init(
    vocabularySize: Int, contextLength: Int, transformer: TransformerConfiguration, pooling: Pooling = .largestToken,
    endToken: Int? = nil, isCausal: Bool = true, maskedToken: Int? = nil, tokenTypes: Int = 0,
    hasEmbeddingNorm: Bool = false, hasFinalNorm: Bool = true, projection: ProjectionKind = .matrix
  ) {
    self.vocabularySize = vocabularySize
    self.contextLength = contextLength
    self.transformer = transformer
    self.pooling = pooling
    self.endToken = endToken
    self.isCausal = isCausal
    self.maskedToken = maskedToken
    self.tokenTypes = tokenTypes
    self.hasEmbeddingNorm = hasEmbeddingNorm
    self.hasFinalNorm = hasFinalNorm
    self.projection = projection
  }
}
