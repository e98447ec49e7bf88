// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The text tower: embeddings, blocks, a norm, one token's projection.
struct TextTransformer<R: Real>: Sendable {
  var configuration: TextConfiguration
  let tokenEmbedding: TensorStorage
  let positions: [R]
  /// The first row of the table of token types, `[width]`; empty where there is none.
  let tokenType: [R]
  let embeddingNorm: LayerNorm<R>?
  let blocks: Transformer<R>
  let finalNorm: LayerNorm<R>?
  let projection: Projection<R>

  init(_ parameters: Parameters, _ configuration: TextConfiguration) throws {
    self.configuration = configuration
    let epsilon = configuration.transformer.normEpsilon
    tokenEmbedding = try parameters.table("text.token_embedding.weight")
    positions = try parameters.vector("text.position_embedding")
    let types: [R] = configuration.tokenTypes > 0 ? try parameters.vector("text.token_type_embedding") : []
    tokenType = Array(types.prefix(configuration.transformer.width))
    embeddingNorm =
      configuration.hasEmbeddingNorm ? try LayerNorm(parameters, "text.embedding_norm", epsilon: epsilon) : nil
    blocks = try Transformer(parameters, "text", configuration.transformer)
    finalNorm = configuration.hasFinalNorm ? try LayerNorm(parameters, "text.final_norm", epsilon: epsilon) : nil
    projection = try Projection(parameters, "text", configuration.projection)
  }

  /// Embeds texts.
  ///
  /// - Parameters:
  ///   - texts: token ids, each `contextLength` long.
  ///   - length: tokens to compute; at least `neededLength(of:)`.
  ///   - compute: how to compute.
  ///   - observe: sees the residual stream, `[texts × length, width]`, after each block.
  /// - Returns: `[texts, embeddingWidth]`, not normalised.
  /// - Throws: what reading the weights throws.
  func embed(
    _ texts: [[Int32]], length: Int, _ compute: Compute, observe: (Int, Matrix<R>) throws -> Void
  ) throws -> Matrix<R> {
    var x = try input(of: texts, length: length, compute)
    try blocks.run(
      &x, sequences: texts.count, tokens: length, mask: mask(of: texts), compute, observe: observe)
    return try head(x, texts, length: length, compute)
  }

  /// How many tokens of each text must be computed for its embedding to be right.
  ///
  /// What a causal model's pooled token does not see, and padding that no token sees, changes nothing.
  func neededLength(of texts: [[Int32]]) -> Int {
    if configuration.isCausal { return texts.map { pooledPosition(of: $0) + 1 }.max() ?? 0 }
    guard configuration.maskedToken != nil else { return configuration.contextLength }
    return texts.map { max(visibleTokens(of: $0), pooledPosition(of: $0) + 1) }.max() ?? 0
  }

  /// Which tokens are seen.
  func mask(of texts: [[Int32]]) -> AttentionMask {
    if configuration.isCausal { return .causal }
    return configuration.maskedToken == nil ? .all : .first(texts.map(visibleTokens))
  }

  /// Tokens before the padding that no token sees; at least one.
  private func visibleTokens(of text: [Int32]) -> Int {
    guard let masked = configuration.maskedToken else { return text.count }
    return max(1, (text.lastIndex { Int($0) != masked } ?? 0) + 1)
  }

  /// From the last block's output, `[texts × length, width]`, to embeddings.
  func head(_ x: Matrix<R>, _ texts: [[Int32]], length: Int, _ compute: Compute) throws -> Matrix<R> {
    var pooled = x.gathering(texts.enumerated().map { $0 * length + pooledPosition(of: $1) })
    finalNorm?.apply(in: &pooled, compute)
    return try projection.apply(pooled, compute)
  }

  /// Where the token that stands for the text is.
  func pooledPosition(of text: [Int32]) -> Int {
    switch configuration.pooling {
    case .largestToken:
      var best = 0
      for (position, token) in text.enumerated() where token > text[best] { best = position }
      return best
    case .endToken: return text.firstIndex { Int($0) == configuration.endToken } ?? 0
    case .firstToken: return 0
    case .lastToken: return text.count - 1
    }
  }

  /// What block 0 takes: embeddings of tokens, positions and types, perhaps normalised.
  func input(of texts: [[Int32]], length: Int, _ compute: Compute) throws -> Matrix<R> {
    let width = configuration.transformer.width
    let type = tokenEmbedding.descriptor.type
    let rowBytes = width * type.byteCount
    var values: [R] = []
    values.reserveCapacity(texts.count * length * width)
    try tokenEmbedding.withBytes { table in
      for text in texts {
        for (position, token) in text.prefix(length).enumerated() {
          let start = Int(token) * rowBytes
          let row: [R] = widen(table.extracting(start..<start + rowBytes), of: type)
          // As BERT sums them: types before positions.
          if tokenType.isEmpty {
            for c in 0..<width { values.append(row[c] + positions[position * width + c]) }
          } else {
            for c in 0..<width { values.append((row[c] + tokenType[c]) + positions[position * width + c]) }
          }
        }
      }
    }
    var tokens = Matrix(values: values, rows: texts.count * length, columns: width)
    embeddingNorm?.apply(in: &tokens, compute)
    return tokens
  }
}
