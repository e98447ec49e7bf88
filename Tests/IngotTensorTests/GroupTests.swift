// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

/// Integers of 8, 6 and 4 bits with a scale for each group: `Formats/numerics.md`, section "Scales".
@Suite struct GroupTests {
  private struct OneTensor: Checkpoint {
    let tensors: [TensorDescriptor]
    let bytes: [UInt8]

    func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
      try bytes.withRawSpan(body)
    }
  }

  static let paths = Compute.InstructionPath.allCases.filter(\.isAvailable)

  @Test(arguments: IntegerWidth.allCases)
  func `packing and unpacking give every integer back`(_ width: IntegerWidth) {
    for count in [0, 1, 2, 3, 4, 5, 7, 8, 9, 100] {
      let range = 2 * width.limit + 1
      let integers = (0..<count).map { Int8($0 * 37 % range - width.limit) }
      let bytes = packed(integers, width)
      #expect(bytes.count == width.byteCount(of: count))
      #expect(bytes.count == (count * width.rawValue + 7) / 8)
      #expect(bytes.withRawSpan { unpacked($0, width, count: count) } == integers)
    }
  }

  @Test func `the order of bits is that of the specification`() {
    #expect(packed([1, -1, 7], .int4) == [0xf1, 0x07])
    // 1, 2, 3, 4 of six bits: 000001, 000010, 000011, 000100, least significant first.
    #expect(packed([1, 2, 3, 4], .int6) == [0b1000_0001, 0b0011_0000, 0b0001_0000])
    #expect(packed([-1], .int6) == [0x3f])
    #expect(packed([-127, 127], .int8) == [0x81, 0x7f])
  }

  /// The specification, number by number.
  private func specified(
    _ values: [Float], length: Int, _ width: IntegerWidth, group: Int, narrow: Bool, searches: Bool, moments: [Float]
  ) -> (integers: [Int8], scales: [Float]) {
    var integers: [Int8] = []
    var scales: [Float] = []
    let limit = Float(width.limit)
    for row in stride(from: 0, to: values.count, by: length) {
      for start in stride(from: 0, to: length, by: group) {
        let places = start..<min(start + group, length)
        let members = places.map { values[row + $0] }
        let largest = members.map(\.magnitude).max() ?? 0
        func scale(_ range: Float) -> Float {
          let scale = max(range / limit, .leastNormalMagnitude)
          return narrow ? Float(bitPattern: (scale.bitPattern + 0xffff) & 0xffff_0000) : scale
        }
        func integer(_ x: Float, _ s: Float) -> Float {
          min(limit, max(-limit, (x / s).rounded(.toNearestOrEven)))
        }
        func error(_ s: Float) -> Double {
          var lanes = [Double](repeating: 0, count: 8)
          for (index, place) in places.enumerated() {
            let difference = Double(members[index]) - Double(integer(members[index], s) * s)
            lanes[index % 8] += difference * difference * (moments.isEmpty ? 1 : Double(moments[place]))
          }
          return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]))
        }
        var best = scale(largest)
        if searches, best > .leastNormalMagnitude {
          var least = error(best)
          for step in 1...32 {
            let candidate = scale(largest * (Float(64 - step) / 64))
            let found = error(candidate)
            if found < least { (best, least) = (candidate, found) }
          }
        }
        scales.append(best)
        integers += members.map { Int8(integer($0, best)) }
      }
    }
    return (integers, scales)
  }

  @Test(arguments: IntegerWidth.allCases, [GroupSize?.none, .of32, .of64, .of128])
  func `every path computes what is specified, to the bit`(_ width: IntegerWidth, _ group: GroupSize?) {
    var generator = SeededGenerator(seed: 11)
    let length = 133
    var values = generator.unevenFloats(6 * length)
    // A row of zeros, one of subnormals, and ties.
    for index in 0..<length {
      values[index] = 0
      values[length + index] = Float(index) * .leastNonzeroMagnitude
      values[2 * length + index] = Float(index % 15) - 7.5
    }
    let moments = (0..<length).map { _ in Float.random(in: 0...2, using: &generator) }
    for (searches, weights) in [(false, []), (true, []), (true, moments)] {
      let expected = specified(
        values, length: length, width, group: group?.rawValue ?? length, narrow: group != nil, searches: searches,
        moments: weights)
      for path in Self.paths {
        let found = QuantizedGroups(
          values, length: length, width, group: group, searches: searches, moments: weights, path: path)
        #expect(found.integers == expected.integers, "\(path)")
        #expect(found.scales.map(\.bitPattern) == expected.scales.map(\.bitPattern), "\(path)")
        #expect(found.integers.count { $0.magnitude == width.limit } == found.saturated)
      }
    }
  }

  @Test func `whole rows by the largest magnitude are what int8 per channel always was`() {
    var generator = SeededGenerator(seed: 12)
    let values = generator.unevenFloats(9 * 77)
    let before = QuantizedRows(values, length: 77)
    let now = QuantizedGroups(values, length: 77, .int8, group: nil, searches: false)
    #expect(now.integers == before.bytes)
    #expect(now.scales == before.scales)
    #expect(now.restored == before.restored)
    #expect(now.saturated == before.saturated)
  }

  /// A tensor in groups, as a file holds it.
  private func stored(
    _ values: [Float], _ shape: Shape, _ width: IntegerWidth, axis: Int, _ group: GroupSize
  ) throws -> OneTensor {
    let encoding = TensorEncoding.grouped(width, axis: axis, group: group)
    let channels = shape[axis]
    let length = shape.elementCount / channels
    // Rows of the transposed matrix where the channels are columns.
    let rows = axis == 0 ? values : (0..<values.count).map { values[$0 % length * channels + $0 / length] }
    let quantized = QuantizedGroups(rows, length: length, width, group: group, searches: true)
    var integers = quantized.integers
    if axis == 1 { integers = (0..<values.count).map { quantized.integers[$0 % channels * length + $0 / channels] } }
    var bytes = packed(integers, width)
    let start = try #require(encoding.scaleOffset(of: shape))
    bytes += [UInt8](repeating: 0, count: start - bytes.count) + narrow(quantized.scales, to: .bfloat16)
    let size = try #require(encoding.byteCount(of: .float32, shape))
    #expect(bytes.count == size)
    let tensor = TensorDescriptor(
      name: "w", type: .float32, shape: shape, encoding: encoding, byteCount: size, access: .mapped)
    return OneTensor(tensors: [tensor], bytes: bytes)
  }

  @Test(arguments: IntegerWidth.allCases, [WeightMatrix.Layout.outputMajor, .inputMajor])
  func `a product with them is that with the values that they stand for`(
    _ width: IntegerWidth, _ layout: WeightMatrix.Layout
  ) throws {
    var generator = SeededGenerator(seed: 13)
    let (inputs, outputs) = (75, 21)
    let shape = layout == .outputMajor ? Shape(outputs, inputs) : Shape(inputs, outputs)
    let values = generator.unevenFloats(inputs * outputs)
    let checkpoint = try stored(values, shape, width, axis: layout == .outputMajor ? 0 : 1, .of32)
    let tensor = checkpoint.tensors[0]
    let decoded = checkpoint.bytes.withRawSpan { restored(tensor, $0) }
    let plain = try #require(TensorDescriptor(name: "w", type: .float32, shape: shape, access: .mapped))
    let other = OneTensor(tensors: [plain], bytes: decoded.withRawSpan { $0.copied() })
    let a = Matrix(values: generator.unevenFloats(4 * inputs), rows: 4, columns: inputs)
    var expected = Matrix<Float>(rows: 4, columns: outputs)
    try Compute(path: .plain, threads: 1).product(a, WeightMatrix(plain, in: other, layout: layout), into: &expected)
    for path in Self.paths {
      var found = Matrix<Float>(rows: 4, columns: outputs)
      let weights = try WeightMatrix(tensor, in: checkpoint, layout: layout, activations: .int16)
      try Compute(path: path, threads: 2).product(a, weights, into: &found)
      #expect(found.values.map(\.bitPattern) == expected.values.map(\.bitPattern), "\(path)")
    }
  }

  @Test(arguments: IntegerWidth.allCases)
  func `rows of a table are those of the whole`(_ width: IntegerWidth) throws {
    var generator = SeededGenerator(seed: 14)
    let checkpoint = try stored(generator.unevenFloats(11 * 45), Shape(11, 45), width, axis: 0, .of32)
    let tensor = checkpoint.tensors[0]
    let all = checkpoint.bytes.withRawSpan { restored(tensor, $0) }
    let table = try RowTable(tensor, in: checkpoint)
    let rows: [Float] = try table.rows([3, 0, 10, 3])
    let looked: [Int] = [3, 0, 10, 3]
    let expected: [Float] = looked.flatMap { Array(all[($0 * 45)..<($0 * 45 + 45)]) }
    #expect(rows == expected)
    let wide: [Double] = try table.rows([7])
    let seventh = all[315..<360].map { Double($0) }
    #expect(wide == seventh)
  }

  @Test func `scales along the inputs are refused`() throws {
    var generator = SeededGenerator(seed: 15)
    let checkpoint = try stored(generator.unevenFloats(70 * 5), Shape(70, 5), .int4, axis: 1, .of32)
    #expect(throws: CheckpointError(.unsupported, .tensor, subject: "w", "")) {
      try WeightMatrix(checkpoint.tensors[0], in: checkpoint, layout: .outputMajor)
    }
    #expect(throws: CheckpointError(.unsupported, .tensor, subject: "w", "")) {
      try RowTable(checkpoint.tensors[0], in: checkpoint)
    }
  }
}
