// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// Gain and bias of a layer norm, `[width]` each.
struct LayerNorm<R: Real>: Sendable {
  let gain: [R]
  let bias: [R]
  let epsilon: Double

  init(_ parameters: Parameters, _ name: String, epsilon: Double) throws {
    gain = try parameters.vector("\(name).weight")
    bias = try parameters.vector("\(name).bias")
    self.epsilon = epsilon
  }

  func apply(_ x: Matrix<R>, into out: inout Matrix<R>, _ compute: Compute) {
    compute.layerNorm(x, gain: gain, bias: bias, epsilon: epsilon, into: &out)
  }
}

/// A product with a bias.
struct Linear<R: Real>: Sendable {
  let weights: WeightMatrix
  let bias: [R]

  init(_ parameters: Parameters, _ name: String) throws {
    weights = try parameters.matrix("\(name).weight")
    bias = try parameters.vector("\(name).bias")
  }

  func apply(
    _ x: Matrix<R>, activation: Activation = .identity, residual: Residual = .none, into out: inout Matrix<R>,
    _ compute: Compute
  ) throws {
    try compute.product(x, weights, bias: bias, activation: activation, residual: residual, into: &out)
  }
}

/// One pre-norm block: `x += attention(norm(x))`, then `x += mlp(norm(x))`.
struct TransformerBlock<R: Real>: Sendable {
  let attentionNorm: LayerNorm<R>
  let qkv: Linear<R>
  let output: Linear<R>
  let mlpNorm: LayerNorm<R>
  let up: Linear<R>
  let down: Linear<R>

  init(_ parameters: Parameters, _ name: String, _ configuration: TransformerConfiguration) throws {
    let epsilon = configuration.normEpsilon
    attentionNorm = try LayerNorm(parameters, "\(name).attention_norm", epsilon: epsilon)
    qkv = try Linear(parameters, "\(name).attention.qkv")
    output = try Linear(parameters, "\(name).attention.output")
    mlpNorm = try LayerNorm(parameters, "\(name).mlp_norm", epsilon: epsilon)
    up = try Linear(parameters, "\(name).mlp.up")
    down = try Linear(parameters, "\(name).mlp.down")
  }
}

/// A stack of blocks.
struct Transformer<R: Real>: Sendable {
  let configuration: TransformerConfiguration
  let blocks: [TransformerBlock<R>]

  init(_ parameters: Parameters, _ name: String, _ configuration: TransformerConfiguration) throws {
    self.configuration = configuration
    blocks = try (0..<configuration.layers).map {
      try TransformerBlock(parameters, "\(name).blocks.\($0)", configuration)
    }
  }

  /// Runs blocks in place.
  ///
  /// - Parameters:
  ///   - x: `[sequences × tokens, width]`.
  ///   - range: which blocks, by default all.
  ///   - sequences: how many sequences.
  ///   - tokens: tokens of each.
  ///   - isCausal: whether token t sees tokens 0…t only.
  ///   - compute: how to compute.
  ///   - observe: sees the residual stream after each block.
  /// - Throws: what reading the weights or `observe` throws.
  func run(
    _ x: inout Matrix<R>, blocks range: Range<Int>? = nil, sequences: Int, tokens: Int, isCausal: Bool,
    _ compute: Compute,
    observe: (Int, Matrix<R>) throws -> Void
  ) throws {
    let width = configuration.width
    let geometry = Attention.packed(
      sequences: sequences, tokens: tokens, width: width, heads: configuration.heads, isCausal: isCausal)
    var normed = Matrix<R>(rows: x.rows, columns: width)
    var qkv = Matrix<R>(rows: x.rows, columns: 3 * width)
    var hidden = Matrix<R>(rows: x.rows, columns: configuration.mlpWidth)
    for index in range ?? blocks.indices {
      let block = blocks[index]
      block.attentionNorm.apply(x, into: &normed, compute)
      try block.qkv.apply(normed, into: &qkv, compute)
      compute.attention(geometry, q: qkv, k: qkv, v: qkv, into: &normed)
      try block.output.apply(normed, residual: .target, into: &x, compute)
      block.mlpNorm.apply(x, into: &normed, compute)
      try block.up.apply(normed, activation: configuration.activation, into: &hidden, compute)
      try block.down.apply(hidden, residual: .target, into: &x, compute)
      try observe(index, x)
    }
  }
}
