// SPDX-License-Identifier: Apache-2.0

import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotFidelity

/// The kernels in float32 against the same kernels in float64: 10,000 random operations.
///
/// No error may be beyond its worst case; errors must be about what is
/// expected of them (so that the bounds say something); and one wrong bit must be beyond.
@Suite struct RoundingTests {
  private let compute = Compute(threads: 1)

  /// What was seen of one kind of operation.
  private struct Seen {
    var count = 0
    var beyond = 0
    var largestShare = 0.0
    var squares = 0.0
    var numbers = 0.0

    mutating func add(_ error: Double, _ bound: RoundingAnalysis.Bound) {
      // Written so that NaN is beyond.
      if !(error <= bound.worst) { beyond += 1 }
      guard bound.worst > 0 else { return }
      largestShare = max(largestShare, error / bound.worst)
      if bound.expected > 0 {
        squares += (error / bound.expected) * (error / bound.expected)
        numbers += 1
      }
    }

    /// Errors in units of what is expected, root of the mean square.
    var ratio: Double { (squares / max(1, numbers)).squareRoot() }
  }

  private func numbers(_ count: Int, _ random: inout SeededGenerator) -> [Float] {
    let scale = Float.random(in: -6...6, using: &random)
    let shift = Bool.random(using: &random) ? 0 : Float.random(in: -3...3, using: &random)
    return (0..<count).map { _ in (Float.random(in: -1...1, using: &random) + shift) * scale }
  }

  private func width(_ random: inout SeededGenerator) -> Int {
    // Spread evenly over magnitudes.
    min(3072, max(1, 1 << Int.random(in: 0...11, using: &random)) + Int.random(in: 0..<700, using: &random))
  }

  private func row(_ values: [Float]) -> Matrix<Float> { Matrix(values: values, rows: 1, columns: values.count) }
  private func doubles(_ values: [Float]) -> [Double] { values.map(Double.init) }

  @Test func `4,000 products stay within their running bound`() throws {
    var random = SeededGenerator(seed: 51)
    var seen = Seen()
    for _ in 0..<4000 {
      let k = width(&random)
      let (a, w, bias) = (numbers(k, &random), numbers(k, &random), numbers(1, &random))
      var (single, double) = (Matrix<Float>(rows: 1, columns: 1), Matrix<Double>(rows: 1, columns: 1))
      let weights = WeightMatrix(rows: row(w))
      try compute.product(row(a), weights, bias: bias, into: &single)
      try compute.product(
        Matrix(values: doubles(a), rows: 1, columns: k), weights, bias: doubles(bias), into: &double)
      seen.count += 1
      seen.add(
        abs(Double(single.values[0]) - double.values[0]),
        RoundingAnalysis.product(doubles(a), doubles(w), bias: Double(bias[0])))
    }
    #expect(seen.count == 4000 && seen.beyond == 0, "\(seen)")
    #expect((0.5...1.5).contains(seen.ratio), "errors are \(seen.ratio) of what is expected")
    #expect(seen.largestShare > 0.01, "\(seen.largestShare)")
  }

  @Test func `2,000 layer norms stay within their running bound`() {
    var random = SeededGenerator(seed: 52)
    var seen = Seen()
    for _ in 0..<2000 {
      let n = 2 + width(&random)
      let (x, gain, bias) = (numbers(n, &random), numbers(n, &random), numbers(n, &random))
      var single = row(x)
      var double = Matrix(values: doubles(x), rows: 1, columns: n)
      compute.layerNorm(in: &single, gain: gain, bias: bias, epsilon: 1e-5)
      compute.layerNorm(in: &double, gain: doubles(gain), bias: doubles(bias), epsilon: 1e-5)
      let bounds = RoundingAnalysis.layerNorm(doubles(x), gain: doubles(gain), bias: doubles(bias), epsilon: 1e-5)
      seen.count += 1
      for c in 0..<n { seen.add(abs(Double(single.values[c]) - double.values[c]), bounds[c]) }
    }
    #expect(seen.count == 2000 && seen.beyond == 0, "\(seen)")
    #expect((0.2...2).contains(seen.ratio), "errors are \(seen.ratio) of what is expected")
  }

  @Test func `2,000 rows of unit length stay within their running bound`() {
    var random = SeededGenerator(seed: 53)
    var seen = Seen()
    for _ in 0..<2000 {
      let n = width(&random)
      let x = numbers(n, &random)
      var single = row(x)
      var double = Matrix(values: doubles(x), rows: 1, columns: n)
      compute.l2Normalize(&single)
      compute.l2Normalize(&double)
      let bounds = RoundingAnalysis.unitLength(doubles(x))
      seen.count += 1
      for c in 0..<n { seen.add(abs(Double(single.values[c]) - double.values[c]), bounds[c]) }
    }
    #expect(seen.count == 2000 && seen.beyond == 0, "\(seen)")
    #expect((0.3...2).contains(seen.ratio), "errors are \(seen.ratio) of what is expected")
  }

  @Test func `1,000 attentions stay within their bound`() {
    var random = SeededGenerator(seed: 54)
    var seen = Seen()
    for _ in 0..<1000 {
      let (width, tokens) = (Int.random(in: 1...96, using: &random), Int.random(in: 1...80, using: &random))
      func matrix(_ rows: Int) -> Matrix<Float> {
        Matrix(
          values: (0..<rows * width).map { _ in Float.random(in: -3...3, using: &random) }, rows: rows, columns: width)
      }
      let (q, k, v) = (matrix(1), matrix(tokens), matrix(tokens))
      func wide(_ matrix: Matrix<Float>) -> Matrix<Double> {
        Matrix(values: doubles(matrix.values), rows: matrix.rows, columns: width)
      }
      let attention = Attention.pooling(lengths: [tokens], width: width, heads: 1)
      var (single, double) = (Matrix<Float>(rows: 1, columns: width), Matrix<Double>(rows: 1, columns: width))
      compute.attention(attention, q: q, k: k, v: v, into: &single)
      compute.attention(attention, q: wide(q), k: wide(k), v: wide(v), into: &double)
      func rows(_ matrix: Matrix<Float>) -> [[Double]] { (0..<tokens).map { matrix.row($0).map(Double.init) } }
      let bounds = RoundingAnalysis.attention(doubles(q.values), rows(k), rows(v))
      seen.count += 1
      for c in 0..<width {
        seen.add(
          abs(Double(single.values[c]) - double.values[c]),
          RoundingAnalysis.Bound(worst: bounds[c], expected: 0))
      }
    }
    #expect(seen.count == 1000 && seen.beyond == 0, "\(seen)")
    #expect(seen.largestShare > 0.01, "\(seen.largestShare)")
  }

  @Test(arguments: [Activation.quickGELU, .gelu, .geluTanh])
  func `1,000 numbers through each activation stay within its bound`(_ activation: Activation) {
    var random = SeededGenerator(seed: 55)
    let x = (0..<1000).map { _ in Float.random(in: -20...20, using: &random) }
    var (single, double) = (row(x), Matrix(values: doubles(x), rows: 1, columns: x.count))
    compute.activate(activation, &single)
    compute.activate(activation, &double)
    for (place, value) in x.enumerated() {
      let error = abs(Double(single.values[place]) - double.values[place])
      #expect(error <= RoundingAnalysis.activation * max(1, Double(abs(value))), "\(value)")
    }
  }

  @Test func `a term that is left out is beyond every bound`() throws {
    var random = SeededGenerator(seed: 56)
    var found = 0
    for _ in 0..<500 {
      let k = 64
      let (a, w) = (numbers(k, &random), numbers(k, &random))
      var (short, double) = (Matrix<Float>(rows: 1, columns: 1), Matrix<Double>(rows: 1, columns: 1))
      try compute.product(row(Array(a.dropLast())), WeightMatrix(rows: row(Array(w.dropLast()))), into: &short)
      try compute.product(
        Matrix(values: doubles(a), rows: 1, columns: k), WeightMatrix(rows: row(w)), into: &double)
      let bound = RoundingAnalysis.product(doubles(a), doubles(w), bias: 0)
      if abs(Double(short.values[0]) - double.values[0]) > bound.worst { found += 1 }
    }
    // A last term within the rounding of all others is rarer than one in a hundred.
    #expect(found >= 495, "\(found) of 500")
  }
}
