// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A vision transformer: patches and a class token, a norm, blocks, a norm of the class token, a projection.
struct VisionTransformer<R: Real>: Sendable {
  let configuration: VisionTransformerConfiguration
  let patches: WeightMatrix
  let classEmbedding: [R]
  let positions: [R]
  let preNorm: LayerNorm<R>
  let blocks: Transformer<R>
  let postNorm: LayerNorm<R>
  let projection: WeightMatrix

  init(_ parameters: Parameters, _ configuration: VisionTransformerConfiguration) throws {
    self.configuration = configuration
    let epsilon = configuration.transformer.normEpsilon
    patches = try parameters.matrix("vision.patch_embedding.weight")
    classEmbedding = try parameters.vector("vision.class_embedding")
    positions = try parameters.vector("vision.position_embedding")
    preNorm = try LayerNorm(parameters, "vision.pre_norm", epsilon: epsilon)
    blocks = try Transformer(parameters, "vision", configuration.transformer)
    postNorm = try LayerNorm(parameters, "vision.post_norm", epsilon: epsilon)
    projection = try parameters.matrix("vision.projection")
  }

  /// Embeds images.
  ///
  /// - Parameters:
  ///   - images: each `[size, size, 3]`, channels last.
  ///   - compute: how to compute.
  ///   - observe: sees the residual stream, `[images × tokens, width]`, after each block.
  /// - Returns: `[images, embeddingWidth]`, not normalised.
  /// - Throws: what reading the weights throws.
  func embed(_ images: [[R]], _ compute: Compute, observe: (Int, Matrix<R>) throws -> Void) throws -> Matrix<R> {
    var x = try input(of: images, compute)
    try blocks.run(
      &x, sequences: images.count, tokens: configuration.tokens, isCausal: false, compute, observe: observe)
    return try head(x, images: images.count, compute)
  }

  /// What block 0 takes: patches and class tokens with positions, normalised.
  func input(of images: [[R]], _ compute: Compute) throws -> Matrix<R> {
    let tokens = try tokens(of: images, compute)
    var normed = tokens
    preNorm.apply(tokens, into: &normed, compute)
    return normed
  }

  /// From the last block's output, `[images × tokens, width]`, to embeddings.
  func head(_ x: Matrix<R>, images: Int, _ compute: Compute) throws -> Matrix<R> {
    let classTokens = x.gathering((0..<images).map { $0 * configuration.tokens })
    var normed = classTokens
    postNorm.apply(classTokens, into: &normed, compute)
    var embeddings = Matrix<R>(rows: images, columns: projection.outputs)
    try compute.product(normed, projection, into: &embeddings)
    return embeddings
  }

  /// `[images × tokens, width]`: class embedding and patches, positions added.
  private func tokens(of images: [[R]], _ compute: Compute) throws -> Matrix<R> {
    let size = configuration.patchSize * configuration.grid
    let windows = Windows(
      height: size, width: size, channels: 3, kernel: configuration.patchSize, stride: configuration.patchSize,
      padding: 0)
    var pixels = Matrix<R>(rows: windows.count, columns: patches.inputs)
    var embedded = Matrix<R>(rows: windows.count, columns: patches.outputs)
    let width = configuration.transformer.width
    var values: [R] = []
    values.reserveCapacity(images.count * configuration.tokens * width)
    for image in images {
      compute.gather(windows, 0..<windows.count, of: image[...], into: &pixels)
      try compute.product(pixels, patches, into: &embedded)
      for c in 0..<width { values.append(classEmbedding[c] + positions[c]) }
      for index in embedded.values.indices { values.append(embedded.values[index] + positions[width + index]) }
    }
    return Matrix(values: values, rows: images.count * configuration.tokens, columns: width)
  }
}
