// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The text tower: embeddings, blocks, a norm, one token's projection.
struct TextTransformer<R: Real>: Sendable {
  var configuration: TextConfiguration
  let tokenEmbedding: RowTable
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
  ///   - lengths: tokens of each text to compute; at least `neededLengths(of:)`.
  ///   - compute: how to compute.
  ///   - observe: sees the residual stream, `[tokens of all texts, width]`, after each block; without it, what the embedding does not need
  ///     is not computed in the last block.
  /// - Returns: `[texts, embeddingWidth]`, not normalised.
  /// - Throws: what reading the weights throws.
  func embed(
    _ texts: [[Int32]], lengths: [Int], _ compute: Compute, observe: ((Int, Matrix<R>) throws -> Void)? = nil
  ) throws -> Matrix<R> {
    var x = try input(of: texts, lengths: lengths, compute)
    guard let observe else { return try embed(x, texts, from: 0, lengths: lengths, compute) }
    try blocks.run(&x, lengths: lengths, mask: mask(of: texts), compute, observe: observe)
    return try head(x, texts, lengths: lengths, compute)
  }

  /// From what a block takes, `[tokens of all texts, width]`, to embeddings; what they do not need is not computed in the last block.
  ///
  /// Of each text `lengths` tokens are there; `nil` for those that are needed.
  func embed(
    _ x: Matrix<R>, _ texts: [[Int32]], from block: Int, lengths: [Int]? = nil, _ compute: Compute
  ) throws -> Matrix<R> {
    try head(
      pooled: blocks.pooled(
        x, from: block, at: texts.map(pooledPosition), lengths: lengths ?? neededLengths(of: texts),
        mask: mask(of: texts), compute), compute)
  }

  /// How many tokens of each text must be computed for its embedding to be right.
  ///
  /// What a causal model's pooled token does not see, and padding that no token sees, changes nothing.
  func neededLengths(of texts: [[Int32]]) -> [Int] {
    texts.map { text in
      if configuration.isCausal { return pooledPosition(of: text) + 1 }
      guard configuration.maskedToken != nil else { return configuration.contextLength }
      return max(visibleTokens(of: text), pooledPosition(of: text) + 1)
    }
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

  /// From the last block's output, `[tokens of all texts, width]`, to embeddings.
  func head(_ x: Matrix<R>, _ texts: [[Int32]], lengths: [Int], _ compute: Compute) throws -> Matrix<R> {
    var start = 0
    let pooled = x.gathering(
      zip(texts, lengths).map { text, length in
        defer { start += length }
        return start + pooledPosition(of: text)
      })
    return try head(pooled: pooled, compute)
  }

  /// From the last block's output for the tokens that stand for the texts, `[texts, width]`, to embeddings.
  private func head(pooled: Matrix<R>, _ compute: Compute) throws -> Matrix<R> {
    var pooled = pooled
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
  func input(of texts: [[Int32]], lengths: [Int], _ compute: Compute) throws -> Matrix<R> {
    let width = configuration.transformer.width
    let rows = lengths.reduce(0, +)
    var places: [R] = []
    places.reserveCapacity(rows * width)
    let words: [R] = try tokenEmbedding.rows(zip(texts, lengths).flatMap { $0.prefix($1).map { Int($0) } })
    for length in lengths { places += positions[..<(length * width)] }
    var tokens = Matrix(values: words, rows: rows, columns: width)
    if !tokenType.isEmpty {
      // As BERT sums them: types before positions.
      let types = Matrix(values: (0..<rows).flatMap { _ in tokenType }, rows: rows, columns: width)
      compute.add(types, to: &tokens)
    }
    compute.add(Matrix(values: places, rows: rows, columns: width), to: &tokens)
    embeddingNorm?.apply(in: &tokens, compute)
    return tokens
  }
}
