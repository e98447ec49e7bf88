// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A norm whose statistics are those of the map itself.
struct FeatureNorm<R: Real>: Sendable {
  let gain: [R]
  let bias: [R]
  let epsilon: Double
  /// `nil` for a layer norm, over the channels of each place.
  let groups: Int?

  init(_ parameters: Parameters, _ name: String, _ configuration: ConvolutionalConfiguration) throws {
    gain = try parameters.vector("\(name).weight")
    bias = try parameters.vector("\(name).bias")
    epsilon = configuration.normEpsilon
    groups = configuration.normalization == .groupNorm ? ConvolutionalConfiguration.groups : nil
  }

  /// Normalises in place.
  func apply(in x: inout FeatureMap<R>, activation: Activation = .identity, _ compute: Compute) {
    if let groups {
      compute.groupNorm(
        in: &x.pixels, images: x.images, groups: groups, gain: gain, bias: bias, epsilon: epsilon,
        activation: activation)
    } else {
      apply(in: &x.pixels, compute)
      if activation != .identity { compute.activate(activation, &x.pixels) }
    }
  }

  /// Normalises rows in place, each over its channels.
  func apply(in rows: inout Matrix<R>, _ compute: Compute) {
    let before = rows
    compute.layerNorm(before, gain: gain, bias: bias, epsilon: epsilon, into: &rows)
  }
}
