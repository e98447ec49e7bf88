// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// SigLIP's head: a learned query attends to all tokens; then `x + mlp(norm(x))`.
struct AttentionHead<R: Real>: Sendable {
  let probe: [R]
  let qkv: Linear<R>
  let output: Linear<R>
  let norm: LayerNorm<R>
  let up: Linear<R>
  let down: Linear<R>
  let configuration: TransformerConfiguration

  init(_ parameters: Parameters, _ configuration: TransformerConfiguration) throws {
    self.configuration = configuration
    probe = try parameters.vector("vision.pool.probe")
    qkv = try Linear(parameters, "vision.pool.qkv")
    output = try Linear(parameters, "vision.pool.output")
    norm = try LayerNorm(parameters, "vision.pool.norm", epsilon: configuration.normEpsilon)
    up = try Linear(parameters, "vision.pool.mlp.up")
    down = try Linear(parameters, "vision.pool.mlp.down")
  }

  /// Pools tokens.
  ///
  /// - Parameters:
  ///   - x: `[images × tokens, width]`.
  ///   - images: how many.
  ///   - compute: how to compute.
  /// - Returns: `[images, width]`.
  /// - Throws: what reading the weights throws.
  func apply(_ x: Matrix<R>, images: Int, _ compute: Compute) throws -> Matrix<R> {
    let width = configuration.width
    let probes = Matrix(values: (0..<images).flatMap { _ in probe }, rows: images, columns: width)
    var geometry = Attention.pooling(
      lengths: [Int](repeating: x.rows / max(images, 1), count: images), width: width, heads: configuration.heads)
    // Of the probe only queries are used, of the tokens all but those.
    let splits = width % WeightMatrix.panel == 0
    var queries = Matrix<R>(rows: images, columns: splits ? width : 3 * width)
    try qkv.apply(probes, outputs: 0..<queries.columns, into: &queries, compute)
    let first = splits ? width : 0
    var keys = Matrix<R>(rows: x.rows, columns: 3 * width - first)
    try qkv.apply(x, outputs: first..<3 * width, into: &keys, compute)
    geometry.keyColumn = width - first
    geometry.valueColumn = 2 * width - first
    var attended = Matrix<R>(rows: images, columns: width)
    compute.attention(geometry, q: queries, k: keys, v: keys, into: &attended)
    var pooled = Matrix<R>(rows: images, columns: width)
    try output.apply(attended, into: &pooled, compute)
    var normed = pooled
    norm.apply(pooled, into: &normed, compute)
    var hidden = Matrix<R>(rows: images, columns: configuration.mlpWidth)
    try up.apply(normed, activation: configuration.activation, into: &hidden, compute)
    try down.apply(hidden, residual: .target, into: &pooled, compute)
    return pooled
  }
}
