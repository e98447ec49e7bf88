// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A bottleneck whose stride is an average pooling after the second convolution.
struct Bottleneck<R: Real>: Sendable {
  let conv1: Convolution<R>
  let conv2: Convolution<R>
  let conv3: Convolution<R>
  let shortcut: Convolution<R>?
  let stride: Int

  init(_ parameters: Parameters, _ name: String, stage: Int, block: Int, _ configuration: ResidualNetworkConfiguration)
    throws
  {
    conv1 = try Convolution(parameters, "\(name).conv1", norm: "\(name).norm1", kernel: 1, configuration)
    conv2 = try Convolution(parameters, "\(name).conv2", norm: "\(name).norm2", kernel: 3, configuration)
    conv3 = try Convolution(parameters, "\(name).conv3", norm: "\(name).norm3", kernel: 1, configuration)
    shortcut =
      block > 0
      ? nil
      : try Convolution(parameters, "\(name).shortcut.conv", norm: "\(name).shortcut.norm", kernel: 1, configuration)
    stride = stage > 0 && block == 0 ? 2 : 1
  }

  func apply(_ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R> {
    var y = try conv1.apply(x, activation: .relu, compute)
    y = try conv2.apply(y, activation: .relu, compute).averagePooled(stride, compute)
    y = try conv3.apply(y, activation: .identity, compute)
    let identity = try shortcut?.apply(x.averagePooled(stride, compute), activation: .identity, compute) ?? x
    compute.add(identity.pixels, to: &y.pixels)
    compute.activate(.relu, &y.pixels)
    return y
  }
}

/// One query, the mean of all positions, attends to every position.
struct AttentionPool<R: Real>: Sendable {
  let positions: [R]
  let query: Linear<R>
  let key: Linear<R>
  let value: Linear<R>
  let output: Linear<R>
  let heads: Int

  init(_ parameters: Parameters, _ name: String, heads: Int) throws {
    positions = try parameters.vector("\(name).position_embedding")
    query = try Linear(parameters, "\(name).query")
    key = try Linear(parameters, "\(name).key")
    value = try Linear(parameters, "\(name).value")
    output = try Linear(parameters, "\(name).output")
    self.heads = heads
  }

  /// The mean of all places and every place, positions added: `[images × (places + 1), channels]`.
  func tokens(of x: FeatureMap<R>, _ compute: Compute) -> Matrix<R> {
    var tokens = tokensAlone(of: x, compute)
    var places: [R] = []
    places.reserveCapacity(tokens.values.count)
    for _ in 0..<x.images { places += positions }
    compute.add(Matrix(values: places, rows: tokens.rows, columns: tokens.columns), to: &tokens)
    return tokens
  }

  /// The mean of all places and every place: `[images × (places + 1), channels]`.
  func tokensAlone(of x: FeatureMap<R>, _ compute: Compute) -> Matrix<R> {
    let width = x.channels
    let count = x.height * x.width
    var values: [R] = []
    values.reserveCapacity(x.images * (count + 1) * width)
    for index in 0..<x.images {
      values += compute.averageRows(x.image(index), columns: width)
      values += x.image(index)
    }
    return Matrix(values: values, rows: x.images * (count + 1), columns: width)
  }

  /// Attends, and projects what the mean has attended to.
  func apply(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R> {
    var embeddings = Matrix<R>(rows: x.images, columns: output.weights.outputs)
    try output.apply(attended(x, compute), into: &embeddings, compute)
    return embeddings
  }

  /// What the mean of each image has attended to: `[images, channels]`.
  func attended(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R> {
    let width = x.channels
    let count = x.height * x.width
    let tokens = tokens(of: x, compute)
    let means = tokens.gathering((0..<x.images).map { $0 * (count + 1) })
    var q = Matrix<R>(rows: x.images, columns: width)
    var k = Matrix<R>(rows: tokens.rows, columns: width)
    var v = k
    try query.apply(means, into: &q, compute)
    try key.apply(tokens, into: &k, compute)
    try value.apply(tokens, into: &v, compute)
    var attended = Matrix<R>(rows: x.images, columns: width)
    compute.attention(
      .pooling(lengths: [Int](repeating: count + 1, count: x.images), width: width, heads: heads), q: q, k: k, v: v,
      into: &attended)
    return attended
  }
}

/// OpenAI's modified ResNet.
struct ModifiedResNet<R: Real>: StagedTower {
  let configuration: ResidualNetworkConfiguration
  let stem: [Convolution<R>]
  let stages: [[Bottleneck<R>]]
  let pool: AttentionPool<R>

  init(_ parameters: Parameters, _ configuration: ResidualNetworkConfiguration) throws {
    self.configuration = configuration
    stem = try (1...3).map { index in
      try Convolution(
        parameters, "vision.stem.conv\(index)", norm: "vision.stem.norm\(index)", kernel: 3, stride: index == 1 ? 2 : 1,
        configuration)
    }
    stages = try configuration.blocks.enumerated().map { stage, count in
      try (0..<count).map {
        try Bottleneck(parameters, "vision.stages.\(stage).\($0)", stage: stage, block: $0, configuration)
      }
    }
    pool = try AttentionPool(parameters, "vision.attention_pool", heads: configuration.heads)
  }

  var stageCount: Int { stages.count }

  func head(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R> {
    try pool.apply(x, compute)
  }

  func pooled(_ x: FeatureMap<R>, _ compute: Compute) throws -> Matrix<R> {
    try pool.attended(x, compute)
  }

  func input(of images: [[R]], _ compute: Compute) throws -> FeatureMap<R> {
    let size = ResidualNetworkConfiguration.reduction * configuration.grid
    var x = FeatureMap(
      pixels: Matrix(values: images.flatMap { $0 }, rows: images.count * size * size, columns: 3), images: images.count,
      height: size, width: size)
    for convolution in stem { x = try convolution.apply(x, activation: .relu, compute) }
    return x.averagePooled(2, compute)
  }

  func stage(_ index: Int, _ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R> {
    try stages[index].reduce(x) { try $1.apply($0, compute) }
  }

  func outputShape(ofStage index: Int) -> (channels: Int, height: Int, width: Int) {
    let side = configuration.grid << (stages.count - 1 - index)
    return (ResidualNetworkConfiguration.expansion * configuration.width << index, side, side)
  }
}
