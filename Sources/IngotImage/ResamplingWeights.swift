// SPDX-License-Identifier: Apache-2.0

/// The weights of one direction of Pillow's antialiased bicubic resize (`precompute_coeffs` and `normalize_coeffs_8bpc` of its `Resample.c`),
/// for a window of the output.
struct ResamplingWeights {
  /// Bits after the binary point of a weight: 32, less 8 for the sample and 2 for overshoot.
  static let precision: Int32 = 22
  /// The filter's reach on either side, in source pixels when enlarging.
  private static let support = 2.0

  /// For each output of the window, the first source pixel.
  private(set) var starts: [Int] = []
  /// For each output of the window, how many source pixels.
  private(set) var counts: [Int] = []
  /// For each output of the window, where its weights start in `values`.
  private(set) var places: [Int] = []
  /// All weights in fixed point.
  private(set) var values: [Int32] = []

  /// Computes the weights.
  ///
  /// - Parameters:
  ///   - source: pixels in the source.
  ///   - target: pixels in the whole output.
  ///   - window: the outputs wanted, within `0..<target`.
  init(source: Int, target: Int, window: Range<Int>) {
    let scale = Double(Float(source)) / Double(target)
    let filterScale = max(scale, 1)
    let support = Self.support * filterScale
    let inverse = 1 / filterScale
    for output in window {
      let center = (Double(output) + 0.5) * scale
      let start = max(0, Int(center - support + 0.5))
      let end = min(source, Int(center + support + 0.5))
      var weights = (start..<max(start, end)).map { Self.bicubic((Double($0) - center + 0.5) * inverse) }
      let sum = weights.reduce(0, +)
      if sum != 0 { for index in weights.indices { weights[index] /= sum } }
      starts.append(start)
      counts.append(weights.count)
      places.append(values.count)
      values += weights.map(Self.fixed)
    }
  }

  /// The source pixels that the window needs.
  var sources: Range<Int> {
    let first = starts.first ?? 0
    let last = starts.indices.map { starts[$0] + counts[$0] }.max() ?? first
    return first..<max(first, last)
  }

  /// Keys' cubic convolution with a = -0.5.
  private static func bicubic(_ distance: Double) -> Double {
    let x = distance.magnitude
    if x < 1 { return (1.5 * x - 2.5) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * -0.5 }
    return 0
  }

  /// Rounds half away from zero.
  private static func fixed(_ weight: Double) -> Int32 {
    Int32((weight < 0 ? -0.5 : 0.5) + weight * Double(1 << precision))
  }
}
