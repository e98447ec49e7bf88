// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// Feature maps of several images, channels last: `[images × height × width, channels]`.
struct FeatureMap<R: Real>: Sendable {
  var pixels: Matrix<R>
  let images: Int
  let height: Int
  let width: Int

  init(pixels: Matrix<R>, images: Int, height: Int, width: Int) {
    self.pixels = pixels
    self.images = images
    self.height = height
    self.width = width
  }

  var channels: Int { pixels.columns }
  private var imageLength: Int { height * width * channels }

  /// The numbers of one image.
  func image(_ index: Int) -> ArraySlice<R> {
    pixels.values[index * imageLength..<(index + 1) * imageLength]
  }

  /// The mean of each `size × size` window.
  func averagePooled(_ size: Int, _ compute: Compute) -> FeatureMap {
    guard size > 1 else { return self }
    var values: [R] = []
    values.reserveCapacity(pixels.values.count / (size * size))
    for index in 0..<images {
      values += compute.averagePool(image(index), height: height, width: width, channels: channels, size: size)
    }
    let rows = images * (height / size) * (width / size)
    return FeatureMap(
      pixels: Matrix(values: values, rows: rows, columns: channels), images: images, height: height / size,
      width: width / size)
  }

  /// Takes numbers in PyTorch's order `[images, channels, height, width]`.
  init(channelsFirst values: [R], images: Int, channels: Int, height: Int, width: Int) {
    var pixels = Matrix<R>(rows: images * height * width, columns: channels)
    let area = height * width
    for index in 0..<images {
      let start = index * area * channels
      for c in 0..<channels {
        for p in 0..<area { pixels.values[start + p * channels + c] = values[start + c * area + p] }
      }
    }
    self.init(pixels: pixels, images: images, height: height, width: width)
  }

  /// The numbers in PyTorch's order `[images, channels, height, width]`.
  func channelsFirst() -> [R] {
    var values: [R] = []
    values.reserveCapacity(pixels.values.count)
    for index in 0..<images {
      let start = index * imageLength
      for c in 0..<channels {
        for p in 0..<height * width { values.append(pixels.values[start + p * channels + c]) }
      }
    }
    return values
  }
}

/// A convolution, followed by its batch norm or bias.
struct Convolution<R: Real>: Sendable {
  let weights: WeightMatrix
  /// One factor for each output channel, and what is added; empty for none.
  let affine: ChannelAffine<R>
  let kernel: Int
  let stride: Int
  let padding: Int

  init(weights: WeightMatrix, affine: ChannelAffine<R>, kernel: Int, stride: Int, padding: Int) {
    self.weights = weights
    self.affine = affine
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  init(
    _ parameters: Parameters, _ name: String, norm: String, kernel: Int, stride: Int = 1,
    _ configuration: ResidualNetworkConfiguration
  ) throws {
    let affine: ChannelAffine<R> =
      switch configuration.normalization {
      case .folded: ChannelAffine(shift: try parameters.vector("\(name).bias"))
      case .batchNorm: try ChannelAffine(parameters, batchNorm: norm, epsilon: configuration.normEpsilon)
      }
    self.init(
      weights: try parameters.matrix("\(name).weight"), affine: affine, kernel: kernel, stride: stride,
      padding: kernel / 2)
  }

  func apply(_ x: FeatureMap<R>, activation: Activation, _ compute: Compute) throws -> FeatureMap<R> {
    let windows = Windows(
      height: x.height, width: x.width, channels: x.channels, kernel: kernel, stride: stride, padding: padding)
    var out = Matrix<R>(rows: x.images * windows.count, columns: weights.outputs)
    if kernel == 1, stride == 1 {
      try compute.product(
        x.pixels, weights, scale: affine.scale, bias: affine.shift, activation: activation, into: &out)
    } else {
      for image in 0..<x.images {
        try compute.convolve(
          windows, of: x.image(image), weights, scale: affine.scale, bias: affine.shift, activation: activation,
          into: &out, at: image * windows.count)
      }
    }
    return FeatureMap(pixels: out, images: x.images, height: windows.outputHeight, width: windows.outputWidth)
  }
}
