// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct TensorEncoderTests {
  private func encode(
    _ values: [Float], _ shape: Shape, _ scheme: EncodingScheme, _ use: EncodingScheme.Use, threads: Int = 2
  ) throws -> (target: TensorDescriptor, bytes: [UInt8], outcome: TensorEncoder.Outcome) {
    let source = try #require(TensorDescriptor(name: "w", type: .float32, shape: shape, access: .mapped))
    let checkpoint = OneTensor(tensors: [source], bytes: values.withRawSpan { $0.copied() })
    let target = try #require(scheme.target(of: source, for: use))
    let encoded = try TensorEncoder(
      TensorStorage(source, in: checkpoint), as: target, Compute(threads: threads)
    )
    .encoded()
    let (bytes, outcome) = (encoded.bytes, encoded.outcome)
    return (target, bytes, outcome)
  }

  @Test(arguments: [0, 1])
  func `int8 is the largest magnitude over 127, rounded to nearest even, along either axis`(_ axis: Int) throws {
    var generator = SeededGenerator(seed: 5)
    let shape = Shape(13, 37)
    var values = generator.unevenFloats(13 * 37)
    // A channel of zeros, and one of subnormals.
    for index in 0..<37 where axis == 0 { values[37 * 2 + index] = 0 }
    let (target, bytes, outcome) = try encode(values, shape, .int8, .weights(outputAxis: axis))
    #expect(bytes.count == target.byteCount)
    let start = try #require(target.encoding.scaleOffset(of: shape))
    let scales = bytes.withRawSpan { [Float](littleEndianBytes: $0.extracting(start..<$0.byteCount)) }
    var largestError = 0.0
    for row in 0..<13 {
      for column in 0..<37 {
        let channel = axis == 0 ? row : column
        let members = axis == 0 ? (0..<37).map { row * 37 + $0 } : (0..<13).map { $0 * 37 + column }
        let largest = members.map { values[$0].magnitude }.max() ?? 0
        #expect(scales[channel] == max(largest / 127, Float.leastNormalMagnitude))
        let value = values[row * 37 + column]
        let expected = (value / scales[channel]).rounded(.toNearestOrEven)
        let found = Int8(bitPattern: bytes[row * 37 + column])
        #expect(Float(found) == expected)
        #expect(found != -128)
        largestError = max(largestError, abs(Double(Float(found) * scales[channel]) - Double(value)))
      }
    }
    #expect(outcome.fidelity.maximumError == largestError)
    #expect(outcome.fidelity.saturatedShare > 0)
  }

  @Test(arguments: EncodingScheme.allCases)
  func `bytes and figures do not depend on the number of threads`(_ scheme: EncodingScheme) throws {
    var generator = SeededGenerator(seed: 6)
    // More than one part.
    let shape = Shape(700, 900)
    let values = generator.unevenFloats(shape.elementCount)
    let one = try encode(values, shape, scheme, .weights(outputAxis: 0), threads: 1)
    let three = try encode(values, shape, scheme, .weights(outputAxis: 0), threads: 3)
    #expect(one.bytes == three.bytes)
    #expect(one.outcome == three.outcome)
  }

  @Test func `figures are those of the difference itself`() throws {
    var generator = SeededGenerator(seed: 7)
    let values = generator.unevenFloats(1000)
    let (target, bytes, outcome) = try encode(values, Shape(10, 100), .bfloat16, .table)
    let restored = try bytes.withRawSpan { try TensorDecoder.values(of: target, $0) }
    var (error, signal, largest) = (0.0, 0.0, 0.0)
    for (a, b) in zip(values, restored) {
      error += (Double(b) - Double(a)) * (Double(b) - Double(a))
      signal += Double(a) * Double(a)
      largest = max(largest, abs(Double(b) - Double(a)))
    }
    #expect(abs(outcome.fidelity.relativeError - (error / signal).squareRoot()) <= 1e-12)
    #expect(outcome.fidelity.maximumError == largest)
    #expect(outcome.fidelity.verdict == .approximate)
  }

  @Test func `norms, biases and scalars keep their type in every lossy scheme`() throws {
    let tensor = try #require(TensorDescriptor(name: "b", type: .float32, shape: Shape(8), access: .mapped))
    for scheme in [EncodingScheme.source, .float16, .bfloat16, .int8] {
      #expect(scheme.target(of: tensor, for: .small)?.type == .float32)
      #expect(scheme.target(of: tensor, for: .small)?.encoding == .plain)
    }
  }
}
