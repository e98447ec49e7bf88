// SPDX-License-Identifier: Apache-2.0

import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotCLIP
@testable import IngotFidelity

/// Bounds of operations against float64: never exceeded, and not so loose that faults would hide.
@Suite struct EnvelopeTests {
  private func matrix(_ rows: Int, _ columns: Int, _ random: inout SeededGenerator) -> Matrix<Float> {
    let scale = Float.random(in: -3...3, using: &random)
    let shift = Float.random(in: -2...2, using: &random)
    return Matrix(
      values: (0..<rows * columns).map { _ in Float.random(in: -1...1, using: &random) * scale + shift }, rows: rows,
      columns: columns)
  }

  private func wide(_ x: Matrix<Float>) -> Matrix<Double> {
    Matrix(values: x.values.map { Double($0) }, rows: x.rows, columns: x.columns)
  }

  /// The largest share of its bound that any result uses.
  private func worstShare(
    _ single: Operation<Float>.Kind, _ exact: Operation<Double>.Kind, _ operands: [Matrix<Float>]
  ) throws -> Double {
    let compute = Compute(threads: 1)
    let places = Array(operands.indices)
    let found = try Operation(name: "", part: "", kind: single, operands: places).result(operands, compute)
    let operation = Operation(name: "", part: "", kind: exact, operands: places)
    let truth = try operation.result(operands.map(wide), compute)
    let all = (0..<found.rows).flatMap { row in
      (0..<found.columns).map { OperationEnvelope.Place(row: row, column: $0) }
    }
    let bounds = try OperationEnvelope(operation: operation, operands: operands, result: found, compute: compute)
      .bounds(at: all)
    var worst = 0.0
    for (place, bound) in zip(all, bounds) {
      let error = abs(Double(found.row(place.row)[at: place.column]) - truth.row(place.row)[at: place.column])
      #expect(error <= bound, "\(exact.label) at \(place): \(error), bound \(bound)")
      if bound > 0 { worst = max(worst, error / bound) }
    }
    return worst
  }

  @Test func `bounds hold on random operations and are not idle`() throws {
    var random = SeededGenerator(seed: 11)
    var shares: [String: [Double]] = [:]
    for _ in 0..<60 {
      let rows = Int.random(in: 1...6, using: &random)
      let width = Int.random(in: 2...200, using: &random)
      let x = matrix(rows, width, &random)
      let weights = matrix(Int.random(in: 1...9, using: &random), width, &random)
      shares["product", default: []].append(
        try worstShare(
          .product(WeightMatrix(rows: weights), scale: []), .product(WeightMatrix(rows: weights), scale: []), [x]))
      let (gain, bias) = (matrix(1, width, &random).values, matrix(1, width, &random).values)
      shares["layer norm", default: []].append(
        try worstShare(
          .layerNorm(gain: gain, bias: bias, epsilon: 1e-5),
          .layerNorm(gain: gain.map { Double($0) }, bias: bias.map { Double($0) }, epsilon: 1e-5), [x]))
      shares["bias", default: []].append(
        try worstShare(.bias(bias), .bias(bias.map { Double($0) }), [x]))
      shares["unit length", default: []].append(try worstShare(.unitLength, .unitLength, [x]))
      for activation in Activation.allCases where activation != .identity {
        shares["activation", default: []].append(
          try worstShare(.activation(activation), .activation(activation), [x]))
      }
      let heads = Int.random(in: 1...3, using: &random)
      let head = Int.random(in: 1...24, using: &random)
      let lengths = (0..<2).map { _ in Int.random(in: 1...12, using: &random) }
      let geometry = Attention.packed(
        lengths: lengths, width: heads * head, heads: heads, isCausal: Bool.random(using: &random))
      let qkv = matrix(lengths.reduce(0, +), 3 * heads * head, &random)
      shares["attention", default: []].append(
        try worstShare(.attention(geometry), .attention(geometry), [qkv]))
    }
    for (kind, values) in shares {
      // Worst-case bounds are loose by about the root of the number of steps, and no more than that.
      let largest = values.max() ?? 0
      #expect(largest > 0.005, "\(kind): \(largest)")
    }
  }

  /// Operations on maps, in both precisions.
  private func maps<R: Real>(
    _ windows: Windows, _ weights: [Float], _ bias: [Float], epsilon: Double
  ) -> [Operation<R>.Kind] {
    let convolution = DepthwiseConvolution<R>(
      weights: weights.map { R($0) }, bias: bias.map { R($0) }, kernel: windows.kernel, stride: windows.stride)
    let gain = bias.map { R($0) + 1 }
    let area = windows.height * windows.width
    let taps = Windows(
      height: windows.height, width: windows.width, channels: 1, kernel: windows.kernel, stride: windows.stride,
      padding: windows.padding)
    return [
      .other("depthwise convolution", field: ReceptiveField.depthwise(convolution, taps)) { operands, compute in
        Matrix(
          values: compute.depthwise(
            windows, of: operands[0].values[...], weights: convolution.weights, bias: convolution.bias),
          rows: windows.count, columns: windows.channels)
      },
      .other(
        "group norm",
        field: { place, columns in
          let width = columns / 2
          let first = place.column / width * width
          return .norm(
            (0..<area).flatMap { row in (first..<first + width).map { NumberPlace(row: row, column: $0) } },
            index: place.row * width + place.column - first, gain: gain[place.column], bias: gain[place.column],
            epsilon: epsilon)
        }
      ) { operands, compute in
        var x = operands[0]
        compute.groupNorm(in: &x, images: 1, groups: 2, gain: gain, bias: gain, epsilon: epsilon, activation: .identity)
        return x
      },
      .other("average", field: ReceptiveField.mean(ofRows: area)) { operands, compute in
        Matrix(
          values: compute.averageRows(operands[0].values[...], columns: windows.channels), rows: 1,
          columns: windows.channels)
      },
      .other("largest", field: ReceptiveField.largest(taps, border: .zeros)) { operands, compute in
        Matrix(
          values: compute.maxPool(windows, of: operands[0].values[...], border: .zeros), rows: windows.count,
          columns: windows.channels)
      },
    ]
  }

  @Test func `bounds hold on random maps and are not idle`() throws {
    var random = SeededGenerator(seed: 12)
    var largest = [0.0, 0, 0, 0]
    for _ in 0..<30 {
      let channels = 2 * Int.random(in: 1...6, using: &random)
      let kernel = 2 * Int.random(in: 1...3, using: &random) + 1
      let windows = Windows(
        height: Int.random(in: kernel...20, using: &random), width: Int.random(in: kernel...20, using: &random),
        channels: channels, kernel: kernel, stride: Int.random(in: 1...2, using: &random), padding: kernel / 2)
      let x = matrix(windows.height * windows.width, channels, &random)
      let weights = matrix(kernel * kernel, channels, &random).values
      let bias = matrix(1, channels, &random).values
      let single: [Operation<Float>.Kind] = maps(windows, weights, bias, epsilon: 1e-5)
      let exact: [Operation<Double>.Kind] = maps(windows, weights, bias, epsilon: 1e-5)
      for index in single.indices {
        largest[index] = max(largest[index], try worstShare(single[index], exact[index], [x]))
      }
    }
    // Numbers that are moved have no error.
    #expect(largest.prefix(3).allSatisfy { $0 > 0.005 } && largest[3] == 0, "\(largest)")
  }

  @Test func `weights of a product are what it makes of unit vectors`() throws {
    var random = SeededGenerator(seed: 5)
    let weights = matrix(7, 300, &random)
    let operation = Operation<Double>(
      name: "", part: "", kind: .product(WeightMatrix(rows: wide(weights)), scale: []), operands: [0])
    let columns = try OperationEnvelope.weights(of: operation, [2, 5], Compute(threads: 1))
    #expect(columns[2] == weights.row(2).map { Double($0) })
    #expect(columns[5] == weights.row(5).map { Double($0) })
    #expect(columns.count == 2)
  }
}
