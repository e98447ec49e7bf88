// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// How far one float32 result of an operation may be from the exact one: the worst case of rounding analysis, not a guess.
///
/// `Formats/fidelity.md`, section "Envelopes of operations", derives each line; u is half a unit in the last place.
struct OperationEnvelope {
  /// One number of a result.
  typealias Place = NumberPlace

  private static let u = ErrorModel.unitRoundoff
  let operation: Operation<Double>
  let operands: [Matrix<Float>]
  /// The float32 result.
  let result: Matrix<Float>
  let compute: Compute

  /// The bounds at some places.
  func bounds(at places: [Place]) throws -> [Double] {
    let u = Self.u
    switch operation.kind {
    case .constant, .lookup, .selection: return places.map { _ in 0 }
    case .bias, .placement, .sum, .factor: return places.map { u * magnitude($0) }
    case .activation:
      // Two units in the last place, measured over all floats; the exact value may be in the next binade.
      return places.map { 2 * ElementType.float32.unitInLastPlace(at: magnitude($0) * (1 + 0x1p-20)) + 0x1p-120 }
    case .unitLength: return places.map { Double(operands[0].columns / 8 + 12) * u * magnitude($0) }
    case .product(let weights, _):
      let columns = try Self.weights(of: operation, places.map(\.column), compute)
      return places.map { place in
        Self.product(operands[0].row(place.row), columns[place.column] ?? [], weights.activations)
      }
    case .layerNorm(let gain, _, let epsilon):
      return places.map {
        norm(operands[0].row($0.row), index: $0.column, gain: gain[$0.column], epsilon: epsilon) + u * magnitude($0)
      }
    case .attention(let attention): return places.map { self.attention($0, attention) }
    case .other(_, let field, _):
      // Without a field, sums of at most a map's places: 1,024 terms of the size of the largest result.
      let largest = result.values.reduce(0) { max($0, Double($1.magnitude)) }
      return places.map { place in
        field(place, operands[0].columns).map { bound(of: $0, at: place) } ?? 1024 * u * largest
      }
    }
  }

  private func bound(of field: ReceptiveField<Double>, at place: Place) -> Double {
    switch field {
    case .moved, .largest: return 0
    case .sum(let terms):
      return Self.product(operands[0].numbers(of: terms)[...], terms.map(\.weight), .float32)
    case .mean(let places):
      let count = Double(places.count)
      return (count + 1) * Self.u * operands[0].numbers(at: places).reduce(0) { $0 + abs(Double($1)) } / count
    case .norm(let places, let index, let gain, _, let epsilon):
      return norm(operands[0].numbers(at: places)[...], index: index, gain: gain, epsilon: epsilon)
        + Self.u * magnitude(place)
    }
  }

  /// What two sides' bounds allow together; of a side whose result is no number, none.
  static func sum(_ first: Double, _ second: Double) -> Double {
    (first.isFinite ? first : 0) + (second.isFinite ? second : 0)
  }

  private func magnitude(_ place: Place) -> Double { Double(result.row(place.row)[at: place.column].magnitude) }

  /// The bound of a product, or of the part of its sum over some inputs.
  static func product(
    _ x: ArraySlice<Float>, _ weights: [Double], _ rounding: ActivationEncoding, over inputs: Range<Int>? = nil
  ) -> Double {
    var (terms, sum, largest) = (0.0, 0.0, 0.0)
    for (index, (value, weight)) in zip(x, weights).enumerated() {
      largest = max(largest, Double(value.magnitude))
      if let inputs, !inputs.contains(index) { continue }
      terms += abs(Double(value) * weight)
      sum += abs(weight)
    }
    let count = Double(weights.count)
    guard rounding != .float32 else { return (Double(inputs?.count ?? weights.count) + 4) * u * terms }
    // Sums of integers are exact; activations lie within half a step of the integers, and the step of t.
    let levels = min(rounding == .int8 ? 127 : 32767, ((0x1p31 - 1) / (127 * max(1, count))).rounded(.down))
    return 8 * u * terms + (largest / levels) * (0.5 + 0x1p-8) * sum
  }

  /// The bound of one of the numbers that are normalised, but for the rounding of the result.
  private func norm(_ row: ArraySlice<Float>, index: Int, gain: Double, epsilon: Double) -> Double {
    let count = Double(row.count)
    let mean = row.reduce(0) { $0 + Double($1) } / count
    let size = row.reduce(0) { $0 + abs(Double($1)) } / count
    let variance = row.reduce(0) { $0 + (Double($1) - mean) * (Double($1) - mean) } / count + epsilon
    let deviation = variance.squareRoot()
    let chain = (count / 8 + 8) * Self.u
    // The mean's error, then that of the distance from it, then that of the variance, to which the mean's adds its square only.
    let meanError = chain * size
    let distance = abs(Double(row[at: index]) - mean)
    let distanceError = meanError + Self.u * distance
    let relative = chain + (meanError / deviation) * (meanError / deviation) + 6 * Self.u
    return abs(gain) / deviation * (distanceError + distance * relative)
  }

  private func attention(_ place: Place, _ attention: Attention) -> Double {
    let u = Self.u
    let keys = operands[operands.count > 1 ? 1 : 0]
    let values = operands[operands.count - 1]
    let (range, columns) = attention.seen(by: place.row, column: place.column)
    let root = Double(attention.headWidth).squareRoot()
    var scores: [Double] = []
    var scoreError = 0.0
    for key in range {
      var (score, terms) = (0.0, 0.0)
      for c in columns {
        let term =
          Double(operands[0].row(place.row)[at: attention.queryColumn + c])
          * Double(keys.row(key)[at: attention.keyColumn + c])
        score += term
        terms += abs(term)
      }
      scores.append(score / root)
      scoreError = max(scoreError, Double(attention.headWidth + 3) * u * terms / root)
    }
    let top = scores.max() ?? 0
    // A weight below e⁻⁶⁰ of the largest is nothing in float32.
    let weights = scores.map { $0 - top < -60 ? 0 : Self.exponential($0 - top) }
    let total = weights.reduce(0, +)
    var sum = 0.0
    for (weight, key) in zip(weights, range) {
      sum += weight / total * abs(Double(values.row(key)[at: attention.valueColumn + place.column]))
    }
    return sum * (2 * scoreError + Double(2 * scores.count + 16) * u)
  }

  private static func exponential(_ x: Double) -> Double {
    // (e^(x/1024))^1024 by a short series: bounds need two digits.
    var y = 1 + x / 1024 + x * x / 2_097_152
    for _ in 0..<10 { y *= y }
    return y
  }

  /// The weights of some columns of a product, scales included: what it makes of unit vectors.
  static func weights(
    of operation: Operation<Double>, _ columns: [Int], _ compute: Compute
  ) throws -> [Int: [Double]] {
    guard case .product(let weights, let scale) = operation.kind else { return [:] }
    return try Self.columns(columns, of: weights, scale: scale, compute)
  }

  /// Some columns of a matrix of weights, times their scales where there are some.
  static func columns(
    _ columns: [Int], of weights: WeightMatrix, scale: [Double], _ compute: Compute
  ) throws -> [Int: [Double]] {
    let wanted = Set(columns)
    var found = Dictionary(uniqueKeysWithValues: wanted.map { ($0, [Double]()) })
    let together = 128
    for start in stride(from: 0, to: weights.inputs, by: together) {
      let count = min(together, weights.inputs - start)
      var unit = Matrix<Double>(rows: count, columns: weights.inputs)
      for row in 0..<count { unit.values[row * weights.inputs + start + row] = 1 }
      var product = Matrix<Double>(rows: count, columns: weights.outputs)
      try compute.product(unit, weights, scale: scale, into: &product)
      for column in wanted {
        for row in 0..<count { found[column]?.append(product.values[row * product.columns + column]) }
      }
    }
    return found
  }
}

extension Attention {
  /// The keys that a query sees, and the columns of its head counted from the first of the queries.
  func seen(by row: Int, column: Int) -> (keys: Range<Int>, columns: Range<Int>) {
    let sequence = min(queryStarts.lastIndex { $0 <= row } ?? 0, sequences - 1)
    let visible = isCausal ? min(visible[sequence], row - queryStarts[sequence] + 1) : visible[sequence]
    let head = column / headWidth
    return (
      keyStarts[sequence]..<keyStarts[sequence] + visible, head * headWidth..<(head + 1) * headWidth
    )
  }
}

extension Matrix<Float> {
  /// Some numbers, in that order.
  func numbers(at places: [NumberPlace]) -> [Float] { places.map { values[$0.row * columns + $0.column] } }

  /// What terms multiply, in their order.
  func numbers(of terms: [ReceptiveField<Double>.Term]) -> [Float] {
    terms.map { term in term.place.map { values[$0.row * columns + $0.column] } ?? 1 }
  }
}

extension ArraySlice {
  /// Counted from the slice's own start.
  subscript(at index: Int) -> Element { self[startIndex + index] }
}
