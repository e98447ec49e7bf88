// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A depthwise convolution with its batch norm, two products, a factor for each channel: what every block of MobileCLIP ends with.
struct MobileMLP<R: Real>: Sendable {
  let spatial: MobileConvolution<R>
  let up: Linear<R>
  let down: WeightMatrix
  let downAffine: ChannelAffine<R>
  let activation: Activation

  init(_ parameters: Parameters, _ name: String, _ configuration: MobileConfiguration) throws {
    spatial = MobileConvolution(
      try FoldedKernel(
        parameters, "\(name).spatial", norm: "\(name).spatial.norm", kernel: MobileConfiguration.largeKernel,
        epsilon: configuration.normEpsilon), isDense: false)
    up = try Linear(parameters, "\(name).up")
    down = try parameters.matrix("\(name).down.weight")
    downAffine = try ChannelAffine(parameters, scale: "\(name).layer_scale", bias: "\(name).down.bias")
    activation = configuration.activation
  }

  /// Adds the branch to `x`.
  func add(to x: inout FeatureMap<R>, _ compute: Compute) throws {
    let y = try spatial.apply(x, compute)
    var hidden = Matrix<R>(rows: y.pixels.rows, columns: up.weights.outputs)
    try up.apply(y.pixels, activation: activation, into: &hidden, compute)
    try compute.product(
      hidden, down, scale: downAffine.scale, bias: downAffine.shift, residual: .target, into: &x.pixels)
  }
}

extension ChannelAffine {
  /// `scale · (Σ + bias)` as one factor and one shift, the shift rounded once.
  init(_ parameters: Parameters, scale: String, bias: String) throws {
    let factors: [Double] = try parameters.vector(scale)
    let biases: [Double] = try parameters.vector(bias)
    self.init(scale: factors.map { R($0) }, shift: zip(factors, biases).map { R($0 * $1) })
  }
}

/// A block that mixes places by a depthwise convolution.
struct RepMixerBlock<R: Real>: ConvolutionalBlock {
  let mixer: MobileConvolution<R>
  let mlp: MobileMLP<R>

  init(_ parameters: Parameters, _ name: String, _ configuration: MobileConfiguration) throws {
    let kernel = MobileConfiguration.smallKernel
    var folded = try FoldedKernel(
      parameters, "\(name).mixer", kernel: kernel, hasScale: true, hasIdentity: true, configuration)
    if configuration.form == .branches {
      // x + scale · (mixer(x) − norm(x))
      let norm = try ChannelAffine<Double>(
        parameters, batchNorm: "\(name).mixer_norm", epsilon: configuration.normEpsilon)
      folded.addIdentity(ChannelAffine(scale: norm.scale.map { -$0 }, shift: norm.shift.map { -$0 }))
      folded.scale(by: try parameters.vector("\(name).mixer.layer_scale"))
      let width = norm.scale.count
      folded.addIdentity(
        ChannelAffine(scale: [Double](repeating: 1, count: width), shift: [Double](repeating: 0, count: width)))
    }
    mixer = MobileConvolution(folded, isDense: false)
    mlp = try MobileMLP(parameters, "\(name).mlp", configuration)
  }

  func apply(_ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R> {
    var y = try mixer.apply(x, compute)
    try mlp.add(to: &y, compute)
    return y
  }
}

/// A block that mixes places by attention.
struct PlaceAttentionBlock<R: Real>: ConvolutionalBlock {
  /// Factors and shifts of a batch norm, or a layer norm.
  let affine: ChannelAffine<R>
  let layerNorm: LayerNorm<R>?
  let qkv: WeightMatrix
  let output: WeightMatrix
  let outputAffine: ChannelAffine<R>
  let heads: Int
  let mlp: MobileMLP<R>

  init(_ parameters: Parameters, _ name: String, width: Int, _ configuration: MobileConfiguration) throws {
    let norm = "\(name).attention_norm"
    layerNorm =
      configuration.hasLayerNorm ? try LayerNorm(parameters, norm, epsilon: configuration.normEpsilon) : nil
    affine =
      configuration.hasLayerNorm
      ? ChannelAffine() : try ChannelAffine(parameters, batchNorm: norm, epsilon: configuration.normEpsilon)
    qkv = try parameters.matrix("\(name).attention.qkv.weight")
    output = try parameters.matrix("\(name).attention.output.weight")
    outputAffine = try ChannelAffine(
      parameters, scale: "\(name).attention.layer_scale", bias: "\(name).attention.output.bias")
    heads = width / configuration.headWidth
    mlp = try MobileMLP(parameters, "\(name).mlp", configuration)
  }

  func apply(_ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R> {
    var x = x
    var normed = x.pixels
    let width = x.channels
    if let layerNorm {
      layerNorm.apply(in: &normed, compute)
    } else {
      normed = affine.applied(to: normed)
    }
    var rows = Matrix<R>(rows: normed.rows, columns: 3 * width)
    try compute.product(normed, qkv, into: &rows)
    let geometry = Attention.packed(
      sequences: x.images, tokens: x.height * x.width, width: width, heads: heads, isCausal: false)
    compute.attention(geometry, q: rows, k: rows, v: rows, into: &normed)
    try compute.product(
      normed, output, scale: outputAffine.scale, bias: outputAffine.shift, residual: .target, into: &x.pixels)
    try mlp.add(to: &x, compute)
    return x
  }
}
