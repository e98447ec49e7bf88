// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

/// The pass of logistic regression: held to float64, and the same bits on every path and number of threads.
@Suite struct RegressionTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let rows: Int
    let width: Int
    let classes: Int
    var testDescription: String { "\(rows)×\(width), \(classes) classes" }
  }

  static let cases = [
    Case(rows: 1, width: 1, classes: 2), Case(rows: 9, width: 5, classes: 3), Case(rows: 300, width: 64, classes: 10),
    Case(rows: 257, width: 37, classes: 7), Case(rows: 700, width: 200, classes: 16),
    Case(rows: 130, width: 100, classes: 33),
    Case(rows: 513, width: 71, classes: 5),
  ]

  private struct Input {
    let features: [Float]
    let weights: Matrix<Float>
    let bias: [Float]
    let labels: [Int32]

    init(_ size: Case) {
      var random = SeededGenerator(seed: UInt64(size.rows * 7919 + size.width * 31 + size.classes))
      features = (0..<size.rows * size.width).map { _ in Float.random(in: -2...2, using: &random) }
      weights = Matrix(
        values: (0..<size.classes * size.width).map { _ in Float.random(in: -0.5...0.5, using: &random) },
        rows: size.classes, columns: size.width)
      bias = (0..<size.classes).map { _ in Float.random(in: -1...1, using: &random) }
      labels = (0..<size.rows).map { _ in Int32.random(in: -1..<Int32(size.classes), using: &random) }
    }

    func sums(_ compute: Compute) throws -> LogisticSums {
      var sums = LogisticSums(classes: weights.rows, width: weights.columns)
      let matrix = WeightMatrix(rows: weights)
      // In two parts, as tables are handed on.
      let half = labels.count / 2 / 256 * 256
      try features.withRawSpan { bytes in
        let middle = half * weights.columns * 4
        try compute.addLogisticSums(
          of: bytes.extracting(0..<middle), labels: labels[0..<half], weights: matrix, bias: bias, to: &sums)
        try compute.addLogisticSums(
          of: bytes.extracting(middle..<bytes.byteCount), labels: labels[half...], weights: matrix, bias: bias,
          to: &sums)
      }
      return sums
    }

    /// The same in float64, as a textbook has it.
    func reference() -> (loss: Double, gradient: [Double], bias: [Double]) {
      let (classes, width) = (weights.rows, weights.columns)
      var (loss, gradient, biases) = (
        0.0, [Double](repeating: 0, count: classes * width), [Double](repeating: 0, count: classes)
      )
      for (row, label) in labels.enumerated() where label >= 0 {
        let x = features[row * width..<(row + 1) * width].map(Double.init)
        let scores = (0..<classes).map { c in
          zip(weights.row(c), x).reduce(Double(bias[c])) { $0 + Double($1.0) * $1.1 }
        }
        let top = scores.max() ?? 0
        let powers = scores.map { exp($0 - top) }
        let total = powers.reduce(0, +)
        loss += log(total) + top - scores[Int(label)]
        for c in 0..<classes {
          let difference = powers[c] / total - (c == Int(label) ? 1 : 0)
          biases[c] += difference
          for k in 0..<width { gradient[c * width + k] += difference * x[k] }
        }
      }
      return (loss, gradient, biases)
    }
  }

  @Test(arguments: cases)
  func `is close to float64, the same bits everywhere`(_ size: Case) throws {
    let input = Input(size)
    let first = try input.sums(computes[0])
    let reference = input.reference()
    // Scores are chains of `width` float32 steps on numbers below 2 · 0.5 · width; probabilities and sums of 256 rows add a few more.
    let unit = Double(Float.ulpOfOne)
    let scoreError = Double(size.width + 8) * unit * Double(size.width)
    let tolerance = Double(size.rows) * (scoreError + 300 * unit) * 2
    #expect(abs(first.loss - reference.loss) <= tolerance, "\(first.loss), \(reference.loss)")
    for (found, expected) in zip(first.gradient, reference.gradient) { #expect(abs(found - expected) <= tolerance * 2) }
    for (found, expected) in zip(first.biasGradient, reference.bias) { #expect(abs(found - expected) <= tolerance) }
    // A step that is wrong is seen: with one label changed, or one weight, the sums are others by far.
    #expect(size.rows == 1 || first.loss > 100 * tolerance)
    for compute in computes.dropFirst() {
      let other = try input.sums(compute)
      #expect(other.loss == first.loss && other.gradient == first.gradient && other.biasGradient == first.biasGradient)
    }
  }

  @Test(arguments: cases)
  func `scores are the product's, bit for bit`(_ size: Case) throws {
    let input = Input(size)
    for compute in computes {
      let matrix = WeightMatrix(rows: input.weights)
      var expected = Matrix<Float>(rows: size.rows, columns: size.classes)
      try compute.product(
        Matrix(values: input.features, rows: size.rows, columns: size.width), matrix, bias: input.bias, into: &expected)
      let found = try input.features.withRawSpan {
        try compute.classScores(of: $0, count: size.rows, weights: matrix, bias: input.bias)
      }
      #expect(found == expected)
    }
  }

  @Test func `a feature that is not a number makes the loss none`() throws {
    let input = Input(Case(rows: 8, width: 8, classes: 3))
    var features = input.features
    features[20] = .nan
    var sums = LogisticSums(classes: 3, width: 8)
    try features.withRawSpan {
      try Compute().addLogisticSums(
        of: $0, labels: [0, 1, 2, 0, 1, 2, 0, 1], weights: WeightMatrix(rows: input.weights), bias: input.bias,
        to: &sums)
    }
    #expect(sums.loss.isNaN)
  }
}
