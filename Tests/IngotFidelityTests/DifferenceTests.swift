// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

/// Tensors in memory.
private struct Memory: Checkpoint {
  let tensors: [TensorDescriptor]
  let contents: [String: [UInt8]]

  init(_ items: [(String, ElementType, [Int], [UInt8])]) throws {
    tensors = try items.map { name, type, extents, _ in
      let shape = try #require(Shape(checking: extents))
      return try #require(TensorDescriptor(name: name, type: type, shape: shape, access: .mapped))
    }
    contents = Dictionary(uniqueKeysWithValues: items.map { ($0.0, $0.3) })
  }

  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    try (contents[tensor.name] ?? []).withRawSpan(body)
  }
}

@Suite struct DifferenceTests {
  private func pair(
    _ one: (ElementType, [Int], [UInt8]), _ other: (ElementType, [Int], [UInt8]), _ names: (String, String) = ("w", "w")
  ) throws -> CheckpointDifference.Pair {
    let first = try Memory([(names.0, one.0, one.1, one.2)])
    let second = try Memory([(names.1, other.0, other.1, other.2)])
    let difference = try CheckpointDifference(.init(first, canonical: [:]), .init(second, canonical: [:]))
    return try #require(difference.pairs.first)
  }

  private func floats(_ values: [Float]) -> [UInt8] { values.flatMap { le($0.bitPattern) } }
  private func halves(_ values: [Float]) -> [UInt8] { narrow(values, to: .float16) }

  @Test func `one flipped bit is found, with its place and distance`() throws {
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    var other = values
    other[4] = Float(bitPattern: values[4].bitPattern ^ 1)
    let found = try pair((.float32, [2, 3], floats(values)), (.float32, [2, 3], floats(other)))
    #expect(found.verdict == .different && found.differing == 1 && found.count == 6)
    #expect(found.worst?.index == 4 && found.worst?.first == 5 && found.maxUnits == 1)
    // The last place of 5 in float32 is 2^-21.
    #expect(found.maxAbsolute == 0x1p-21 && found.meanAbsolute == 0x1p-21 / 6)
  }

  @Test func `widening changes no value`() throws {
    let values: [Float] = [0, -1.5, 65504, 0x1p-24, .infinity, -.infinity, .nan, 0.333251953125]
    let found = try pair((.float16, [8], halves(values)), (.float32, [8], floats(values)))
    #expect(found.verdict == .sameValues && found.differing == 0)
  }

  @Test func `rounding to half precision is at most half a unit in its last place`() throws {
    let values = (1...2000).map { 1 / Float($0) }
    let found = try pair((.float32, [2000], floats(values)), (.float16, [2000], halves(values)))
    #expect(found.verdict == .different && found.maxUnits <= 0.5 && found.maxUnits > 0.49)
    // Powers of two are exact in both.
    #expect(found.differing == values.filter { $0 != Float(Float16($0)) }.count)
  }

  @Test func `NaN and zeros of another sign are the same values as other bits`() throws {
    let one = floats([.nan, 0]), other = floats([Float(bitPattern: 0x7fc0_0001), -0.0])
    #expect(try pair((.float32, [2], one), (.float32, [2], other)).verdict == .sameValues)
    #expect(try pair((.float32, [2], one), (.float32, [2], one)).verdict == .exact)
  }

  @Test func `NaN against a number is infinitely far`() throws {
    let found = try pair((.float32, [2], floats([.nan, 1])), (.float32, [2], floats([1, 1])))
    #expect(found.verdict == .different && found.differing == 1 && found.maxUnits == .infinity)
  }

  @Test func `large integers are compared as they are, not as float64`() throws {
    let one = le(Int64.max) + le(9_007_199_254_740_993 as Int64)
    let other = le(Int64.max - 1) + le(9_007_199_254_740_993 as Int64)
    let found = try pair((.int64, [2], one), (.int64, [2], other))
    #expect(found.verdict == .different && found.differing == 1)
  }

  @Test func `a transposed matrix of the same shape differs`() throws {
    let found = try pair((.float32, [2, 2], floats([1, 2, 3, 4])), (.float32, [2, 2], floats([1, 3, 2, 4])))
    #expect(found.verdict == .different && found.differing == 2)
  }

  @Test func `another shape is told`() throws {
    let found = try pair(
      (.float32, [2, 3], floats([1, 2, 3, 4, 5, 6])), (.float32, [3, 2], floats([1, 2, 3, 4, 5, 6])))
    #expect(found.verdict == .shape && found.shapes == [[2, 3], [3, 2]])
    #expect(try pair((.float32, [], floats([1])), (.float32, [1], floats([1]))).verdict == .sameValues)
  }

  @Test func `a tensor under another name is found by its content`() throws {
    let values = floats([1, 2, 3])
    let found = try pair((.float32, [3], values), (.float32, [3], values), ("a", "b"))
    #expect(found.verdict == .exact && found.matchedBy == "content" && found.second == "b")
  }

  @Test func `two tensors of the same content are not guessed apart`() throws {
    let values = floats([1, 2, 3])
    let first = try Memory([("a", .float32, [3], values)])
    let second = try Memory([("b", .float32, [3], values), ("c", .float32, [3], values)])
    let difference = try CheckpointDifference(.init(first, canonical: [:]), .init(second, canonical: [:]))
    #expect(difference.pairs.map(\.verdict) == [.onlyInFirst, .onlyInSecond, .onlyInSecond])
    #expect(!difference.isSame)
  }

  @Test(arguments: [
    (ElementType.bool, [0, 1] as [UInt8]), (.uint8, [7, 255]), (.int8, [7, 0x80]), (.float8E4M3, [0x38, 0xfe]),
    (.float8E5M2, [0x3c, 0x7b]), (.float8E4M3FNUZ, [0x40, 0xff]), (.float8E5M2FNUZ, [0x40, 0xff]),
    (.float8E8M0, [127, 1]),
    (.uint16, le(40_000 as UInt16)), (.int16, le(-40 as Int16)), (.uint32, le(UInt32.max)), (.int32, le(Int32.min)),
    (.bfloat16, [0x80, 0x3f, 0xc0, 0xff]), (.float16, [0, 0x3c, 0, 0x7e]),
  ])
  func `every type of 32 bits or less widens to float64 without a change`(_ type: ElementType, _ bytes: [UInt8]) throws
  {
    let wide = bytes.withRawSpan { doubles(of: $0, type) }
    let found = try pair((type, [wide.count], bytes), (.float64, [wide.count], wide.flatMap { le($0.bitPattern) }))
    #expect(found.verdict == .sameValues)
  }

  /// What PyTorch makes of a few bytes of each small type.
  @Test func `small floats have PyTorch's values`() {
    func values(_ bytes: [UInt8], _ type: ElementType) -> [Double] { bytes.withRawSpan { doubles(of: $0, type) } }
    #expect(values([0x00, 0x01, 0x08, 0x38, 0x7e, 0xb8], .float8E4M3) == [0, 0x1p-9, 0x1p-6, 1, 448, -1])
    #expect(
      values([0x01, 0x04, 0x3c, 0x7b, 0x7c, 0xfc], .float8E5M2) == [0x1p-16, 0x1p-14, 1, 57344, .infinity, -.infinity])
    #expect(values([0x01, 0x08, 0x40, 0x7f], .float8E4M3FNUZ) == [0x1p-10, 0x1p-7, 1, 240])
    #expect(values([0x01, 0x04, 0x40, 0x7f], .float8E5M2FNUZ) == [0x1p-17, 0x1p-15, 1, 57344])
    #expect(values([0, 127, 254], .float8E8M0) == [0x1p-127, 1, 0x1p127])
    #expect(values([0x80], .float8E4M3FNUZ)[0].isNaN && values([0x7f], .float8E4M3)[0].isNaN)
  }

  @Test func `a conversion is exact, and a rounded one differs in as many values as it says`() throws {
    let folder = try TemporaryFolder()
    let source = try Source(path: Fixtures.path("vit-tiny/state_dict.pt"))
    for (scheme, differing) in [(EncodingScheme.source, 0), (.float16, 27)] {
      let path = folder.path("\(scheme.rawValue).ingot")
      let plan = try ConversionPlan(source, scheme: scheme, options: ModelOptions(activation: .quickGELU))
      _ = try Converter(Compute(path: .best, threads: 2), existing: .refuse).convert(
        source, plan, tokenizer: nil, to: path)
      let converted = try Source(path: path)
      let names = Dictionary(uniqueKeysWithValues: plan.copies.map { ($0.parts[0].source.name, $0.target.name) })
      let targets = Dictionary(uniqueKeysWithValues: plan.copies.map { ($0.target.name, $0.target.name) })
      let difference = try CheckpointDifference(
        .init(source.checkpoint, canonical: names), .init(converted.checkpoint, canonical: targets))
      #expect(difference.count(.different) == differing)
      #expect(difference.count(.exact) == plan.copies.count - differing)
      #expect(difference.pairs.allSatisfy { $0.verdict == .exact || $0.maxUnits <= 0.5 })
    }
  }
}
