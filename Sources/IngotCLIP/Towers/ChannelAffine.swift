// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A factor and a shift for each channel of a product's results: a bias, a batch norm, or both.
struct ChannelAffine<R: Real>: Sendable {
  /// Empty for ones.
  var scale: [R] = []
  /// Empty for zeros.
  var shift: [R] = []

  init(scale: [R] = [], shift: [R] = []) {
    self.scale = scale
    self.shift = shift
  }

  /// A batch norm of results to which a bias was added: in float64, rounded once.
  ///
  ///     scale = gain / sqrt(variance + epsilon), shift = shift + (bias − mean) · scale
  ///
  /// - Parameters:
  ///   - parameters: has the norm's four vectors.
  ///   - norm: the norm's name.
  ///   - epsilon: added to the variance.
  ///   - biases: what is added to the results before the norm; `nil` for nothing.
  /// - Throws: what reading them throws.
  init(
    _ parameters: Parameters, batchNorm norm: String, epsilon: Double, biases: [Double]? = nil
  ) throws {
    let gain: [Double] = try parameters.vector("\(norm).weight")
    let shift: [Double] = try parameters.vector("\(norm).bias")
    let mean: [Double] = try parameters.vector("\(norm).running_mean")
    let variance: [Double] = try parameters.vector("\(norm).running_var")
    let factors = gain.indices.map { gain[$0] / (variance[$0] + epsilon).squareRoot() }
    scale = factors.map { R($0) }
    self.shift = factors.indices.map { R(shift[$0] - (mean[$0] - (biases?[$0] ?? 0)) * factors[$0]) }
  }
}
