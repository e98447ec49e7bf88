// SPDX-License-Identifier: Apache-2.0

import Glibc

extension Plot {
  /// How often differences of each size occur, with what is allowed drawn in.
  ///
  /// Where all differences are small beside what is allowed, their sizes are shown on a logarithmic axis: both can then be seen.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - summary: for those who cannot see it.
  ///   - values: differences; those that are not finite are counted in the label of the axis.
  ///   - limit: the largest absolute difference that is allowed; nil for none.
  ///   - label: what differs, with its unit.
  /// - Returns: a picture.
  public static func differences(
    _ title: String, summary: String, _ values: [Double], limit: Double?, label: String
  ) -> Plot {
    let finite = values.filter(\.isFinite)
    let lost = values.count - finite.count
    let label = lost > 0 ? "\(label); \(lost) are not finite" : label
    let largest = finite.map(abs).max() ?? 0
    let counts = Axis("how many")
    guard let limit, limit.isFinite, limit > 0, largest * 6 < limit, largest > 0 else {
      let reach = max(largest, limit ?? 0) * 1.04
      // Twice the end must still be a number.
      let end = reach > 0 ? min(reach, .greatestFiniteMagnitude / 4) : 1
      var plot = Plot(title, summary: summary, x: Axis(label, bounds: -end...end), y: counts)
      plot.bins = bins(finite, from: -end, to: end, count: 48)
      if let limit, limit.isFinite, limit > 0 {
        for index in plot.bins.indices where plot.bins[index].low >= limit || plot.bins[index].high <= -limit {
          plot.bins[index].hue = .fail
        }
        plot.rules = [Rule(.x, at: -limit, "allowed", hue: .fail), Rule(.x, at: limit, "allowed", hue: .fail)]
      }
      return plot
    }
    // No more than eight decades below what is allowed; what is smaller, and zero, goes to the first bar.
    let lowest = max(finite.map(abs).filter { $0 > 0 }.min() ?? limit, limit * 1e-8)
    let start = Numerals.exponent(of: lowest)
    let end = Numerals.exponent(of: limit) + 1
    let low = Numerals.powerOfTen(start)
    var plot = Plot(
      title, summary: summary,
      x: Axis("size of the \(label)", kind: .logarithmic, bounds: low...Numerals.powerOfTen(end)), y: counts)
    let logarithms = finite.map { log10(max(abs($0), low)) }
    plot.bins = bins(logarithms, from: Double(start), to: Double(end), count: min(48, (end - start) * 8)).map {
      Bin(pow(10, $0.low), pow(10, $0.high), count: $0.count)
    }
    plot.rules = [Rule(.x, at: limit, "allowed", hue: .fail)]
    return plot
  }

  /// Counts values in bars of equal width.
  ///
  /// - Parameters:
  ///   - values: finite ones; those outside go to the outer bars.
  ///   - low: where the first bar begins.
  ///   - high: where the last bar ends; more than `low`.
  ///   - count: how many bars.
  /// - Returns: one bar after another.
  public static func bins(_ values: [Double], from low: Double, to high: Double, count: Int) -> [Bin] {
    precondition(count > 0 && high > low && (high - low).isFinite, "bars of some width")
    var counts = [Int](repeating: 0, count: count)
    for value in values {
      let place = (value - low) / (high - low) * Double(count)
      counts[min(count - 1, max(0, Int(max(-1, min(place, Double(count))).rounded(.down))))] += 1
    }
    let width = (high - low) / Double(count)
    return counts.enumerated().map {
      Bin(low + Double($0.offset) * width, low + Double($0.offset + 1) * width, count: Double($0.element))
    }
  }
}
