// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The text tower: embeddings, causal blocks, a norm, the end-of-text token's projection.
struct TextTransformer<R: Real>: Sendable {
  let configuration: TextConfiguration
  let tokenEmbedding: TensorStorage
  let positions: [R]
  let blocks: Transformer<R>
  let finalNorm: LayerNorm<R>
  let projection: WeightMatrix

  init(_ parameters: Parameters, _ configuration: TextConfiguration) throws {
    self.configuration = configuration
    tokenEmbedding = try parameters.table("text.token_embedding.weight")
    positions = try parameters.vector("text.position_embedding")
    blocks = try Transformer(parameters, "text", configuration.transformer)
    finalNorm = try LayerNorm(parameters, "text.final_norm", epsilon: configuration.transformer.normEpsilon)
    projection = try parameters.matrix("text.projection")
  }

  /// Embeds texts.
  ///
  /// Attention is causal, so what follows the pooled token cannot change it: only `length` tokens are computed.
  ///
  /// - Parameters:
  ///   - texts: token ids, each `contextLength` long.
  ///   - length: tokens to compute; at least each text's pooled position + 1.
  ///   - compute: how to compute.
  ///   - observe: sees the residual stream, `[texts × length, width]`, after each block.
  /// - Returns: `[texts, embeddingWidth]`, not normalised.
  /// - Throws: what reading the weights throws.
  func embed(
    _ texts: [[Int32]], length: Int, _ compute: Compute, observe: (Int, Matrix<R>) throws -> Void
  ) throws -> Matrix<R> {
    var x = try input(of: texts, length: length)
    try blocks.run(&x, sequences: texts.count, tokens: length, isCausal: true, compute, observe: observe)
    return try head(x, texts, length: length, compute)
  }

  /// From the last block's output, `[texts × length, width]`, to embeddings.
  func head(_ x: Matrix<R>, _ texts: [[Int32]], length: Int, _ compute: Compute) throws -> Matrix<R> {
    let pooled = x.gathering(texts.enumerated().map { $0 * length + pooledPosition(of: $1) })
    var normed = pooled
    finalNorm.apply(pooled, into: &normed, compute)
    var embeddings = Matrix<R>(rows: texts.count, columns: projection.outputs)
    try compute.product(normed, projection, into: &embeddings)
    return embeddings
  }

  /// Where the token that stands for the text is.
  func pooledPosition(of text: [Int32]) -> Int {
    switch configuration.pooling {
    case .largestToken:
      var best = 0
      for (position, token) in text.enumerated() where token > text[best] { best = position }
      return best
    }
  }

  /// What block 0 takes: embeddings of tokens and positions.
  func input(of texts: [[Int32]], length: Int) throws -> Matrix<R> {
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
          for c in 0..<width { values.append(row[c] + positions[position * width + c]) }
        }
      }
    }
    return Matrix(values: values, rows: texts.count * length, columns: width)
  }
}
