// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A vision transformer: patches, perhaps a class token, blocks, pooling, a projection.
struct VisionTransformer<R: Real>: Sendable {
  let configuration: VisionTransformerConfiguration
  let patches: WeightMatrix
  let patchBias: [R]
  /// `[tokens, width]`: positions, with the class embedding added to that of its token.
  let firstTokens: [R]
  let preNorm: LayerNorm<R>?
  let blocks: Transformer<R>
  let postNorm: LayerNorm<R>
  let attentionHead: AttentionHead<R>?
  let projection: Projection<R>

  init(_ parameters: Parameters, _ configuration: VisionTransformerConfiguration) throws {
    self.configuration = configuration
    let epsilon = configuration.transformer.normEpsilon
    patches = try parameters.matrix("vision.patch_embedding.weight")
    patchBias = configuration.hasPatchBias ? try parameters.vector("vision.patch_embedding.bias") : []
    let classEmbedding: [R] = configuration.hasClassToken ? try parameters.vector("vision.class_embedding") : []
    let positions: [R] = try parameters.vector("vision.position_embedding")
    firstTokens = zip(classEmbedding, positions).map { $0 + $1 } + positions[classEmbedding.count...]
    preNorm = configuration.hasPreNorm ? try LayerNorm(parameters, "vision.pre_norm", epsilon: epsilon) : nil
    let transformer = configuration.transformer
    let rotary = transformer.block.rotary.map {
      RotaryTable<R>(
        $0, grid: configuration.grid, extraTokens: configuration.extraTokens, heads: transformer.heads,
        headWidth: transformer.width / transformer.heads)
    }
    blocks = try Transformer(parameters, "vision", transformer, rotary: rotary)
    postNorm = try LayerNorm(parameters, "vision.post_norm", epsilon: epsilon)
    attentionHead =
      configuration.pooling == .attention ? try AttentionHead(parameters, configuration.transformer) : nil
    projection = try Projection(parameters, "vision", configuration.projection)
  }

  /// Embeds images.
  ///
  /// - Parameters:
  ///   - images: each `[size, size, 3]`, channels last.
  ///   - compute: how to compute.
  ///   - observe: sees the residual stream, `[images × tokens, width]`, after each block; without it, what the embedding does not need is
  ///     not computed in the last block.
  /// - Returns: `[images, embeddingWidth]`, not normalised.
  /// - Throws: what reading the weights throws.
  func embed(
    _ images: [[R]], _ compute: Compute, observe: ((Int, Matrix<R>) throws -> Void)? = nil
  ) throws -> Matrix<R> {
    var x = try input(of: images, compute)
    guard let observe else { return try embed(x, images: images.count, from: 0, compute) }
    let lengths = [Int](repeating: configuration.tokens, count: images.count)
    try blocks.run(&x, lengths: lengths, mask: .all, compute, observe: observe)
    return try head(x, images: images.count, compute)
  }

  /// From what a block takes, `[images × tokens, width]`, to embeddings; what they do not need is not computed in the last block.
  func embed(_ x: Matrix<R>, images: Int, from block: Int, _ compute: Compute) throws -> Matrix<R> {
    try projection.apply(pooled(x, images: images, from: block, compute), compute)
  }

  /// From what a block takes to one row for each image: what the projection takes.
  func pooled(_ x: Matrix<R>, images: Int, from block: Int, _ compute: Compute) throws -> Matrix<R> {
    let lengths = [Int](repeating: configuration.tokens, count: images)
    if configuration.pooling == .classToken {
      var pooled = try blocks.pooled(
        x, from: block, at: lengths.map { _ in 0 }, lengths: lengths, mask: .all, compute)
      postNorm.apply(in: &pooled, compute)
      return pooled
    }
    var x = x
    try blocks.run(&x, blocks: block..<blocks.blocks.count, lengths: lengths, mask: .all, compute) { _, _ in }
    return try pooled(x, images: images, compute)
  }

  /// What block 0 takes: patches and class tokens with positions, perhaps normalised.
  func input(of images: [[R]], _ compute: Compute) throws -> Matrix<R> {
    var tokens = try tokens(of: images, compute)
    preNorm?.apply(in: &tokens, compute)
    return tokens
  }

  /// From the last block's output, `[images × tokens, width]`, to embeddings.
  func head(_ x: Matrix<R>, images: Int, _ compute: Compute) throws -> Matrix<R> {
    try projection.apply(pooled(x, images: images, compute), compute)
  }

  /// From the last block's output to one row for each image: what the projection takes.
  func pooled(_ x: Matrix<R>, images: Int, _ compute: Compute) throws -> Matrix<R> {
    var x = x
    // Of a class token the norm is the same before and after: the other tokens' norms are not needed.
    let normsAll = configuration.finalNorm == .beforePooling && configuration.pooling != .classToken
    if normsAll { postNorm.apply(in: &x, compute) }
    var pooled: Matrix<R>
    switch configuration.pooling {
    case .classToken: pooled = x.gathering((0..<images).map { $0 * configuration.tokens })
    case .average: pooled = average(x, images: images, compute)
    case .attention:
      guard let attentionHead else { preconditionFailure("the head is made with the tower") }
      pooled = try attentionHead.apply(x, images: images, compute)
    }
    if !normsAll { postNorm.apply(in: &pooled, compute) }
    return pooled
  }

  /// The mean of each image's patches, summed in their order.
  func average(_ x: Matrix<R>, images: Int, _ compute: Compute) -> Matrix<R> {
    let width = configuration.transformer.width
    let patchCount = configuration.grid * configuration.grid
    var values: [R] = []
    values.reserveCapacity(images * width)
    for image in 0..<images {
      let first = image * configuration.tokens + configuration.extraTokens
      values += compute.averageRows(x.values[first * width..<(first + patchCount) * width], columns: width)
    }
    return Matrix(values: values, rows: images, columns: width)
  }

  /// `[images × tokens, width]`: class embedding, if there is one, and patches, positions added.
  private func tokens(of images: [[R]], _ compute: Compute) throws -> Matrix<R> {
    let size = configuration.patchSize * configuration.grid + configuration.margin
    let windows = Windows(
      height: size, width: size, channels: 3, kernel: configuration.patchSize, stride: configuration.patchSize,
      padding: 0)
    let width = configuration.transformer.width
    var values: [R] = []
    values.reserveCapacity(images.count * configuration.tokens * width)
    for _ in images { values += firstTokens }
    // Positions are there first: the patches' product is added to them.
    var tokens = Matrix(values: values, rows: images.count * configuration.tokens, columns: width)
    for (index, image) in images.enumerated() {
      try compute.convolve(
        windows, of: image[...], patches, bias: patchBias, residual: .target, into: &tokens,
        at: index * configuration.tokens + configuration.extraTokens)
    }
    return tokens
  }
}
