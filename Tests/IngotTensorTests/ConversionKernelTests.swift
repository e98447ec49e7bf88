// SPDX-License-Identifier: Apache-2.0

import CIngotKernels
import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct ConversionKernelTests {
  private static let types = [ElementType.float16, .bfloat16, .float32]
  /// Shorter than a vector, than a block, and longer, with odd ends.
  private static let counts = [0, 1, 7, 8, 9, 2047, 2048, 2049, 70_001]

  private func code(_ type: ElementType) -> Int32 {
    switch type {
    case .float16: Int32(INGOT_WEIGHT_F16)
    case .bfloat16: Int32(INGOT_WEIGHT_BF16)
    default: Int32(INGOT_WEIGHT_F32)
    }
  }

  /// Values of all magnitudes; with specials also infinities and NaNs, some of them far into a block.
  private func values(_ count: Int, specials: Bool) -> [Float] {
    var generator = SeededGenerator(seed: UInt64(count + 1))
    var values = generator.unevenFloats(count)
    for index in values.indices where index % 3 == 0 {
      let value = Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
      if specials || value.isFinite { values[index] = value }
    }
    return values
  }

  private func stored(_ values: [Float], as type: ElementType) -> [UInt8] {
    type == .float32 ? values.withRawSpan { $0.copied() } : narrow(values, to: type)
  }

  @Test(arguments: types, types)
  func `one pass is widening, narrowing and comparing`(_ from: ElementType, _ to: ElementType) {
    for count in Self.counts {
      for specials in [false, true] {
        let bytes = stored(values(count, specials: specials), as: from)
        let wide: [Float] = bytes.withRawSpan { widen($0, of: from) }
        let expected = stored(wide, as: to)
        let restored: [Float] = expected.withRawSpan { widen($0, of: to) }
        let found = bytes.withRawSpan { convert($0, of: from, to: to) }
        #expect(found.bytes == expected, "\(count) numbers")
        #expect(found.difference == Difference(from: wide, to: restored), "\(count) numbers")
      }
    }
  }

  @Test func `both instruction paths narrow every kind of number to the same bits`() {
    guard Compute.InstructionPath.avx2.isAvailable else { return }
    // Every 251st float: NaNs, infinities, subnormals and ties among them.
    let values = stride(from: UInt32.zero, through: .max, by: 251).map { Float(bitPattern: $0) }
    for type in [ElementType.float16, .bfloat16] {
      var results: [[UInt8]] = []
      for path in [INGOT_PATH_PLAIN, INGOT_PATH_AVX2] {
        var out = [UInt8](repeating: 0, count: values.count * 2)
        unsafe ingot_narrow(Int32(path), code(type), values, values.count, &out)
        results.append(out)
      }
      #expect(results[0] == results[1])
    }
  }

  @Test(arguments: types)
  func `both instruction paths convert and compare to the same bits`(_ to: ElementType) {
    guard Compute.InstructionPath.avx2.isAvailable else { return }
    for specials in [false, true] {
      let values = values(70_001, specials: specials)
      var results: [[UInt8]] = []
      var figures: [[UInt64]] = []
      for path in [INGOT_PATH_PLAIN, INGOT_PATH_AVX2] {
        var out = [UInt8](repeating: 0, count: values.count * to.byteCount)
        var difference = ingot_difference()
        unsafe ingot_convert(
          Int32(path), Int32(INGOT_WEIGHT_F32), values, values.count, code(to), &out, &difference)
        results.append(out)
        figures.append([
          difference.largest.bitPattern, difference.error.bitPattern, difference.signal.bitPattern,
          difference.nonfinite, difference.created, difference.different,
        ])
      }
      #expect(results[0] == results[1])
      #expect(figures[0] == figures[1])
      #expect((figures[0][3] > 0) == specials)
    }
  }

  @Test func `comparing is the sum in eight lanes, whatever the numbers`() {
    for specials in [false, true] {
      let (a, b) = (values(5003, specials: specials), values(5003, specials: specials).map { $0 * 1.001 })
      var (error, signal) = ([Double](repeating: 0, count: 8), [Double](repeating: 0, count: 8))
      var (largest, nonfinite, created, different) = (0.0, 0, 0, 0)
      for index in a.indices {
        guard a[index].isFinite else {
          nonfinite += 1
          continue
        }
        if a[index] != b[index] { different += 1 }
        guard b[index].isFinite else {
          created += 1
          continue
        }
        let d = Double(b[index]) - Double(a[index])
        error[index % 8].addProduct(d, d)
        signal[index % 8].addProduct(Double(a[index]), Double(a[index]))
        largest = max(largest, abs(d))
      }
      func sum(_ x: [Double]) -> Double {
        ((x[0] + x[4]) + (x[2] + x[6])) + ((x[1] + x[5]) + (x[3] + x[7]))
      }
      let found = Difference(from: a, to: b)
      #expect(found.error == sum(error) && found.signal == sum(signal) && found.largest == largest)
      #expect(found.nonfinite == nonfinite && found.created == created && found.different == different)
    }
  }

  @Test(arguments: [(0, 0), (3, 1), (5, 7), (2, 4096), (1, 5001), (37, 64)])
  func `rows are quantized by the rule`(_ rows: Int, _ length: Int) {
    var generator = SeededGenerator(seed: UInt64(rows * length))
    var values = generator.unevenFloats(rows * length)
    // A row of zeros, and one of subnormals.
    if rows > 2 { for index in 0..<length { values[index] = 0 } }
    if rows > 3 { for index in length..<2 * length { values[index] = Float.leastNonzeroMagnitude } }
    let found = QuantizedRows(values, length: length)
    #expect(found.scales.count == rows && found.bytes.count == values.count)
    var saturated = 0
    for (index, value) in values.enumerated() {
      let row = values[index / length * length..<(index / length + 1) * length]
      let scale = max((row.map(\.magnitude).max() ?? 0) / 127, Float.leastNormalMagnitude)
      let byte = max(-127, min(127, (value / scale).rounded(.toNearestOrEven)))
      #expect(found.scales[index / length] == scale)
      #expect(Float(found.bytes[index]) == byte)
      #expect(found.restored[index] == byte * scale)
      if byte.magnitude == 127 { saturated += 1 }
    }
    #expect(found.saturated == saturated)
  }
}
