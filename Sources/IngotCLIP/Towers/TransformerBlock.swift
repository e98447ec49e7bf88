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

  func apply(in x: inout Matrix<R>, _ compute: Compute) {
    let before = x
    apply(before, into: &x, compute)
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

/// One block: attention and an MLP, each with its norm and added to what it saw.
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
  ///   - mask: which tokens a token sees.
  ///   - compute: how to compute.
  ///   - observe: sees the residual stream after each block.
  /// - Throws: what reading the weights or `observe` throws.
  func run(
    _ x: inout Matrix<R>, blocks range: Range<Int>? = nil, sequences: Int, tokens: Int, mask: AttentionMask,
    _ compute: Compute,
    observe: (Int, Matrix<R>) throws -> Void
  ) throws {
    let width = configuration.width
    let geometry = Attention.packed(
      sequences: sequences, tokens: tokens, width: width, heads: configuration.heads, isCausal: mask == .causal)
    var normed = Matrix<R>(rows: x.rows, columns: width)
    var qkv = Matrix<R>(rows: x.rows, columns: 3 * width)
    var hidden = Matrix<R>(rows: x.rows, columns: configuration.mlpWidth)
    for index in range ?? blocks.indices {
      let block = blocks[index]
      let isBefore = configuration.norms == .before
      if isBefore { block.attentionNorm.apply(x, into: &normed, compute) }
      try block.qkv.apply(isBefore ? normed : x, into: &qkv, compute)
      attend(geometry, qkv, mask, into: &normed, compute)
      try block.output.apply(normed, residual: .target, into: &x, compute)
      if !isBefore { block.attentionNorm.apply(in: &x, compute) }
      if isBefore { block.mlpNorm.apply(x, into: &normed, compute) }
      try block.up.apply(isBefore ? normed : x, activation: configuration.activation, into: &hidden, compute)
      try block.down.apply(hidden, residual: .target, into: &x, compute)
      if !isBefore { block.mlpNorm.apply(in: &x, compute) }
      try observe(index, x)
    }
  }

  /// Attention of all sequences at once, or where they see different numbers of tokens, one at a time.
  private func attend(
    _ geometry: Attention, _ qkv: Matrix<R>, _ mask: AttentionMask, into out: inout Matrix<R>, _ compute: Compute
  ) {
    guard case .first(let visible) = mask else {
      return compute.attention(geometry, q: qkv, k: qkv, v: qkv, into: &out)
    }
    precondition(visible.count == geometry.sequences, "one number for each sequence")
    var values: [R] = []
    values.reserveCapacity(out.values.count)
    var single = geometry
    single.sequences = 1
    var result = Matrix<R>(rows: geometry.queries, columns: out.columns)
    for (index, count) in visible.enumerated() {
      single.keys = count
      let rows = qkv.gathering(index * geometry.queries..<(index + 1) * geometry.queries)
      compute.attention(single, q: rows, k: rows, v: rows, into: &result)
      values += result.values
    }
    out.values = values
  }
}

/// Which tokens a token sees.
enum AttentionMask: Hashable {
  /// All of its sequence.
  case all
  /// Itself and those before it.
  case causal
  /// The first so many, of each sequence.
  case first([Int])
}
