// SPDX-License-Identifier: Apache-2.0

extension Array where Element == Double {
  /// The mean; NaN of nothing.
  public var mean: Double { isEmpty ? .nan : reduce(0, +) / Double(count) }

  /// The standard deviation of a sample: the root of the squares' sum over n − 1; NaN of fewer than two.
  public var sampleDeviation: Double {
    guard count > 1 else { return .nan }
    let mean = mean
    return (reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(count - 1)).squareRoot()
  }

  /// The value below which a share of the numbers lies, interpolated linearly between neighbours (NumPy's default).
  ///
  /// - Parameter share: in 0...1.
  /// - Returns: NaN of nothing.
  public func quantile(_ share: Double) -> Double { sorted().sortedQuantile(share) }

  /// The same of numbers that are in ascending order.
  func sortedQuantile(_ share: Double) -> Double {
    guard !isEmpty else { return .nan }
    let place = Swift.min(Swift.max(share, 0), 1) * Double(count - 1)
    let index = Swift.min(Int(place), count - 1)
    let next = Swift.min(index + 1, count - 1)
    return self[index] + (self[next] - self[index]) * (place - Double(index))
  }

  /// The rank of each number, from 1 for the least; equal numbers share the mean of their ranks.
  public var averageRanks: [Double] {
    let order = indices.sorted { self[$0] < self[$1] }
    var ranks = [Double](repeating: 0, count: count)
    var start = 0
    while start < count {
      var end = start + 1
      while end < count, self[order[end]] == self[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }
}
