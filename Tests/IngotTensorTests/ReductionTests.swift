// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct ReductionTests {
  /// Sum in eight lanes and the tree of Formats/numerics.md.
  private func laneSum(_ values: [Float], _ step: (Float, inout Float) -> Void) -> Float {
    var lanes = [Float](repeating: 0, count: 8)
    for (index, value) in values.enumerated() { step(value, &lanes[index % 8]) }
    return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
  }

  @Test(arguments: [1, 7, 8, 9, 64, 100, 768])
  func `layer norm gives the bits of the specification on every path`(_ width: Int) {
    var generator = SeededGenerator(seed: UInt64(width))
    let x = Matrix(values: generator.unevenFloats(5 * width), rows: 5, columns: width)
    let gain = generator.unevenFloats(width)
    let bias = generator.unevenFloats(width)
    var expected: [Float] = []
    for r in 0..<5 {
      let row = Array(x.row(r))
      let mean = laneSum(row) { $1 += $0 } / Float(width)
      let variance = laneSum(row.map { $0 - mean }) { $1.addProduct($0, $0) } / Float(width)
      let factor = 1 / (variance + 1e-5 as Float).squareRoot()
      expected += row.indices.map { bias[$0].addingProduct((row[$0] - mean) * factor, gain[$0]) }
    }
    for compute in computes {
      var out = Matrix<Float>(rows: 5, columns: width)
      compute.layerNorm(x, gain: gain, bias: bias, epsilon: 1e-5, into: &out)
      #expect(out.values.map(\.bitPattern) == expected.map(\.bitPattern), "\(compute)")
    }
  }

  @Test func `unit length is the lane sum's root`() {
    var generator = SeededGenerator(seed: 9)
    let x = Matrix(values: generator.unevenFloats(3 * 45), rows: 3, columns: 45)
    for compute in computes {
      var y = x
      compute.l2Normalize(&y)
      for r in 0..<3 {
        let length = laneSum(Array(x.row(r))) { $1.addProduct($0, $0) }.squareRoot()
        #expect(Array(y.row(r)) == x.row(r).map { $0 / length }, "\(compute)")
      }
    }
  }

  struct AttentionCase: Sendable, CustomTestStringConvertible {
    let sequences: Int, tokens: Int, heads: Int, headWidth: Int, isCausal: Bool
    var testDescription: String {
      "\(sequences)×\(tokens), \(heads) heads of \(headWidth)\(isCausal ? ", causal" : "")"
    }
  }

  @Test(arguments: [
    AttentionCase(sequences: 2, tokens: 17, heads: 2, headWidth: 64, isCausal: false),
    AttentionCase(sequences: 3, tokens: 24, heads: 1, headWidth: 64, isCausal: true),
    AttentionCase(sequences: 1, tokens: 50, heads: 3, headWidth: 20, isCausal: true),
    AttentionCase(sequences: 1, tokens: 1, heads: 1, headWidth: 8, isCausal: true),
  ])
  func `attention agrees with float64 arithmetic, and bit for bit with itself on every path`(_ size: AttentionCase)
    throws
  {
    var generator = SeededGenerator(seed: 11)
    let width = size.heads * size.headWidth
    let rows = size.sequences * size.tokens
    let qkv = Matrix(values: generator.unevenFloats(rows * 3 * width), rows: rows, columns: 3 * width)
    let geometry = Attention.packed(
      sequences: size.sequences, tokens: size.tokens, width: width, heads: size.heads, isCausal: size.isCausal)
    var first: [UInt32]?
    for compute in computes {
      var out = Matrix<Float>(rows: rows, columns: width)
      compute.attention(geometry, q: qkv, k: qkv, v: qkv, into: &out)
      let bits = out.values.map(\.bitPattern)
      if let first { #expect(bits == first, "\(compute)") } else { first = bits }
    }
    let reference = reference(qkv, size)
    let largest = reference.map(\.magnitude).max() ?? 0
    for (found, expected) in zip(try #require(first), reference) {
      // Values are convex combinations of v: an error of a few ulps of the largest score, times the largest value.
      #expect(abs(Double(Float(bitPattern: found)) - expected) <= 1e-4 * largest)
    }
  }

  @Test(arguments: [true, false])
  func `sequences of different lengths, side by side, are as each alone`(_ isCausal: Bool) {
    var generator = SeededGenerator(seed: 12)
    let (width, heads) = (48, 3)
    let lengths = [1, 7, 30, 2, 77]
    let visible = isCausal ? lengths : [1, 3, 30, 1, 50]
    let rows = lengths.reduce(0, +)
    let qkv = Matrix(values: generator.unevenFloats(rows * 3 * width), rows: rows, columns: 3 * width)
    for compute in computes {
      var together = Matrix<Float>(rows: rows, columns: width)
      compute.attention(
        .packed(lengths: lengths, visible: visible, width: width, heads: heads, isCausal: isCausal), q: qkv, k: qkv,
        v: qkv, into: &together)
      var alone: [Float] = []
      var start = 0
      for (length, seen) in zip(lengths, visible) {
        let part = qkv.gathering(start..<start + length)
        var out = Matrix<Float>(rows: length, columns: width)
        compute.attention(
          .packed(lengths: [length], visible: [seen], width: width, heads: heads, isCausal: isCausal), q: part, k: part,
          v: part, into: &out)
        alone += out.values
        start += length
      }
      #expect(together.values.map(\.bitPattern) == alone.map(\.bitPattern), "\(compute)")
    }
  }

  @Test func `a causal query is not moved by what follows it`() {
    var generator = SeededGenerator(seed: 13)
    var qkv = Matrix(values: generator.unevenFloats(40 * 96), rows: 40, columns: 96)
    let geometry = Attention.packed(sequences: 1, tokens: 40, width: 32, heads: 2, isCausal: true)
    var before = Matrix<Float>(rows: 40, columns: 32)
    var after = before
    Compute().attention(geometry, q: qkv, k: qkv, v: qkv, into: &before)
    for index in 25 * 96..<40 * 96 { qkv.values[index] += 1 }
    Compute().attention(geometry, q: qkv, k: qkv, v: qkv, into: &after)
    #expect(before.values[0..<25 * 32].elementsEqual(after.values[0..<25 * 32]))
    #expect(!before.values[(25 * 32)...].elementsEqual(after.values[(25 * 32)...]))
  }

  private func reference(_ qkv: Matrix<Float>, _ size: AttentionCase) -> [Double] {
    let width = size.heads * size.headWidth
    var out = [Double](repeating: 0, count: qkv.rows * width)
    for s in 0..<size.sequences {
      for h in 0..<size.heads {
        for t in 0..<size.tokens {
          func value(_ token: Int, _ part: Int, _ c: Int) -> Double {
            Double(qkv.values[(s * size.tokens + token) * 3 * width + part * width + h * size.headWidth + c])
          }
          let visible = size.isCausal ? t + 1 : size.tokens
          let scores = (0..<visible).map { u in
            (0..<size.headWidth).reduce(0) { $0 + value(t, 0, $1) * value(u, 1, $1) }
              / Double(size.headWidth).squareRoot()
          }
          let top = scores.max() ?? 0
          let weights = scores.map { exp($0 - top) }
          let total = weights.reduce(0, +)
          for c in 0..<size.headWidth {
            out[(s * size.tokens + t) * width + h * size.headWidth + c] =
              weights.indices.reduce(0) { $0 + weights[$1] * value($1, 2, c) } / total
          }
        }
      }
    }
    return out
  }
}
