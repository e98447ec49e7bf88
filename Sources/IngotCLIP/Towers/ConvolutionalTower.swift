// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// An image tower of stages that are run one after the other and whose outputs are feature maps.
protocol StagedTower<R>: Sendable {
  /// The type of activations.
  associatedtype R: Real
  /// How many stages.
  var stageCount: Int { get }
  /// The shape, channels first, of the feature map after a stage.
  func outputShape(ofStage index: Int) -> (channels: Int, height: Int, width: Int)
  /// What stage 0 takes, from images that are each `[size, size, 3]`, channels last.
  func input(of images: [[R]], _ compute: Compute) throws -> FeatureMap<R>
  /// Runs one stage.
  func stage(_ index: Int, _ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R>
  /// From the last stage's output to embeddings, `[images, embeddingWidth]`, not normalised.
  func head(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R>
  /// All of it on such images as a list of operations.
  func program(of images: [[R]]) -> Program<R>
  /// From the last stage's output to one row for each image: what the projection takes.
  func pooled(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R>
}

extension StagedTower {
  /// Embeds images.
  ///
  /// - Parameters:
  ///   - images: each `[size, size, 3]`, channels last.
  ///   - compute: how to compute.
  ///   - observe: sees the feature map after each stage.
  /// - Returns: `[images, embeddingWidth]`, not normalised.
  /// - Throws: what reading the weights throws.
  func embed(_ images: [[R]], _ compute: Compute, observe: (Int, FeatureMap<R>) throws -> Void) throws -> Matrix<R> {
    var x = try input(of: images, compute)
    for index in 0..<stageCount {
      x = try stage(index, x, compute)
      try observe(index, x)
    }
    return try head(x, compute)
  }
}

/// A convolutional tower from its description.
struct ConvolutionalTower<R: Real>: StagedTower {
  let configuration: ConvolutionalConfiguration
  let stem: Convolution<R>
  let stemNorm: FeatureNorm<R>?
  let stages: [[any ConvolutionalBlock<R>]]
  let downsamples: [Downsample]
  let finalNorm: FeatureNorm<R>?
  let projection: Projection<R>
  let headMLP: HeadMLP?

  /// A norm and a convolution of 2 at every second place, between the stages of a ConvNeXt.
  struct Downsample {
    let norm: FeatureNorm<R>
    let convolution: Convolution<R>
  }

  /// A product with bias, GELU, a product.
  struct HeadMLP {
    let up: Linear<R>
    let down: WeightMatrix
    let bias: [R]
  }

  init(_ parameters: Parameters, _ configuration: ConvolutionalConfiguration) throws {
    self.configuration = configuration
    let hasStatistics = configuration.normalization == .batchNorm
    stem = try Convolution(
      parameters, "vision.stem.conv", norm: configuration.stem.hasNorm && hasStatistics ? "vision.stem.norm" : nil,
      kernel: configuration.stem.kernel, stride: configuration.stem.stride, padding: configuration.stem.padding,
      configuration)
    stemNorm =
      configuration.stem.hasNorm && !hasStatistics
      ? try FeatureNorm(parameters, "vision.stem.norm", configuration) : nil
    stages = try configuration.stages.enumerated().map { stage, description in
      try (0..<description.blocks).map { block in
        let name = "vision.stages.\(stage).\(block)"
        return configuration.block == .convNext
          ? try ConvNeXtBlock<R>(parameters, name, configuration)
          : try ResidualBottleneck<R>(parameters, name, stage: stage, block: block, configuration)
      }
    }
    downsamples =
      configuration.block != .convNext
      ? []
      : try (0..<configuration.stages.count - 1).map { index in
        Downsample(
          norm: try FeatureNorm(parameters, "vision.downsamples.\(index).norm", configuration),
          convolution: try Convolution(
            parameters, "vision.downsamples.\(index).conv", norm: nil, kernel: 2, stride: 2, padding: 0, configuration))
      }
    finalNorm =
      configuration.finalNorm == .none ? nil : try FeatureNorm(parameters, "vision.post_norm", configuration)
    headMLP = try configuration.headMLP.map { description in
      HeadMLP(
        up: try Linear(parameters, "vision.head.mlp.up"), down: try parameters.matrix("vision.head.mlp.down.weight"),
        bias: description.hasOutputBias ? try parameters.vector("vision.head.mlp.down.bias") : [])
    }
    projection = try Projection(parameters, "vision", headMLP == nil ? configuration.projection : .none)
  }

  var stageCount: Int { stages.count }

  func outputShape(ofStage index: Int) -> (channels: Int, height: Int, width: Int) {
    let side = configuration.side(afterStage: index)
    return (configuration.stages[index].width, side, side)
  }

  func input(of images: [[R]], _ compute: Compute) throws -> FeatureMap<R> {
    let size = configuration.imageSize
    let pixels = FeatureMap(
      pixels: Matrix(values: images.flatMap { $0 }, rows: images.count * size * size, columns: 3), images: images.count,
      height: size, width: size)
    // ConvNeXt's stem has no activation, nor one that the first norm of a block gives.
    let isActivated = configuration.block == .bottleneck
    var x = try stem.apply(pixels, activation: isActivated ? configuration.activation : .identity, compute)
    stemNorm?.apply(in: &x, compute)
    return configuration.stem.poolingBorder.map { x.maxPooled(border: $0, compute) } ?? x
  }

  func stage(_ index: Int, _ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R> {
    var x = x
    if index > 0, !downsamples.isEmpty {
      downsamples[index - 1].norm.apply(in: &x, compute)
      x = try downsamples[index - 1].convolution.apply(x, activation: .identity, compute)
    }
    for block in stages[index] { x = try block.apply(x, compute) }
    return x
  }

  func head(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R> {
    try project(pooled(x, compute), compute)
  }

  func pooled(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R> {
    var x = x
    if configuration.finalNorm == .beforePooling {
      finalNorm?.apply(in: &x, activation: configuration.activation, compute)
    }
    var pooled = x.average(compute)
    if configuration.finalNorm == .afterPooling { finalNorm?.apply(in: &pooled, compute) }
    return pooled
  }

  private func project(_ pooled: Matrix<R>, _ compute: Compute) throws -> Matrix<R> {
    guard let headMLP else { return try projection.apply(pooled, compute) }
    var hidden = Matrix<R>(rows: pooled.rows, columns: headMLP.up.weights.outputs)
    try headMLP.up.apply(pooled, activation: .gelu, into: &hidden, compute)
    var embeddings = Matrix<R>(rows: pooled.rows, columns: headMLP.down.outputs)
    try compute.product(hidden, headMLP.down, bias: headMLP.bias, into: &embeddings)
    return embeddings
  }
}
