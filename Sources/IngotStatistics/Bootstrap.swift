// SPDX-License-Identifier: Apache-2.0

/// Intervals by drawing samples from the sample.
public enum Bootstrap {
  /// How many samples are drawn where nothing else is said.
  public static let customaryDraws = 2_000

  /// The percentile interval of any figure of a sample.
  ///
  /// Draw d takes, for each of `count` places, the element `SplitMix64(seed).index(below: count)`, one after the other through all draws;
  /// the ends are quantiles of the figures, as `Array.quantile` computes them.
  ///
  /// - Parameters:
  ///   - count: how many elements the sample has, at least 1.
  ///   - draws: how many samples are drawn, at least 1.
  ///   - level: in 0..<1.
  ///   - seed: of the drawing.
  ///   - figure: computes the figure from the indices of a drawn sample.
  /// - Returns: the interval.
  public static func interval(
    count: Int, draws: Int = customaryDraws, level: Double = ConfidenceInterval.customaryLevel, seed: UInt64,
    _ figure: ([Int]) -> Double
  ) -> ConfidenceInterval {
    precondition(count > 0 && draws > 0, "something to draw from")
    var random = SplitMix64(seed: seed)
    var indices = [Int](repeating: 0, count: count)
    var figures: [Double] = []
    figures.reserveCapacity(draws)
    for _ in 0..<draws {
      for place in indices.indices { indices[place] = random.index(below: count) }
      figures.append(figure(indices))
    }
    figures.sort()
    let tail = (1 - level) / 2
    return ConfidenceInterval(
      lower: figures.sortedQuantile(tail), upper: figures.sortedQuantile(1 - tail), level: level, method: .bootstrap)
  }

  /// The percentile interval of a mean.
  ///
  /// - Parameters:
  ///   - values: at least one.
  ///   - draws: how many samples are drawn.
  ///   - level: in 0..<1.
  ///   - seed: of the drawing.
  /// - Returns: the interval.
  public static func mean(
    of values: [Double], draws: Int = customaryDraws, level: Double = ConfidenceInterval.customaryLevel, seed: UInt64
  ) -> ConfidenceInterval {
    interval(count: values.count, draws: draws, level: level, seed: seed) { indices in
      indices.reduce(0) { $0 + values[$1] } / Double(indices.count)
    }
  }
}
