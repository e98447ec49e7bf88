// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// Kernels and biases of a convolution that is put together, in float64, from branches that are added.
///
/// Kernels are `[outputs][channels of a group][row][column]`; every output is a group of its own, or there is one group.
struct FoldedKernel {
  private(set) var weights: [Double]
  private(set) var bias: [Double]
  let kernel: Int
  private let outputs: Int

  private var rowLength: Int { outputs == 0 ? 0 : weights.count / outputs }

  /// A convolution alone.
  init(weights: [Double], bias: [Double], kernel: Int) {
    self.weights = weights
    self.bias = bias
    self.kernel = kernel
    outputs = bias.count
  }

  /// A convolution and the batch norm that follows it.
  init(_ parameters: Parameters, _ convolution: String, norm: String, kernel: Int, epsilon: Double) throws {
    let (values, rows) = try parameters.rows("\(convolution).weight")
    self.init(weights: values, bias: [Double](repeating: 0, count: rows), kernel: kernel)
    let affine = try ChannelAffine<Double>(parameters, batchNorm: norm, epsilon: epsilon)
    bias = affine.shift
    for index in weights.indices { weights[index] *= affine.scale[index / max(1, rowLength)] }
  }

  /// Adds a convolution with a smaller window, around the middle.
  mutating func add(_ other: FoldedKernel) {
    let border = (kernel - other.kernel) / 2
    let (area, otherArea) = (kernel * kernel, other.kernel * other.kernel)
    for index in other.weights.indices {
      let (channel, tap) = (index / otherArea, index % otherArea)
      weights[channel * area + (tap / other.kernel + border) * kernel + tap % other.kernel + border] +=
        other.weights[index]
    }
    for index in bias.indices { bias[index] += other.bias[index] }
  }

  /// Adds each input to the output of its number, with a factor, and a shift.
  mutating func addIdentity(_ affine: ChannelAffine<Double>) {
    let middle = kernel / 2 * kernel + kernel / 2
    let isDense = rowLength > kernel * kernel
    for output in 0..<outputs {
      weights[output * rowLength + (isDense ? output * kernel * kernel : 0) + middle] += affine.scale[output]
      bias[output] += affine.shift[output]
    }
  }

  /// Takes the factor times all of it.
  mutating func scale(by factors: [Double]) {
    for index in weights.indices { weights[index] *= factors[index / max(1, rowLength)] }
    for index in bias.indices { bias[index] *= factors[index] }
  }

  /// One weight for each output, as a product takes them.
  func dense<R: Real>(_: R.Type) -> WeightMatrix {
    WeightMatrix(rows: Matrix(values: weights.map { R($0) }, rows: outputs, columns: rowLength))
  }

  /// `[taps, outputs]`, as a depthwise convolution takes them.
  func depthwise<R: Real>(_: R.Type) -> [R] {
    let taps = kernel * kernel
    return (0..<taps).flatMap { tap in (0..<outputs).map { R(weights[$0 * taps + tap]) } }
  }
}
