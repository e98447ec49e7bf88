// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct FeatureMapTests {
  struct Size: Sendable, CustomTestStringConvertible {
    let height: Int, width: Int, channels: Int, kernel: Int, stride: Int, padding: Int
    var testDescription: String { "\(height)×\(width)×\(channels), \(kernel) by \(stride), padding \(padding)" }
    var windows: Windows {
      Windows(height: height, width: width, channels: channels, kernel: kernel, stride: stride, padding: padding)
    }
    /// The pixel under a tap; `nil` outside.
    func pixel(_ row: Int, _ column: Int, _ i: Int, _ j: Int) -> Int? {
      let (y, x) = (row * stride + i - padding, column * stride + j - padding)
      return (0..<height).contains(y) && (0..<width).contains(x) ? y * width + x : nil
    }
  }

  static let sizes = [
    Size(height: 7, width: 9, channels: 1, kernel: 3, stride: 2, padding: 1),
    Size(height: 8, width: 5, channels: 7, kernel: 3, stride: 2, padding: 1),
    Size(height: 1, width: 1, channels: 8, kernel: 7, stride: 1, padding: 3),
    Size(height: 5, width: 6, channels: 9, kernel: 7, stride: 1, padding: 3),
    Size(height: 3, width: 11, channels: 20, kernel: 5, stride: 3, padding: 2),
    Size(height: 12, width: 12, channels: 16, kernel: 3, stride: 2, padding: 0),
  ]

  /// Every path and number of threads.
  private var computes: [Compute] {
    Compute.InstructionPath.allCases.filter(\.isAvailable).flatMap { path in
      [1, 2, 3].map { Compute(path: path, threads: $0) }
    }
  }

  private func widened<R: Real>(_ values: [Float], _: R.Type) -> [R] { values.map { R($0) } }

  @Test(arguments: sizes)
  func `a depthwise convolution gives the bits of the specification on every path`(_ size: Size) {
    check(size, Float.self)
    check(size, Double.self)
  }

  private func check<R: Real>(_ size: Size, _: R.Type) {
    var generator = SeededGenerator(seed: 21)
    let image: [R] = widened(generator.unevenFloats(size.height * size.width * size.channels), R.self)
    let weights: [R] = widened(generator.unevenFloats(size.kernel * size.kernel * size.channels), R.self)
    let bias: [R] = widened(generator.unevenFloats(size.channels), R.self)
    for bias in [bias, []] {
      var expected: [R] = []
      for row in 0..<size.windows.outputHeight {
        for column in 0..<size.windows.outputWidth {
          for c in 0..<size.channels {
            var sum: R = 0
            for i in 0..<size.kernel {
              for j in 0..<size.kernel {
                guard let pixel = size.pixel(row, column, i, j) else { continue }
                sum.addProduct(image[pixel * size.channels + c], weights[(i * size.kernel + j) * size.channels + c])
              }
            }
            expected.append(bias.isEmpty ? sum : sum + bias[c])
          }
        }
      }
      for compute in computes {
        let found = compute.depthwise(size.windows, of: image[...], weights: weights, bias: bias)
        #expect(found == expected, "\(compute)")
      }
    }
  }

  @Test(arguments: sizes, [PoolingBorder.nothing, .zeros])
  func `the largest number of a window is found on every path, also among negative ones`(
    _ size: Size, _ border: PoolingBorder
  ) {
    var generator = SeededGenerator(seed: 22)
    let image = generator.unevenFloats(size.height * size.width * size.channels).map { $0 - 2 }
    var expected: [Float] = []
    for row in 0..<size.windows.outputHeight {
      for column in 0..<size.windows.outputWidth {
        for c in 0..<size.channels {
          let taps = (0..<size.kernel * size.kernel).compactMap { tap -> Float? in
            let pixel = size.pixel(row, column, tap / size.kernel, tap % size.kernel)
            return pixel.map { image[$0 * size.channels + c] } ?? (border == .zeros ? 0 : nil)
          }
          expected.append(taps.max() ?? 0)
        }
      }
    }
    for compute in computes {
      #expect(compute.maxPool(size.windows, of: image[...], border: border) == expected, "\(compute)")
    }
    let wide = image.map { Double($0) }
    #expect(
      Compute(threads: 1).maxPool(size.windows, of: wide[...], border: border) == expected.map { Double($0) })
  }

  @Test func `a NaN is the largest number of its windows, and of no others`() {
    var image = [Float](repeating: 1, count: 6 * 6 * 9)
    image[(2 * 6 + 2) * 9 + 8] = .nan
    let size = Size(height: 6, width: 6, channels: 9, kernel: 3, stride: 2, padding: 1)
    for compute in computes {
      let found = compute.maxPool(size.windows, of: image[...], border: .nothing)
      #expect(found.indices.filter { found[$0].isNaN } == [(1 * 3 + 1) * 9 + 8], "\(compute)")
    }
  }

  struct Groups: Sendable, CustomTestStringConvertible {
    let images: Int, pixels: Int, channels: Int, groups: Int
    var testDescription: String { "\(images) images of \(pixels)×\(channels) in \(groups)" }
  }

  @Test(arguments: [
    Groups(images: 1, pixels: 1, channels: 32, groups: 32), Groups(images: 2, pixels: 9, channels: 6, groups: 2),
    Groups(images: 3, pixels: 49, channels: 64, groups: 32), Groups(images: 1, pixels: 5, channels: 33, groups: 3),
    Groups(images: 2, pixels: 16, channels: 8, groups: 1),
  ])
  func `group norm gives the bits of the specification on every path`(_ size: Groups) {
    var generator = SeededGenerator(seed: 23)
    let width = size.channels / size.groups
    let values = generator.unevenFloats(size.images * size.pixels * size.channels)
    let gain = generator.unevenFloats(size.channels)
    let bias = generator.unevenFloats(size.channels)
    var expected = values
    let length = Float(size.pixels * width)
    for image in 0..<size.images {
      for group in 0..<size.groups {
        let places = (0..<size.pixels).flatMap { pixel in
          (0..<width).map { (image * size.pixels + pixel) * size.channels + group * width + $0 }
        }
        let mean = laneSum(places.map { values[$0] }) { $1 += $0 } / length
        let variance = laneSum(places.map { values[$0] - mean }) { $1.addProduct($0, $0) } / length
        let factor = 1 / (variance + 1e-5 as Float).squareRoot()
        for place in places {
          let c = place % size.channels
          expected[place] = bias[c].addingProduct((values[place] - mean) * factor, gain[c])
        }
      }
    }
    for compute in computes {
      for activation in [Activation.identity, .relu] {
        var x = Matrix(values: values, rows: size.images * size.pixels, columns: size.channels)
        compute.groupNorm(
          in: &x, images: size.images, groups: size.groups, gain: gain, bias: bias, epsilon: 1e-5,
          activation: activation)
        #expect(x.values == expected.map { activation == .relu ? max($0, 0) : $0 }, "\(compute)")
      }
    }
  }

  @Test func `group norm in float64 differs from float32 by its rounding only`() {
    var generator = SeededGenerator(seed: 24)
    let values = generator.unevenFloats(2 * 49 * 64)
    let (gain, bias) = ([Double](repeating: 1, count: 64), [Double](repeating: 0, count: 64))
    var single = Matrix(values: values, rows: 98, columns: 64)
    var double = Matrix(values: values.map { Double($0) }, rows: 98, columns: 64)
    let compute = Compute()
    compute.groupNorm(
      in: &single, images: 2, groups: 32, gain: gain.map { Float($0) }, bias: bias.map { Float($0) }, epsilon: 1e-5,
      activation: .identity)
    compute.groupNorm(in: &double, images: 2, groups: 32, gain: gain, bias: bias, epsilon: 1e-5, activation: .identity)
    let error = zip(single.values, double.values).map { abs(Double($0) - $1) }.max() ?? 1
    // A value is at most √98 deviations from the mean; sums of 98 numbers in eight lanes err by a few units roundoff.
    #expect(error > 0 && error < 98.0.squareRoot() * 20 * 0x1p-24)
  }

  /// Sum in eight lanes and the tree of Formats/numerics.md.
  private func laneSum(_ values: [Float], _ step: (Float, inout Float) -> Void) -> Float {
    var lanes = [Float](repeating: 0, count: 8)
    for (index, value) in values.enumerated() { step(value, &lanes[index % 8]) }
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
  }
}
