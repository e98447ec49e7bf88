// SPDX-License-Identifier: Apache-2.0

/// The weights of one direction of Pillow's antialiased resize (`precompute_coeffs` of its `Resample.c`), for a window of the output.
struct ResamplingWeights {
  /// Bits after the binary point of a weight in fixed point: 32, less 8 for the sample and 2 for overshoot.
  static let precision: Int32 = 22

  /// For each output of the window, the first source pixel.
  private(set) var starts: [Int32] = []
  /// For each output of the window, how many source pixels.
  private(set) var counts: [Int32] = []
  /// `stride` weights for each output; those past its count are zero.
  private(set) var values: [Double] = []
  /// A multiple of 4.
  let stride: Int

  /// Computes the weights.
  ///
  /// - Parameters:
  ///   - source: pixels in the source.
  ///   - target: pixels in the whole output.
  ///   - window: the outputs wanted, within `0..<target`.
  ///   - interpolation: the filter.
  init(source: Int, target: Int, window: Range<Int>, _ interpolation: ImagePreprocessing.Interpolation) {
    let scale = Double(Float(source)) / Double(target)
    let filterScale = max(scale, 1)
    let support = interpolation.support * filterScale
    let inverse = 1 / filterScale
    for output in window {
      let center = (Double(output) + 0.5) * scale
      let start = max(0, Int(center - support + 0.5))
      let end = min(source, Int(center + support + 0.5))
      starts.append(Int32(start))
      counts.append(Int32(max(0, end - start)))
    }
    stride = (Int(counts.max() ?? 0) + 3) / 4 * 4
    values = [Double](repeating: 0, count: stride * window.count)
    for (index, output) in window.enumerated() {
      let center = (Double(output) + 0.5) * scale
      let start = Int(starts[index])
      let places = stride * index..<stride * index + Int(counts[index])
      var sum = 0.0
      for (pixel, place) in places.enumerated() {
        let weight = interpolation.weight((Double(pixel + start) - center + 0.5) * inverse)
        values[place] = weight
        sum += weight
      }
      if sum != 0 { for place in places { values[place] /= sum } }
    }
  }

  /// The weights in fixed point, rounded half away from zero (`normalize_coeffs_8bpc`).
  var fixed: [Int32] {
    values.map { Int32(($0 < 0 ? -0.5 : 0.5) + $0 * Double(1 << Self.precision)) }
  }

  /// The source pixels that the window needs.
  var sources: Range<Int> {
    let first = Int(starts.first ?? 0)
    let last = starts.indices.map { Int(starts[$0] + counts[$0]) }.max() ?? first
    return first..<max(first, last)
  }

  /// The same weights where the source begins at its row `first`.
  func shifted(by first: Int) -> ResamplingWeights {
    var result = self
    for index in starts.indices { result.starts[index] -= Int32(first) }
    return result
  }
}
