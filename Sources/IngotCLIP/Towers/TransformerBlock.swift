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

  /// For the product that takes what is normalised.
  var ofInput: InputNorm<R> { InputNorm(gain: gain, bias: bias, epsilon: epsilon) }

  func apply(_ x: Matrix<R>, into out: inout Matrix<R>, _ compute: Compute) {
    compute.layerNorm(x, gain: gain, bias: bias, epsilon: epsilon, into: &out)
  }

  func apply(in x: inout Matrix<R>, _ compute: Compute) {
    compute.layerNorm(in: &x, gain: gain, bias: bias, epsilon: epsilon)
  }
}

/// A product with a bias, and perhaps a factor for each output.
struct Linear<R: Real>: Sendable {
  let weights: WeightMatrix
  let bias: [R]
  /// `[outputs]`, multiplied with the product and, already, with the bias; empty for none.
  let scale: [R]

  init(_ parameters: Parameters, _ name: String) throws {
    try self.init(parameters.matrix("\(name).weight"), bias: parameters.vector("\(name).bias"))
  }

  init(_ weights: WeightMatrix, bias: [R], scale: [R] = []) {
    self.weights = weights
    self.bias = scale.isEmpty ? bias : zip(bias, scale).map { $0 * $1 }
    self.scale = scale
  }

  func apply(
    _ x: Matrix<R>, normalized norm: InputNorm<R>? = nil, activation: Activation = .identity,
    residual: Residual = .none, outputs: Range<Int>? = nil,
    into out: inout Matrix<R>, _ compute: Compute
  ) throws {
    try compute.product(
      x, normalized: norm, weights, scale: scale, bias: bias, activation: activation, residual: residual,
      outputs: outputs, into: &out)
  }
}

/// One block: attention and an MLP, each with its norm and added to what it saw.
struct TransformerBlock<R: Real>: Sendable {
  let attentionNorm: LayerNorm<R>
  let qkv: Linear<R>
  let attentionInnerNorm: LayerNorm<R>?
  let output: Linear<R>
  let mlpNorm: LayerNorm<R>
  let gate: Linear<R>?
  let up: Linear<R>
  let mlpInnerNorm: LayerNorm<R>?
  let down: Linear<R>

  init(_ parameters: Parameters, _ name: String, _ configuration: TransformerConfiguration) throws {
    let epsilon = configuration.normEpsilon
    let block = configuration.block
    attentionNorm = try LayerNorm(parameters, "\(name).attention_norm", epsilon: epsilon)
    switch block.attentionBias {
    case .all: qkv = try Linear(parameters, "\(name).attention.qkv")
    case .queryAndValue:
      let biases: [R] = try parameters.vector("\(name).attention.query_value_bias")
      let width = configuration.width
      qkv = Linear(
        try parameters.matrix("\(name).attention.qkv.weight"),
        bias: biases.prefix(width) + [R](repeating: 0, count: width) + biases.dropFirst(width))
    }
    attentionInnerNorm =
      block.hasAttentionInnerNorm
      ? try LayerNorm(parameters, "\(name).attention.inner_norm", epsilon: epsilon) : nil
    func branchEnd(_ product: String, _ scale: String) throws -> Linear<R> {
      try Linear(
        parameters.matrix("\(name).\(product).weight"), bias: parameters.vector("\(name).\(product).bias"),
        scale: block.hasLayerScale ? parameters.vector("\(name).\(scale)") : [])
    }
    output = try branchEnd("attention.output", "attention.layer_scale")
    mlpNorm = try LayerNorm(parameters, "\(name).mlp_norm", epsilon: epsilon)
    gate = block.mlp == .gated ? try Linear(parameters, "\(name).mlp.gate") : nil
    up = try Linear(parameters, "\(name).mlp.up")
    mlpInnerNorm =
      block.hasMLPInnerNorm ? try LayerNorm(parameters, "\(name).mlp.inner_norm", epsilon: epsilon) : nil
    down = try branchEnd("mlp.down", "mlp.layer_scale")
  }
}

/// A stack of blocks.
struct Transformer<R: Real>: Sendable {
  let configuration: TransformerConfiguration
  let blocks: [TransformerBlock<R>]
  let rotary: RotaryTable<R>?

  init(
    _ parameters: Parameters, _ name: String, _ configuration: TransformerConfiguration, rotary: RotaryTable<R>? = nil
  ) throws {
    self.configuration = configuration
    self.rotary = rotary
    blocks = try (0..<configuration.layers).map {
      try TransformerBlock(parameters, "\(name).blocks.\($0)", configuration)
    }
  }

  /// Runs blocks in place.
  ///
  /// - Parameters:
  ///   - x: `[tokens of all sequences, width]`.
  ///   - range: which blocks, by default all.
  ///   - lengths: tokens of each sequence; they lie one after the other in `x`.
  ///   - mask: which tokens a token sees.
  ///   - compute: how to compute.
  ///   - observe: sees the residual stream after each block.
  /// - Throws: what reading the weights or `observe` throws.
  func run(
    _ x: inout Matrix<R>, blocks range: Range<Int>? = nil, lengths: [Int], mask: AttentionMask, _ compute: Compute,
    observe: (Int, Matrix<R>) throws -> Void
  ) throws {
    let width = configuration.width
    let normsFirst = configuration.block.norms == .before
    let geometry = Attention.packed(
      lengths: lengths, visible: mask.visible, width: width, heads: configuration.heads, isCausal: mask == .causal)
    var attended = Matrix<R>(rows: x.rows, columns: width)
    var qkv = Matrix<R>(rows: x.rows, columns: 3 * width)
    var hidden = Matrix<R>(rows: x.rows, columns: configuration.mlpWidth)
    for index in range ?? blocks.indices {
      let block = blocks[index]
      try block.qkv.apply(x, normalized: normsFirst ? block.attentionNorm.ofInput : nil, into: &qkv, compute)
      rotary?.apply(to: &qkv, compute)
      compute.attention(geometry, q: qkv, k: qkv, v: qkv, into: &attended)
      try finish(block, attended: &attended, hidden: &hidden, &x, compute)
      try observe(index, x)
    }
  }

  /// What follows a block's attention.
  ///
  /// - Parameters:
  ///   - block: the block.
  ///   - attended: what the attention gave, `[tokens, width]`; normalised in place where a norm follows.
  ///   - hidden: a buffer, `[tokens, mlpWidth]`.
  ///   - x: the residual stream, `[tokens, width]`.
  ///   - compute: how to compute.
  /// - Throws: what reading the weights throws.
  func finish(
    _ block: TransformerBlock<R>, attended: inout Matrix<R>, hidden: inout Matrix<R>, _ x: inout Matrix<R>,
    _ compute: Compute
  ) throws {
    block.attentionInnerNorm?.apply(in: &attended, compute)
    try add(block.output, of: attended, block.attentionNorm, to: &x, compute)
    let norm = configuration.block.norms == .before ? block.mlpNorm.ofInput : nil
    try expand(block, x, normalized: norm, into: &hidden, compute)
    try add(block.down, of: hidden, block.mlpNorm, to: &x, compute)
  }

  /// Adds the end of a branch to the residual stream, with its norm where that comes after.
  private func add(
    _ product: Linear<R>, of branch: Matrix<R>, _ norm: LayerNorm<R>, to x: inout Matrix<R>, _ compute: Compute
  ) throws {
    switch configuration.block.norms {
    case .before: try product.apply(branch, residual: .target, into: &x, compute)
    case .after:
      try product.apply(branch, residual: .target, into: &x, compute)
      norm.apply(in: &x, compute)
    case .afterBranch:
      var end = Matrix<R>(rows: x.rows, columns: x.columns)
      try product.apply(branch, into: &end, compute)
      norm.apply(in: &end, compute)
      compute.add(end, to: &x)
    }
  }

  /// The hidden values of a block's MLP.
  private func expand(
    _ block: TransformerBlock<R>, _ x: Matrix<R>, normalized norm: InputNorm<R>?, into hidden: inout Matrix<R>,
    _ compute: Compute
  ) throws {
    if let gate = block.gate {
      var gates = Matrix<R>(rows: hidden.rows, columns: hidden.columns)
      try gate.apply(x, normalized: norm, activation: configuration.activation, into: &gates, compute)
      try block.up.apply(x, normalized: norm, into: &hidden, compute)
      compute.multiply(&hidden, by: gates)
    } else {
      try block.up.apply(x, normalized: norm, activation: configuration.activation, into: &hidden, compute)
    }
    block.mlpInnerNorm?.apply(in: &hidden, compute)
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

  /// How many tokens of each sequence are seen, where that is not all of them.
  var visible: [Int]? {
    if case .first(let counts) = self { counts } else { nil }
  }
}
