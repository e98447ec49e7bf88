// SPDX-License-Identifier: Apache-2.0

import IngotStatistics

/// How many labelled rows of each class a linear probe needs to match zero-shot classification on the same features.
///
/// The rule (`Formats/evaluation.md`): scores are joined by straight lines over the logarithm of the number of shots; the answer is the
/// least number of shots at which the curve reaches the zero-shot score. Below the first point the line through the first two goes on, as
/// far as they are apart and no further; beyond that, where they do not rise, and beyond the last point, there is no number, and the result
/// says on which side it lies.
public struct DataEfficiency: Sendable, Hashable, Codable {
  /// A point of the curve.
  public struct Point: Sendable, Hashable, Codable {
    /// Rows of each class; of the whole training set, its rows over its classes.
    public let shots: Double
    /// The score.
    public let score: Double

    /// Makes a point.
    public init(shots: Double, score: Double) {
      self.shots = shots
      self.score = score
    }
  }

  /// Where the number comes from.
  public enum Kind: String, Sendable, Hashable, Codable {
    /// Between two points, or at one.
    case interpolated
    /// Below the first point, by the line through the first two.
    case extrapolated
    /// Below the first point by more than the first two are apart, or these do not rise.
    case fewerThanFirst = "fewer-than-first"
    /// Not reached by the last point.
    case moreThanLast = "more-than-last"
  }

  /// The score to be matched.
  public let zeroShot: Double
  /// The curve, by rising shots.
  public let curve: [Point]
  /// The number of shots; `nil` where only a bound is known.
  public let shots: Double?
  /// Where the number comes from.
  public let kind: Kind

  /// Finds the number.
  ///
  /// - Parameters:
  ///   - zeroShot: the score to be matched.
  ///   - curve: points in any order, at least one, with shots greater than 0.
  public init(matching zeroShot: Double, _ curve: [Point]) {
    precondition(!curve.isEmpty && curve.allSatisfy { $0.shots > 0 }, "a curve has points")
    let sorted = curve.sorted { $0.shots < $1.shots }
    self.zeroShot = zeroShot
    self.curve = sorted
    if sorted[0].score >= zeroShot {
      if sorted[0].score == zeroShot {
        (shots, kind) = (sorted[0].shots, .interpolated)
      } else if sorted.count > 1, sorted[1].score - sorted[0].score >= sorted[0].score - zeroShot {
        (shots, kind) = (Self.crossing(sorted[0], sorted[1], zeroShot), .extrapolated)
      } else {
        (shots, kind) = (nil, .fewerThanFirst)
      }
    } else if let index = sorted.indices.dropFirst().first(where: { sorted[$0].score >= zeroShot }) {
      (shots, kind) = (Self.crossing(sorted[index - 1], sorted[index], zeroShot), .interpolated)
    } else {
      (shots, kind) = (nil, .moreThanLast)
    }
  }

  private static func crossing(_ a: Point, _ b: Point, _ score: Double) -> Double {
    let share = (score - a.score) / (b.score - a.score)
    let (low, high) = (binaryLogarithm(a.shots), binaryLogarithm(b.shots))
    return powerOf2(low + share * (high - low))
  }
}

/// The line through points that leaves the least squares.
public struct LinearTrend: Sendable, Hashable, Codable {
  /// Its slope.
  public let slope: Double
  /// Its value at 0.
  public let intercept: Double
  /// Pearson's correlation.
  public let correlation: Double

  /// Fits a line.
  ///
  /// - Parameters:
  ///   - x: at least two numbers that are not all equal.
  ///   - y: as many.
  public init(_ x: [Double], _ y: [Double]) {
    precondition(x.count == y.count && x.count > 1, "pairs")
    let (meanX, meanY) = (x.mean, y.mean)
    var (xx, xy, yy) = (0.0, 0.0, 0.0)
    for (a, b) in zip(x, y) {
      xx += (a - meanX) * (a - meanX)
      xy += (a - meanX) * (b - meanY)
      yy += (b - meanY) * (b - meanY)
    }
    slope = xy / xx
    intercept = meanY - slope * meanX
    correlation = xy / (xx * yy).squareRoot()
  }
}
