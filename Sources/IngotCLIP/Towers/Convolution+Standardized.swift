// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension Convolution {
  /// A convolution of a tower from a description, with its batch norm if it has one.
  ///
  /// - Parameters:
  ///   - parameters: the tensors.
  ///   - name: the convolution's name.
  ///   - norm: its batch norm's name; `nil` where none follows.
  ///   - kernel: side of the window.
  ///   - stride: pixels from one window to the next.
  ///   - padding: zero pixels around the map; by default half the window.
  ///   - configuration: the tower's.
  /// - Throws: what reading the tensors throws.
  init(
    _ parameters: Parameters, _ name: String, norm: String?, kernel: Int, stride: Int = 1, padding: Int? = nil,
    _ configuration: ConvolutionalConfiguration
  ) throws {
    let biases: [Double]? = configuration.hasConvolutionBias ? try parameters.vector("\(name).bias") : nil
    let affine: ChannelAffine<R>
    if let norm, configuration.normalization == .batchNorm {
      affine = try ChannelAffine(parameters, batchNorm: norm, epsilon: configuration.normEpsilon, biases: biases)
    } else {
      affine = ChannelAffine(shift: biases.map { $0.map { R($0) } } ?? [])
    }
    let weights: WeightMatrix =
      if let epsilon = configuration.weightStandardizationEpsilon {
        try Self.standardized(parameters, "\(name).weight", epsilon: epsilon)
      } else {
        try parameters.matrix("\(name).weight")
      }
    self.init(weights: weights, affine: affine, kernel: kernel, stride: stride, padding: padding ?? kernel / 2)
  }

  /// Weights of zero mean and unit variance for each output: in float64, rounded once.
  private static func standardized(
    _ parameters: Parameters, _ name: String, epsilon: Double
  ) throws -> WeightMatrix {
    let (values, outputs) = try parameters.rows(name)
    let inputs = outputs == 0 ? 0 : values.count / outputs
    var standardized: [R] = []
    standardized.reserveCapacity(values.count)
    for output in 0..<outputs {
      let row = values[output * inputs..<(output + 1) * inputs]
      let mean = row.reduce(0, +) / Double(inputs)
      let variance = row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(inputs)
      let factor = 1 / (variance + epsilon).squareRoot()
      for weight in row { standardized.append(R((weight - mean) * factor)) }
    }
    return WeightMatrix(rows: Matrix(values: standardized, rows: outputs, columns: inputs))
  }
}
