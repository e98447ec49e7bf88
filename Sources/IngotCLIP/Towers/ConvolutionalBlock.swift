// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// What a stage of a convolutional tower is made of.
protocol ConvolutionalBlock<R>: Sendable {
  /// The type of activations.
  associatedtype R: Real
  /// Runs the block, what it adds to included.
  func apply(_ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R>
  /// Adds the block's operations to a program.
  ///
  /// - Parameters:
  ///   - program: receives them.
  ///   - name: the block's.
  ///   - x: its input.
  ///   - channels: of the input.
  /// - Returns: its output.
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: MapPlace, channels: Int) -> MapPlace
}

/// Convolutions of 1, 3 and 1: norms and activations before or after them.
struct ResidualBottleneck<R: Real>: ConvolutionalBlock {
  /// Norms before the convolutions; empty where they follow.
  let normsBefore: [FeatureNorm<R>]
  let convolutions: [Convolution<R>]
  let shortcut: Convolution<R>?
  let activation: Activation

  init(
    _ parameters: Parameters, _ name: String, stage: Int, block: Int, _ configuration: ConvolutionalConfiguration
  ) throws {
    let isPreactivation = configuration.block == .preactivation
    let stride = stage > 0 && block == 0 ? 2 : 1
    let strides = configuration.stridePlacement == .first ? [stride, 1, 1] : [1, stride, 1]
    convolutions = try (0..<3).map { index in
      try Convolution(
        parameters, "\(name).conv\(index + 1)", norm: isPreactivation ? nil : "\(name).norm\(index + 1)",
        kernel: index == 1 ? 3 : 1, stride: strides[index], configuration)
    }
    normsBefore =
      isPreactivation ? try (1...3).map { try FeatureNorm(parameters, "\(name).norm\($0)", configuration) } : []
    shortcut =
      block > 0
      ? nil
      : try Convolution(
        parameters, "\(name).shortcut.conv", norm: isPreactivation ? nil : "\(name).shortcut.norm", kernel: 1,
        stride: stride, configuration)
    activation = configuration.activation
  }

  func apply(_ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R> {
    var y = x
    var identity = x
    for (index, convolution) in convolutions.enumerated() {
      if !normsBefore.isEmpty { normsBefore[index].apply(in: &y, activation: activation, compute) }
      // Before activation the shortcut sees what the first convolution sees.
      if index == 0, let shortcut { identity = try shortcut.apply(y, activation: .identity, compute) }
      let follows = normsBefore.isEmpty && index < convolutions.count - 1
      y = try convolution.apply(y, activation: follows ? activation : .identity, compute)
    }
    compute.add(identity.pixels, to: &y.pixels)
    if normsBefore.isEmpty { compute.activate(activation, &y.pixels) }
    return y
  }
}

/// A depthwise convolution, a layer norm, an MLP, a scale of each channel.
struct ConvNeXtBlock<R: Real>: ConvolutionalBlock {
  let depthwise: DepthwiseConvolution<R>
  let norm: FeatureNorm<R>
  let up: Linear<R>
  let down: WeightMatrix
  let downAffine: ChannelAffine<R>
  let activation: Activation

  init(_ parameters: Parameters, _ name: String, _ configuration: ConvolutionalConfiguration) throws {
    depthwise = try DepthwiseConvolution(parameters, "\(name).depthwise", kernel: configuration.depthwiseKernel)
    norm = try FeatureNorm(parameters, "\(name).norm", configuration)
    up = try Linear(parameters, "\(name).mlp.up")
    down = try parameters.matrix("\(name).mlp.down.weight")
    activation = configuration.activation
    downAffine =
      configuration.hasLayerScale
      ? try ChannelAffine(parameters, scale: "\(name).layer_scale", bias: "\(name).mlp.down.bias")
      : ChannelAffine(shift: try parameters.vector("\(name).mlp.down.bias"))
  }

  func apply(_ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R> {
    var x = x
    var y = depthwise.apply(x, compute)
    norm.apply(in: &y, compute)
    var hidden = Matrix<R>(rows: y.pixels.rows, columns: up.weights.outputs)
    try up.apply(y.pixels, activation: activation, into: &hidden, compute)
    try compute.product(
      hidden, down, scale: downAffine.scale, bias: downAffine.shift, residual: .target, into: &x.pixels)
    return x
  }
}

/// A convolution of each channel with kernels of its own, one or more, whose results lie side by side.
struct DepthwiseConvolution<R: Real>: Sendable {
  /// `[kernel × kernel, outputs]`.
  let weights: [R]
  let bias: [R]
  let kernel: Int
  let stride: Int

  init(weights: [R], bias: [R], kernel: Int, stride: Int) {
    precondition(weights.count == kernel * kernel * bias.count, "one kernel and one bias for each output")
    self.weights = weights
    self.bias = bias
    self.kernel = kernel
    self.stride = stride
  }

  init(_ parameters: Parameters, _ name: String, kernel: Int) throws {
    let stored: [R] = try parameters.vector("\(name).weight")
    let bias: [R] = try parameters.vector("\(name).bias")
    let taps = kernel * kernel
    self.init(
      weights: (0..<taps).flatMap { tap in bias.indices.map { stored[$0 * taps + tap] } }, bias: bias, kernel: kernel,
      stride: 1)
  }

  func apply(_ x: FeatureMap<R>, _ compute: Compute) -> FeatureMap<R> {
    let x = x.repeatingChannels(bias.count / x.channels)
    let windows = Windows(
      height: x.height, width: x.width, channels: x.channels, kernel: kernel, stride: stride, padding: kernel / 2)
    var values: [R] = []
    values.reserveCapacity(x.images * windows.count * x.channels)
    for index in 0..<x.images {
      values += compute.depthwise(windows, of: x.image(index), weights: weights, bias: bias)
    }
    return FeatureMap(
      pixels: Matrix(values: values, rows: x.images * windows.count, columns: x.channels), images: x.images,
      height: windows.outputHeight, width: windows.outputWidth)
  }
}
