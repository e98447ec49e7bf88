// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A convolution of MobileCLIP's tower, its branches folded; an excitation and an activation may follow.
struct MobileConvolution<R: Real>: Sendable {
  enum Kind {
    case dense(Convolution<R>)
    case depthwise(DepthwiseConvolution<R>)
  }

  let kind: Kind
  let excitation: Excitation<R>?
  let activation: Activation

  /// Takes kernels that are put together already.
  init(
    _ folded: FoldedKernel, isDense: Bool, stride: Int = 1, excitation: Excitation<R>? = nil,
    activation: Activation = .identity
  ) {
    let bias = folded.bias.map { R($0) }
    kind =
      isDense
      ? .dense(
        Convolution(
          weights: folded.dense(R.self), affine: ChannelAffine(shift: bias), kernel: folded.kernel, stride: stride,
          padding: folded.kernel / 2))
      : .depthwise(
        DepthwiseConvolution(weights: folded.depthwise(R.self), bias: bias, kernel: folded.kernel, stride: stride))
    self.excitation = excitation
    self.activation = activation
  }

  func apply(_ x: FeatureMap<R>, _ compute: Compute) throws -> FeatureMap<R> {
    var y =
      switch kind {
      case .dense(let convolution): try convolution.apply(x, activation: .identity, compute)
      case .depthwise(let convolution): convolution.apply(x, compute)
      }
    if let excitation { try excitation.apply(in: &y, compute) }
    if activation != .identity { compute.activate(activation, &y.pixels) }
    return y
  }
}

/// A factor for each channel of each image, computed from the channels' averages.
struct Excitation<R: Real>: Sendable {
  let up: Linear<R>
  let down: Linear<R>

  init(_ parameters: Parameters, _ name: String) throws {
    up = try Linear(parameters, "\(name).up")
    down = try Linear(parameters, "\(name).down")
  }

  func apply(in x: inout FeatureMap<R>, _ compute: Compute) throws {
    let averages = x.average(compute)
    var hidden = Matrix<R>(rows: x.images, columns: up.weights.outputs)
    try up.apply(averages, activation: .relu, into: &hidden, compute)
    var gates = averages
    try down.apply(hidden, into: &gates, compute)
    Self.scale(&x, by: Self.gates(gates), compute)
  }

  /// The sigmoid of each number, in float64, rounded once: there is one for each channel only.
  static func gates(_ x: Matrix<R>) -> Matrix<R> {
    Matrix(values: x.values.map { R(1 / (1 + exponential(-Double($0)))) }, rows: x.rows, columns: x.columns)
  }

  /// Multiplies the channels of each image by its row of factors.
  static func scale(_ x: inout FeatureMap<R>, by gates: Matrix<R>, _ compute: Compute) {
    let area = x.height * x.width
    for image in 0..<x.images {
      compute.scaleColumns(&x.pixels, rows: image * area..<(image + 1) * area, by: gates.row(image))
    }
  }
}

extension FoldedKernel {
  /// The branches of a block, or the one convolution that they were folded into.
  ///
  /// - Parameters:
  ///   - parameters: the tensors.
  ///   - name: the block's name.
  ///   - kernel: side of its window.
  ///   - hasScale: whether a branch of 1 × 1 is added.
  ///   - hasSmall: whether one of 3 × 3 is.
  ///   - hasIdentity: whether the input is, normed.
  ///   - configuration: the tower's.
  /// - Throws: what reading the tensors throws.
  init(
    _ parameters: Parameters, _ name: String, kernel: Int, hasScale: Bool = false, hasSmall: Bool = false,
    hasIdentity: Bool = false, _ configuration: MobileConfiguration
  ) throws {
    let epsilon = configuration.normEpsilon
    guard configuration.form == .branches else {
      self.init(
        weights: try parameters.rows("\(name).weight").values, bias: try parameters.vector("\(name).bias"),
        kernel: kernel)
      return
    }
    try self.init(parameters, name, norm: "\(name).norm", kernel: kernel, epsilon: epsilon)
    for (branch, side) in [("scale", hasScale ? 1 : 0), ("small", hasSmall ? 3 : 0)] where side > 0 {
      add(
        try FoldedKernel(
          parameters, "\(name).\(branch)", norm: "\(name).\(branch).norm", kernel: side, epsilon: epsilon))
    }
    if hasIdentity { addIdentity(try ChannelAffine(parameters, batchNorm: "\(name).identity", epsilon: epsilon)) }
  }
}
