// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// MobileCLIP's image tower from its description.
struct MobileTower<R: Real>: StagedTower {
  let configuration: MobileConfiguration
  let stem: [MobileConvolution<R>]
  let stages: [Stage]
  let final: MobileConvolution<R>
  let projection: Projection<R>

  struct Stage {
    /// Two convolutions that halve the sides; none before the first stage.
    let entrance: [MobileConvolution<R>]
    let position: MobileConvolution<R>?
    let blocks: [any ConvolutionalBlock<R>]
  }

  init(_ parameters: Parameters, _ configuration: MobileConfiguration) throws {
    self.configuration = configuration
    let (small, activation) = (MobileConfiguration.smallKernel, configuration.activation)
    let hasScale = configuration.hasStemScale
    stem = [
      MobileConvolution(
        try FoldedKernel(parameters, "vision.stem.first", kernel: small, hasScale: hasScale, configuration),
        isDense: true, stride: 2, activation: activation),
      MobileConvolution(
        try FoldedKernel(parameters, "vision.stem.second", kernel: small, hasScale: hasScale, configuration),
        isDense: false, stride: 2, activation: activation),
      MobileConvolution(
        try FoldedKernel(parameters, "vision.stem.third", kernel: 1, hasIdentity: true, configuration), isDense: true,
        activation: activation),
    ]
    stages = try configuration.stages.indices.map { try Self.stage($0, parameters, configuration) }
    final = MobileConvolution(
      try FoldedKernel(parameters, "vision.final", kernel: small, hasScale: true, configuration), isDense: false,
      excitation: try Excitation(parameters, "vision.final.excitation"), activation: activation)
    projection = try Projection(parameters, "vision", configuration.projection)
  }

  private static func stage(
    _ index: Int, _ parameters: Parameters, _ configuration: MobileConfiguration
  ) throws -> Stage {
    let description = configuration.stages[index]
    let activation = configuration.activation
    var entrance: [MobileConvolution<R>] = []
    if index > 0 {
      let name = "vision.downsamples.\(index - 1)"
      let spatial = try FoldedKernel(
        parameters, "\(name).spatial", kernel: MobileConfiguration.largeKernel, hasSmall: true, configuration)
      let excitation: Excitation<R>? =
        description.excitationWidth > 0 ? try Excitation(parameters, "\(name).excitation.0") : nil
      entrance = [
        MobileConvolution(spatial, isDense: false, stride: 2, excitation: excitation, activation: activation),
        MobileConvolution(
          try FoldedKernel(parameters, "\(name).pointwise", kernel: 1, hasIdentity: true, configuration), isDense: true,
          activation: activation),
      ]
    }
    var position: MobileConvolution<R>?
    if description.hasPosition {
      let name = "vision.stages.\(index).position.0"
      var folded = FoldedKernel(
        weights: try parameters.rows("\(name).weight").values, bias: try parameters.vector("\(name).bias"),
        kernel: MobileConfiguration.largeKernel)
      if configuration.form == .branches {
        // What is trained is added to its input; the folded form holds the sum.
        folded.addIdentity(
          ChannelAffine(
            scale: [Double](repeating: 1, count: description.width),
            shift: [Double](repeating: 0, count: description.width)))
      }
      position = MobileConvolution(folded, isDense: false)
    }
    let blocks: [any ConvolutionalBlock<R>] = try (0..<description.blocks).map { block in
      let name = "vision.stages.\(index).\(block)"
      return description.mixer == .convolution
        ? try RepMixerBlock<R>(parameters, name, configuration)
        : try PlaceAttentionBlock<R>(parameters, name, width: description.width, configuration)
    }
    return Stage(entrance: entrance, position: position, blocks: blocks)
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
    return try stem.reduce(pixels) { try $1.apply($0, compute) }
  }

  func stage(_ index: Int, _ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R> {
    let stage = stages[index]
    var x = try stage.entrance.reduce(x) { try $1.apply($0, compute) }
    if let position = stage.position { x = try position.apply(x, compute) }
    return try stage.blocks.reduce(x) { try $1.apply($0, compute) }
  }

  func head(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R> {
    try projection.apply(pooled(x, compute), compute)
  }

  func pooled(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R> {
    try final.apply(x, compute).average(compute)
  }
}
