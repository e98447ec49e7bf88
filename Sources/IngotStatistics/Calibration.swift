// SPDX-License-Identifier: Apache-2.0

/// How well confidences fit what comes out.
public enum Calibration {
  /// How many bins are customary: Guo, Pleiss, Sun, Weinberger 2017.
  public static let customaryBins = 15

  /// The expected calibration error: over bins of equal width, the distance of the mean confidence from the share of hits, weighted by size.
  ///
  /// Bin k of n holds confidences in (k/n, (k+1)/n], bin 0 also 0 (scikit-learn's `calibration_curve`).
  ///
  /// - Parameters:
  ///   - confidences: in 0...1, at least one.
  ///   - hits: whether each came true.
  ///   - bins: how many bins.
  /// - Returns: in 0...1.
  public static func expectedError(confidences: [Double], hits: [Bool], bins: Int = customaryBins) -> Double {
    precondition(confidences.count == hits.count && !hits.isEmpty && bins > 0, "one outcome for each confidence")
    let edges = (1..<max(bins, 2)).map { Double($0) / Double(bins) }
    var sums = [(confidence: Double, hits: Double)](repeating: (0, 0), count: bins)
    for (confidence, hit) in zip(confidences, hits) {
      // A NaN belongs to no bin and must not pass for calibrated.
      guard !confidence.isNaN else { return .nan }
      let bin = bins == 1 ? 0 : edges.firstIndex { confidence <= $0 } ?? bins - 1
      sums[bin].confidence += confidence
      sums[bin].hits += hit ? 1 : 0
    }
    return sums.reduce(0) { $0 + abs($1.confidence - $1.hits) } / Double(hits.count)
  }
}
