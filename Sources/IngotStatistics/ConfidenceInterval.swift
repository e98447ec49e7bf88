// SPDX-License-Identifier: Apache-2.0

/// Where a figure lies, as far as a sample can tell.
public struct ConfidenceInterval: Sendable, Hashable, Codable {
  /// How an interval was computed.
  public enum Method: String, Sendable, Hashable, Codable {
    /// Exact for a rate: Clopper and Pearson 1934.
    case clopperPearson = "clopper-pearson"
    /// Percentiles of resampled figures: Efron 1979.
    case bootstrap = "bootstrap-percentile"
    /// Student's t distribution around a mean.
    case student = "student-t"
    /// The normal distribution around a mean.
    case normal
  }

  /// The lower end.
  public var lower: Double
  /// The upper end.
  public var upper: Double
  /// The share of samples whose interval holds the true figure: 0.95.
  public var level: Double
  /// How it was computed.
  public var method: Method

  /// Makes an interval.
  public init(lower: Double, upper: Double, level: Double, method: Method) {
    self.lower = lower
    self.upper = upper
    self.level = level
    self.method = method
  }

  /// The level that is used where none is given.
  public static let customaryLevel = 0.95

  /// The interval of Clopper and Pearson for a rate: it never holds the true rate less often than its level says.
  ///
  /// - Parameters:
  ///   - successes: in `0...trials`.
  ///   - trials: at least 1.
  ///   - level: in 0..<1.
  /// - Returns: an interval within 0...1.
  public static func rate(
    successes: Int, of trials: Int, level: Double = customaryLevel
  ) -> ConfidenceInterval {
    precondition(trials > 0 && (0...trials).contains(successes), "successes are among the trials")
    let tail = (1 - level) / 2
    let (hits, misses) = (Double(successes), Double(trials - successes))
    return ConfidenceInterval(
      lower: successes == 0 ? 0 : Beta.quantile(tail, hits, misses + 1),
      upper: successes == trials ? 1 : Beta.quantile(1 - tail, hits + 1, misses),
      level: level, method: .clopperPearson)
  }

  /// The interval around a mean of independent, roughly normal numbers.
  ///
  /// - Parameters:
  ///   - values: at least two.
  ///   - level: in 0..<1.
  ///   - method: `student`, or `normal` for many numbers.
  /// - Returns: mean ± quantile · standard deviation / √n.
  public static func mean(
    of values: [Double], level: Double = customaryLevel, method: Method = .student
  ) -> ConfidenceInterval {
    precondition(values.count > 1, "a deviation needs two numbers")
    let mean = values.mean
    let error = values.sampleDeviation / Double(values.count).squareRoot()
    let share = 1 - (1 - level) / 2
    let factor =
      method == .normal ? Normal.quantile(share) : StudentT.quantile(share, degrees: Double(values.count - 1))
    return ConfidenceInterval(
      lower: mean - factor * error, upper: mean + factor * error, level: level,
      method: method == .normal ? .normal : .student)
  }
}
