// SPDX-License-Identifier: Apache-2.0

/// Running analysis of rounding errors: what float32 can at worst, and does on average, add to each operation of the kernels.
///
/// `Formats/numerics.md`, section "Rounding", derives the formulas. Each function takes the very numbers of one operation, in float64, and follows the float32 kernel's
/// order; `RoundingTests` holds the kernels to them.
enum RoundingAnalysis {
  /// Half the distance from 1 to the next float32.
  static let unitRoundoff = 0x1p-24
  /// The mean square of a rounding error over u²|x|², averaged over mantissas: a third of the mean of (2^e / x)², which is 1/2 for mantissas spread evenly.
  private static let meanSquare = 1.0 / 6

  /// What an error may be.
  struct Bound: Equatable {
    /// Never exceeded.
    var worst: Double
    /// The root of the mean square, where errors of single roundings are independent.
    var expected: Double
  }

  /// γ(n) = n u / (1 − n u): what n roundings one after the other can add, relatively.
  static func gamma(_ roundings: Int) -> Double {
    let n = Double(roundings) * unitRoundoff
    return n / (1 - n)
  }

  /// One chain of fused multiply-adds, then the addition of a bias: every partial sum is rounded once.
  static func product(_ a: [Double], _ w: [Double], bias: Double) -> Bound {
    var (sum, sizes, squares, magnitude) = (0.0, 0.0, 0.0, 0.0)
    for (x, y) in zip(a, w) {
      sum += x * y
      magnitude += abs(x * y)
      sizes += abs(sum)
      squares += sum * sum
    }
    sizes += abs(sum + bias)
    squares += (sum + bias) * (sum + bias)
    // Partial sums as computed are themselves off: second order, covered by γ of the terms.
    let second = gamma(a.count + 1) * Double(a.count + 1) * unitRoundoff * (magnitude + abs(bias))
    return Bound(
      worst: unitRoundoff * sizes + second, expected: unitRoundoff * (meanSquare * squares).squareRoot())
  }

  /// Additions that each number of a row takes part in: its lane's, and the three of the tree.
  static func additions(_ width: Int) -> Int { (width + 7) / 8 + 3 }

  /// Layer norm of a row, for each of its numbers.
  static func layerNorm(_ x: [Double], gain: [Double], bias: [Double], epsilon: Double) -> [Bound] {
    let u = unitRoundoff
    let n = Double(x.count)
    let mean = x.reduce(0, +) / n
    let size = x.reduce(0) { $0 + abs($1) } / n
    let sums = additions(x.count)
    let meanError = gamma(sums + 1) * size
    // Errors of the mean, which all numbers share: random signs of about √(sums) roundings of sums that grow with their length.
    let meanScatter = u * (meanSquare * Double(sums)).squareRoot() * abs(size) / 8.0.squareRoot() + u * abs(mean)
    let distances = x.map { $0 - mean }
    let variance = distances.reduce(0) { $0 + $1 * $1 } / n
    let distanceErrors = distances.map { meanError + u * (abs($0) + meanError) }
    var crossed = 0.0
    for (d, error) in zip(distances, distanceErrors) { crossed += 2 * abs(d) * error + error * error }
    let varianceError: Double = crossed / n + gamma(sums + 2) * variance
    let inverse = 1 / (variance + epsilon).squareRoot()
    // 1 / √: the derivative is half the relative error, at the smallest variance possible; then the sum, the root and the division.
    let rest = max(variance + epsilon - varianceError, .leastNormalMagnitude)
    let inverseError = varianceError / (2 * rest) + 3 * u
    let inverseScatter = u * (meanSquare * (Double(sums) / 4 + 3)).squareRoot()
    return x.indices.map { c in
      let d = abs(distances[c])
      let scaled = abs(gain[c]) * inverse
      let y = abs(distances[c] * inverse * gain[c] + bias[c])
      let own = distanceErrors[c]
      let factor: Double = inverseError + 2 * u
      let slack: Double = 1 + 4 * u
      let product: Double = scaled * (own + (d + own) * factor)
      let worst: Double = (product + u * y) * slack
      let factorScatter: Double = 2 * u * u * meanSquare + inverseScatter * inverseScatter
      let inner: Double = meanScatter * meanScatter + d * d * factorScatter
      let scatter: Double = scaled * scaled * inner + u * u * meanSquare * y * y
      return Bound(worst: worst, expected: scatter.squareRoot())
    }
  }

  /// A row brought to unit length, for each of its numbers.
  static func unitLength(_ x: [Double]) -> [Bound] {
    let u = unitRoundoff
    let length = x.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let sums = additions(x.count)
    let relative = gamma(sums) / 2 + 2 * u + gamma(sums) * gamma(sums)
    let scatter = u * (meanSquare * (Double(sums) / 8 + 2)).squareRoot()
    return x.map { Bound(worst: abs($0) / length * relative, expected: abs($0) / length * scatter) }
  }

  /// How far a float32 activation is from the exact one, over max(1, |x|): measured over all floats.
  static let activation = 1.2e-7

  /// Softmax over scores of one query and the sum of the values that it weighs, for each column.
  ///
  /// - Parameters:
  ///   - query: one row.
  ///   - keys: one row each.
  ///   - values: one row each.
  /// - Returns: for each column of the values, what its error is at most.
  static func attention(_ query: [Double], _ keys: [[Double]], _ values: [[Double]]) -> [Double] {
    let u = unitRoundoff
    let factor = 1 / Double(query.count).squareRoot()
    let scores = keys.map { key in zip(query, key).reduce(0) { $0 + $1.0 * $1.1 } * factor }
    // Each score: a product, the factor's own rounding (two operations), and the multiplication.
    let errors = zip(keys, scores).map { product(query, $0, bias: 0).worst * factor + 3 * u * abs($1) }
    let largest = scores.max() ?? 0
    let largestError = errors.max() ?? 0
    let shares = scores.map { exponential($0 - largest) }
    let sum = shares.reduce(0, +)
    // exp: 0.94 units in the last place, at most 2u relatively, and the error of its argument.
    let relative = zip(scores, errors).map { score, error -> Double in
      let argument = error + largestError + u * (abs(score - largest) + error + largestError)
      return exponential(argument) - 1 + 2 * u * exponential(argument)
    }
    var moved = 0.0
    for (share, error) in zip(shares, relative) { moved += share * error }
    let sumError: Double = (moved / sum + gamma(additions(keys.count))) * (1 + 0x1p-10)
    let weights = shares.map { $0 / sum }
    let weightErrors = zip(weights, relative).map { weight, own -> Double in
      // A share that underflows is off by itself.
      let ratio: Double = (1 + own) / (1 - sumError) * (1 + u)
      return weight * (ratio - 1) + 0x1p-126
    }
    return (values.first ?? []).indices.map { column -> Double in
      let terms = values.map { $0[column] }
      // What is off is weighed as well as what is right: second order, covered by a thousandth.
      var error = product(weights, terms, bias: 0).worst
      for (off, term) in zip(weightErrors, terms) { error += off * abs(term) }
      return error * 1.001
    }
  }
}
