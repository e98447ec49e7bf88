// SPDX-License-Identifier: Apache-2.0

/// Positions of a square grid of patches for a grid of another side, as OpenCLIP's `resize_pos_embed` computes them.
///
/// PyTorch's `interpolate` with `mode="bicubic"`, `antialias=True`, `align_corners=False` (`_compute_indices_weights_aa` in
/// `UpSampleKernel.cpp`), in float64: cubic weights with a = −1/2, over two cells to each side, and so many times more when the grid shrinks;
/// at the border the weights that are left make up one. Rows of tokens before the patches are kept.
public struct PositionInterpolation: Sendable, Hashable, CustomStringConvertible {
  /// Side of the grid that there are positions for.
  public let from: Int
  /// Side of the grid that positions are wanted for.
  public let to: Int
  /// Rows before the patches.
  public let extraTokens: Int

  /// Describes an interpolation; sides are at least 1.
  public init(from: Int, to: Int, extraTokens: Int) {
    precondition(from >= 1 && to >= 1 && extraTokens >= 0, "sides of grids are positive")
    self.from = from
    self.to = to
    self.extraTokens = extraTokens
  }

  private static let verb = "interpolate "

  /// For example `interpolate 7x7 to 12x12`.
  public var description: String { "\(Self.verb)\(from)x\(from) to \(to)x\(to)" }

  /// Whether a text is the description of an interpolation.
  public static func isDescription(_ text: some StringProtocol) -> Bool { text.hasPrefix(verb) }

  /// Computes the table.
  ///
  /// - Parameter table: `[extraTokens + from · from, width]`, row-major, of any width.
  /// - Returns: `[extraTokens + to · to, width]`, row-major.
  public func applied(to table: [Double]) -> [Double] {
    let rows = extraTokens + from * from
    precondition(table.count % rows == 0, "the table has \(rows) rows")
    let width = table.count / rows
    let windows = (0..<to).map(window)
    // First along the rows of the grid, then along its columns.
    var narrow = [Double](repeating: 0, count: from * to * width)
    for row in 0..<from {
      for column in 0..<to {
        let target = (row * to + column) * width
        for (index, weight) in windows[column] {
          let source = (extraTokens + row * from + index) * width
          for channel in 0..<width { narrow[target + channel] += weight * table[source + channel] }
        }
      }
    }
    var result = Array(table[..<(extraTokens * width)])
    result.reserveCapacity((extraTokens + to * to) * width)
    var sums = [Double](repeating: 0, count: to * width)
    for row in 0..<to {
      for index in sums.indices { sums[index] = 0 }
      for (index, weight) in windows[row] {
        let source = index * to * width
        for place in sums.indices { sums[place] += weight * narrow[source + place] }
      }
      result += sums
    }
    return result
  }

  /// The cells that one new cell is made of along one side, and their shares.
  private func window(_ place: Int) -> [(index: Int, weight: Double)] {
    let scale = Double(from) / Double(to)
    let stretch = max(scale, 1)
    let support = 2 * stretch
    let center = scale * (Double(place) + 0.5)
    let first = max(Int(center - support + 0.5), 0)
    let last = min(Int(center + support + 0.5), from)
    let weights = (first..<last).map { Self.cubic((Double($0) - center + 0.5) / stretch) }
    let total = weights.reduce(0, +)
    return zip(first..<last, weights).map { ($0, $1 / total) }
  }

  /// The cubic convolution kernel with a = −1/2.
  private static func cubic(_ value: Double) -> Double {
    let a = -0.5
    let x = value.magnitude
    if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return (((x - 5) * x + 8) * x - 4) * a }
    return 0
  }
}
