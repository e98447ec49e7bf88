// SPDX-License-Identifier: Apache-2.0

import CIngotKernels
import Foundation
import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct FunctionTests {
  /// Error of `found` in units of the last place of the correctly rounded result.
  private func ulps(_ found: Float, _ exact: Double) -> Double {
    let rounded = Float(exact)
    if found == rounded { return 0 }
    let unit = Double(max(rounded.ulp, Float.leastNonzeroMagnitude))
    return abs(Double(found) - exact) / unit
  }

  /// Every 997th float: about four million of them, of all magnitudes and both signs.
  private func sweep(_ error: (Float) -> Double) -> (worst: Double, at: Float) {
    var worst = (0.0, Float.zero)
    for bits in stride(from: UInt32.zero, through: .max, by: 997) {
      let x = Float(bitPattern: bits)
      guard x.isFinite else { continue }
      let value = error(x)
      if value > worst.0 { worst = (value, x) }
    }
    return worst
  }

  @Test func `exp is within 2 ulp over all finite floats`() {
    let worst = sweep { x in
      let exact = exp(Double(x))
      if Float(exact).isInfinite { return ingot_expf(x).isInfinite ? 0 : .infinity }
      return ulps(ingot_expf(x), exact)
    }
    #expect(worst.worst <= 2, "worst \(worst.worst) ulp at \(worst.at)")
  }

  @Test func `exp keeps NaN and reaches its limits`() {
    #expect(ingot_expf(.nan).isNaN)
    #expect(ingot_expf(-.infinity) == 0 && ingot_expf(.infinity) == .infinity)
  }

  /// The function in float64; GELU by erfc, as 1 + erf cancels.
  private func exact(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .identity: x
    case .relu: max(x, 0)
    case .quickGELU: x / (1 + exp(-1.702 * x))
    case .gelu: x * 0.5 * erfc(-x / 2.0.squareRoot())
    case .silu: x / (1 + exp(-x))
    case .geluTanh: x / (1 + exp(-2 * (2 / Double.pi).squareRoot() * (x + 0.044715 * x * x * x)))
    }
  }

  @Test(arguments: Activation.allCases)
  func `activations are within 2 ulp over all finite floats`(_ activation: Activation) {
    var inputs: [Float] = []
    for bits in stride(from: UInt32.zero, through: .max, by: 997) {
      let x = Float(bitPattern: bits)
      if x.isFinite { inputs.append(x) }
    }
    var x = Matrix(values: inputs, rows: 1, columns: inputs.count)
    Compute().activate(activation, &x)
    var worst = (error: 0.0, at: Float.zero)
    for (input, found) in zip(inputs, x.values) {
      let exact = exact(activation, Double(input))
      // Far out on the negative side results are below 2^-120 and may be anything as small.
      let isTiny = input < -1 && abs(exact) < 0x1p-120
      let error = isTiny ? (abs(found) <= 0x1p-120 ? 0 : .infinity) : ulps(found, exact)
      if error > worst.error { worst = (error, input) }
    }
    #expect(worst.error <= 2, "worst \(worst.error) ulp at \(worst.at)")
  }

  @Test(arguments: Activation.allCases)
  func `activations keep NaN, infinity and zero`(_ activation: Activation) {
    for compute in computes {
      var x = Matrix<Float>(values: [.nan, .infinity, -.infinity, 0, -0.0], rows: 1, columns: 5)
      compute.activate(activation, &x)
      #expect(x.values[0].isNaN && x.values[1] == .infinity && x.values[3] == 0 && x.values[4] == 0)
      if activation != .identity { #expect(x.values[2].magnitude <= 0x1p-120) }
    }
  }

  @Test(arguments: Activation.allCases)
  func `activations agree with float64 and with themselves on every path`(_ activation: Activation) {
    var generator = SeededGenerator(seed: 21)
    let values = generator.unevenFloats(1003)
    var first: [UInt32]?
    for compute in computes {
      var x = Matrix(values: values, rows: 1, columns: values.count)
      compute.activate(activation, &x)
      let bits = x.values.map(\.bitPattern)
      if let first { #expect(bits == first, "\(compute)") } else { first = bits }
      var wide = Matrix(values: values.map(Double.init), rows: 1, columns: values.count)
      compute.activate(activation, &wide)
      for (index, input) in values.enumerated() {
        let exact = exact(activation, Double(input))
        // Far out on the negative side results are below 2^-120 and may be anything as small.
        let isTiny = input < -1 && abs(exact) < 0x1p-120
        #expect(
          isTiny ? abs(x.values[index]) <= 0x1p-120 : ulps(x.values[index], exact) <= 2, "\(activation)(\(input))")
        #expect(abs(wide.values[index] - exact) <= 1e-15 * max(1, abs(Double(input))))
      }
    }
  }

  @Test func `every half widens and narrows back to itself`() {
    let all = (0...UInt16.max).flatMap { [UInt8(truncatingIfNeeded: $0), UInt8(truncatingIfNeeded: $0 >> 8)] }
    for type in [ElementType.float16, .bfloat16] {
      let wide: [Float] = all.withRawSpan { widen($0, of: type) }
      let back = narrow(wide, to: type)
      for pattern in 0...Int(UInt16.max) {
        let value = wide[pattern]
        if value.isNaN { continue }
        #expect(back[2 * pattern] == all[2 * pattern] && back[2 * pattern + 1] == all[2 * pattern + 1])
        if type == .bfloat16 { #expect(value.bitPattern == UInt32(pattern) << 16) }
      }
    }
  }

  @Test func `narrowing rounds to nearest even`() {
    // 1 + 2^-11 lies halfway between 1 and the next half; 1 + 3 · 2^-11 halfway between two others.
    let values: [Float] = [1 + 0x1p-11, 1 + 3 * 0x1p-11, 1 + 0x1.01p-11, 65519.9, 65520, 0x1p-25, 0x1.8p-24, -0x1p-24]
    let expected: [UInt16] = [0x3c00, 0x3c02, 0x3c01, 0x7bff, 0x7c00, 0, 2, 0x8001]
    let bytes = narrow(values, to: .float16)
    #expect((0..<8).map { UInt16(bytes[2 * $0]) | UInt16(bytes[2 * $0 + 1]) << 8 } == expected)
  }

  @Test(arguments: [ElementType.float16, .bfloat16, .float32, .float64])
  func `numbers that are not finite are counted at every alignment and length`(_ type: ElementType) {
    let size = type.byteCount
    // The upper two bytes of infinity, a NaN of either kind, and the largest finite number.
    let tops: [ElementType: (specials: [UInt16], finite: UInt16)] = [
      .float16: ([0x7c00, 0xfc00, 0x7c01, 0xfe00], 0x7bff), .bfloat16: ([0x7f80, 0xff80, 0x7f81, 0xffc0], 0x7f7f),
      .float32: ([0x7f80, 0xff80, 0x7f81, 0xffc0], 0x7f7f), .float64: ([0x7ff0, 0xfff0, 0x7ff1, 0xfff8], 0x7fef),
    ]
    guard let (specials, finite) = tops[type] else { return }
    for (count, offset) in [(0, 0), (1, 1), (31, 3), (16_384, 0), (40_003, 1)] {
      var bytes = [UInt8](repeating: 0xff, count: offset + count * size)
      var expected = 0
      for index in 0..<count {
        let isSpecial = index % 7 == 3 || index == count - 1
        let top = isSpecial ? specials[index % 4] : finite
        expected += isSpecial ? 1 : 0
        bytes[offset + index * size + size - 2] = UInt8(truncatingIfNeeded: top)
        bytes[offset + index * size + size - 1] = UInt8(top >> 8)
      }
      let found = bytes.withRawSpan { nonfiniteCount(in: $0.extracting(offset..<bytes.count), of: type) }
      #expect(found == expected, "\(count) numbers")
    }
  }
}
