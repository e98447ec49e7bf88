// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

/// Every way to compute that this machine has.
let computes: [Compute] = Compute.InstructionPath.allCases.filter(\.isAvailable).flatMap { path in
  [1, 2, 3].map { Compute(path: path, threads: $0) }
}

@Suite struct ProductTests {
  /// The specification of Formats/numerics.md, word for word.
  private func specification(
    _ a: Matrix<Float>, _ w: [Float], outputs: Int, layout: WeightMatrix.Layout, scale: [Float], bias: [Float],
    base: [Float]?
  ) -> [Float] {
    var c = [Float](repeating: 0, count: a.rows * outputs)
    for r in 0..<a.rows {
      for j in 0..<outputs {
        var sum: Float = 0
        for k in 0..<a.columns {
          sum.addProduct(
            a.values[r * a.columns + k], layout == .outputMajor ? w[j * a.columns + k] : w[k * outputs + j])
        }
        if !scale.isEmpty { sum *= scale[j] }
        if !bias.isEmpty { sum += bias[j] }
        c[r * outputs + j] = base.map { $0[r * outputs + j] + sum } ?? sum
      }
    }
    return c
  }

  struct Case: Sendable, CustomTestStringConvertible {
    let rows: Int
    let inputs: Int
    let outputs: Int
    var testDescription: String { "\(rows)×\(inputs)×\(outputs)" }
  }

  static let cases: [Case] = {
    var generator = SeededGenerator(seed: 1)
    var cases = [(1, 1, 1), (6, 16, 16), (7, 17, 33), (241, 385, 65), (2, 769, 48), (500, 5, 3), (1, 800, 130)]
    for _ in 0..<40 {
      cases.append(
        (
          Int.random(in: 1...30, using: &generator), Int.random(in: 1...300, using: &generator),
          Int.random(in: 1...100, using: &generator)
        ))
    }
    return cases.map { Case(rows: $0.0, inputs: $0.1, outputs: $0.2) }
  }()

  @Test(arguments: cases)
  func `every path and thread count gives the bits of the specification`(_ size: Case) throws {
    var generator = SeededGenerator(seed: UInt64(size.rows * 1_000_003 + size.inputs * 1009 + size.outputs))
    let a = Matrix(values: generator.unevenFloats(size.rows * size.inputs), rows: size.rows, columns: size.inputs)
    let w = generator.unevenFloats(size.inputs * size.outputs)
    let scale = generator.unevenFloats(size.outputs)
    let bias = generator.unevenFloats(size.outputs)
    let base = generator.unevenFloats(size.rows * size.outputs)
    for layout in [WeightMatrix.Layout.outputMajor, .inputMajor] {
      let shape = layout == .outputMajor ? Shape(size.outputs, size.inputs) : Shape(size.inputs, size.outputs)
      let weights = try MemoryCheckpoint(type: .float32, shape: shape, bytes: w.littleEndianBytes).weights(layout)
      let plain = specification(a, w, outputs: size.outputs, layout: layout, scale: [], bias: [], base: nil)
      let full = specification(a, w, outputs: size.outputs, layout: layout, scale: scale, bias: bias, base: base)
      for compute in computes {
        var c = Matrix<Float>(rows: size.rows, columns: size.outputs)
        try compute.product(a, weights, into: &c)
        #expect(c.values.map(\.bitPattern) == plain.map(\.bitPattern), "\(compute) \(layout)")
        c = Matrix(values: base, rows: size.rows, columns: size.outputs)
        try compute.product(a, weights, scale: scale, bias: bias, residual: .target, into: &c)
        #expect(c.values.map(\.bitPattern) == full.map(\.bitPattern), "\(compute) \(layout)")
      }
    }
  }

  @Test(arguments: [ElementType.float16, .bfloat16])
  func `half-precision weights give the bits of their widened values, at any alignment`(_ type: ElementType) throws {
    var generator = SeededGenerator(seed: 2)
    let a = Matrix(values: generator.unevenFloats(5 * 37), rows: 5, columns: 37)
    let stored = narrow(generator.unevenFloats(37 * 29), to: type)
    let wide: [Float] = stored.withRawSpan { widen($0, of: type) }
    let expected = specification(a, wide, outputs: 29, layout: .outputMajor, scale: [], bias: [], base: nil)
    let shifted = Unaligned(bytes: [0] + stored, count: stored.count)
    let tensor = try #require(TensorDescriptor(name: "w", type: type, shape: Shape(29, 37), access: .mapped))
    let weights = try WeightMatrix(tensor, in: shifted, layout: .outputMajor)
    for compute in computes {
      var c = Matrix<Float>(rows: 5, columns: 29)
      try compute.product(a, weights, into: &c)
      #expect(c.values.map(\.bitPattern) == expected.map(\.bitPattern), "\(compute)")
    }
  }

  @Test func `int8 weights are summed as integers and scaled once`() throws {
    var generator = SeededGenerator(seed: 3)
    let a = Matrix(values: generator.unevenFloats(4 * 70), rows: 4, columns: 70)
    let quantized = (0..<20 * 70).map { _ in Int8.random(in: -127...127, using: &generator) }
    let scales = (0..<20).map { _ in Float.random(in: 0.001...0.1, using: &generator) }
    var bytes = quantized.map(UInt8.init(bitPattern:))
    bytes += [UInt8](repeating: 0, count: 1408 - bytes.count) + scales.littleEndianBytes
    let checkpoint = MemoryCheckpoint(
      type: .float32, shape: Shape(20, 70), encoding: .int8PerChannel(axis: 0), bytes: bytes)
    let expected = specification(
      a, quantized.map(Float.init), outputs: 20, layout: .outputMajor, scale: scales, bias: [], base: nil)
    for compute in computes {
      var c = Matrix<Float>(rows: 4, columns: 20)
      try compute.product(a, checkpoint.weights(.outputMajor), into: &c)
      #expect(c.values.map(\.bitPattern) == expected.map(\.bitPattern), "\(compute)")
    }
  }

  @Test(arguments: cases, [ActivationEncoding.float32, .int16, .int8])
  func `a norm within a product, and a part of its outputs, give the bits of the steps one after the other`(
    _ size: Case, _ encoding: ActivationEncoding
  ) throws {
    var generator = SeededGenerator(seed: UInt64(size.rows + 31 * size.inputs + 7 * size.outputs))
    let a = Matrix(values: generator.unevenFloats(size.rows * size.inputs), rows: size.rows, columns: size.inputs)
    let norm = InputNorm(
      gain: generator.unevenFloats(size.inputs), bias: generator.unevenFloats(size.inputs), epsilon: 1e-5)
    let w = (0..<size.outputs * size.inputs).map { _ in Int8.random(in: -127...127, using: &generator) }
    let scales = (0..<size.outputs).map { _ in Float.random(in: 0.001...0.1, using: &generator) }
    let bias = generator.unevenFloats(size.outputs)
    let weights = try int8(w, scales, inputs: size.inputs, encoding)
    for compute in computes {
      var normed = Matrix<Float>(rows: size.rows, columns: size.inputs)
      compute.layerNorm(a, gain: norm.gain, bias: norm.bias, epsilon: norm.epsilon, into: &normed)
      var apart = Matrix<Float>(rows: size.rows, columns: size.outputs)
      try compute.product(normed, weights, bias: bias, into: &apart)
      var together = Matrix<Float>(rows: size.rows, columns: size.outputs)
      try compute.product(a, normalized: norm, weights, bias: bias, into: &together)
      #expect(together.values.map(\.bitPattern) == apart.values.map(\.bitPattern), "\(compute)")
      let first = size.outputs / 2 / WeightMatrix.panel * WeightMatrix.panel
      var part = Matrix<Float>(rows: size.rows, columns: size.outputs - first)
      try compute.product(a, normalized: norm, weights, bias: bias, outputs: first..<size.outputs, into: &part)
      for row in 0..<size.rows {
        #expect(part.row(row).elementsEqual(apart.row(row).dropFirst(first)) { $0.bitPattern == $1.bitPattern })
      }
    }
  }

  /// The specification of rounded activations: scale, integers, exact sum, epilogue.
  private func rounded(_ a: ArraySlice<Float>, _ w: ArraySlice<Int8>, scale: Float, most: Int) -> Float {
    let limit = Float(min(most, 2_147_483_647 / (127 * a.count)))
    let largest = a.map(\.magnitude).max() ?? 0
    guard largest >= 0x1p-100 else { return 0 * scale }
    let factor = limit / largest
    let sum = zip(a, w).reduce(0) { $0 + Int(($1.0 * factor).rounded(.toNearestOrEven)) * Int($1.1) }
    #expect(sum.magnitude <= Int(Int32.max))
    return Float(sum) * (largest / limit) * scale
  }

  struct RoundedCase: Sendable, CustomTestStringConvertible {
    let rows: Int, inputs: Int, outputs: Int
    var testDescription: String { "\(rows)×\(inputs)×\(outputs)" }
  }

  static let roundedCases: [RoundedCase] =
    cases.map { RoundedCase(rows: $0.rows, inputs: $0.inputs, outputs: $0.outputs) }
    + [RoundedCase(rows: 3, inputs: 9001, outputs: 17)]

  @Test(arguments: roundedCases, [ActivationEncoding.int16, .int8])
  func `activations rounded to integers give the bits of the specification on every path`(
    _ size: RoundedCase, _ encoding: ActivationEncoding
  ) throws {
    var generator = SeededGenerator(seed: UInt64(size.rows + 7 * size.inputs))
    var a = Matrix(values: generator.unevenFloats(size.rows * size.inputs), rows: size.rows, columns: size.inputs)
    // One row of zeros, and one too small to be scaled.
    if size.rows > 2 {
      for k in 0..<size.inputs {
        a.values[k] = 0
        a.values[size.inputs + k] *= 0x1p-110
      }
    }
    let w = (0..<size.outputs * size.inputs).map { _ in Int8.random(in: -127...127, using: &generator) }
    let scales = (0..<size.outputs).map { _ in Float.random(in: 0.001...0.1, using: &generator) }
    let weights = try int8(w, scales, inputs: size.inputs, encoding)
    #expect(weights.activations == encoding)
    var expected: [UInt32] = []
    for r in 0..<size.rows {
      for j in 0..<size.outputs {
        expected.append(
          rounded(
            a.row(r), w[j * size.inputs..<(j + 1) * size.inputs], scale: scales[j],
            most: encoding == .int8 ? 127 : 32767
          ).bitPattern)
      }
    }
    for compute in computes {
      var c = Matrix<Float>(rows: size.rows, columns: size.outputs)
      try compute.product(a, weights, into: &c)
      #expect(c.values.map(\.bitPattern) == expected, "\(compute)")
    }
  }

  @Test func `rows that are not finite stay visible when activations are rounded`() throws {
    for (compute, encoding) in computes.flatMap({ compute in [(compute, ActivationEncoding.int16), (compute, .int8)] })
    {
      let weights = try int8([1, 2, 3, 4], [1, 1], inputs: 2, encoding)
      var c = Matrix<Float>(rows: 3, columns: 2)
      try compute.product(
        Matrix(values: [1, .nan, .infinity, 1, 1, 1], rows: 3, columns: 2), weights, into: &c)
      #expect(c.values[0..<4].allSatisfy(\.isNaN) && c.values[4...].allSatisfy(\.isFinite))
    }
  }

  private func int8(
    _ w: [Int8], _ scales: [Float], inputs: Int, _ activations: ActivationEncoding
  ) throws -> WeightMatrix {
    var bytes = w.map(UInt8.init(bitPattern:))
    bytes += [UInt8](repeating: 0, count: (bytes.count + 63) / 64 * 64 - bytes.count) + scales.littleEndianBytes
    let checkpoint = MemoryCheckpoint(
      type: .float32, shape: Shape(scales.count, inputs), encoding: .int8PerChannel(axis: 0), bytes: bytes)
    return try WeightMatrix(checkpoint.tensors[0], in: checkpoint, layout: .outputMajor, activations: activations)
  }

  @Test func `the float64 path agrees with the specification in float64`() throws {
    var generator = SeededGenerator(seed: 4)
    let a = generator.unevenFloats(9 * 401).map(Double.init)
    let w = generator.unevenFloats(401 * 37)
    let weights = try MemoryCheckpoint(type: .float32, shape: Shape(37, 401), bytes: w.littleEndianBytes)
      .weights(.outputMajor)
    var expected = [Double](repeating: 0, count: 9 * 37)
    for r in 0..<9 {
      for j in 0..<37 {
        for k in 0..<401 { expected[r * 37 + j].addProduct(a[r * 401 + k], Double(w[j * 401 + k])) }
      }
    }
    for compute in computes {
      var c = Matrix<Double>(rows: 9, columns: 37)
      try compute.product(Matrix(values: a, rows: 9, columns: 401), weights, into: &c)
      #expect(c.values.map(\.bitPattern) == expected.map(\.bitPattern), "\(compute)")
    }
  }

  @Test func `summing in another order gives other bits, so the comparison means something`() throws {
    var generator = SeededGenerator(seed: 5)
    let a = Matrix(values: generator.unevenFloats(300), rows: 1, columns: 300)
    let w = generator.unevenFloats(300)
    let forward = specification(a, w, outputs: 1, layout: .outputMajor, scale: [], bias: [], base: nil)
    let backward = specification(
      Matrix(values: a.values.reversed(), rows: 1, columns: 300), w.reversed(), outputs: 1, layout: .outputMajor,
      scale: [],
      bias: [], base: nil)
    #expect(forward[0].bitPattern != backward[0].bitPattern)
  }
}

/// Bytes that start one past an aligned address.
private struct Unaligned: Checkpoint {
  let bytes: [UInt8]
  let count: Int
  var tensors: [TensorDescriptor] { [] }

  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    try bytes.withRawSpan { try body($0.extracting(1..<1 + count)) }
  }
}
