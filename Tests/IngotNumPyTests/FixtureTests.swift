// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotNumPy
import IngotTensor
import IngotTestSupport
import Testing

/// One row of `Fixtures/numpy/manifest.json`: what NumPy itself reads from a file.
struct NumPyFixture: Decodable, Sendable, CustomTestStringConvertible {
  struct Tensor: Decodable, Sendable {
    let name: String
    let dtype: String
    let shape: [Int]
    let sha256: String
  }

  let file: String
  let tensors: [Tensor]
  let refused: [String]
  let others: [String]

  var testDescription: String { file }
  var path: String { Fixtures.path("numpy/\(file)") }

  static let all: [NumPyFixture] = {
    guard let data = FileManager.default.contents(atPath: Fixtures.path("numpy/manifest.json")),
      let rows = try? JSONDecoder().decode([NumPyFixture].self, from: data)
    else { return [] }
    return rows
  }()

  /// NumPy's names of types.
  static let types: [String: ElementType] = [
    "bool": .bool, "uint8": .uint8, "int8": .int8, "uint16": .uint16, "int16": .int16, "uint32": .uint32,
    "int32": .int32, "uint64": .uint64, "int64": .int64, "float16": .float16, "float32": .float32,
    "float64": .float64, "complex64": .complex64, "complex128": .complex128, "bfloat16": .bfloat16,
  ]
}

@Suite struct NumPyFixtureTests {
  @Test func `the manifest is there`() {
    #expect(NumPyFixture.all.count >= 9)
  }

  @Test(arguments: NumPyFixture.all)
  func `every array has the type, shape and bytes that NumPy reads`(_ fixture: NumPyFixture) throws {
    let file = try MappedFile(path: fixture.path)
    #expect(NumPyCheckpoint.recognises(file))
    let checkpoint = try NumPyCheckpoint(file)
    #expect(checkpoint.tensors.map(\.name) == fixture.tensors.map(\.name))
    for (tensor, expected) in zip(checkpoint.tensors, fixture.tensors) {
      #expect(tensor.type == NumPyFixture.types[expected.dtype], "\(expected.name)")
      #expect(tensor.shape.extents == expected.shape, "\(expected.name)")
      #expect(try checkpoint.digest(of: tensor).description == expected.sha256, "\(expected.name)")
    }
    #expect(checkpoint.notes.refused.map(\.name) == fixture.refused)
    #expect(checkpoint.notes.skipped.map { String($0.prefix { $0 != " " }) } == fixture.others)
  }

  @Test func `two bytes without a meaning are bfloat16 only when somebody says so`() throws {
    let file = try MappedFile(path: Fixtures.path("numpy/two-bytes.npz"))
    #expect(try NumPyCheckpoint(file).notes.refused.first?.reason.contains("V2") == true)
    #expect(try NumPyCheckpoint(file, twoBytes: .bfloat16).tensors.map(\.type) == [.bfloat16])
    let named = try NumPyCheckpoint(MappedFile(path: Fixtures.path("numpy/big-vision.npz")))
    #expect(named.notes.remarks.keys.sorted() == ["params/img/embedding/kernel", "params/txt/Embed_0/embedding"])
  }

  @Test func `a stored array is mapped, others are assembled`() throws {
    let stored = try NumPyCheckpoint(MappedFile(path: Fixtures.path("numpy/stored.npz")))
    let access = Dictionary(uniqueKeysWithValues: stored.tensors.map { ($0.name, $0.access) })
    #expect(access["little/f4"] == .mapped && access["big/f4"] == .assembled && access["columns/first"] == .assembled)
    let deflated = try NumPyCheckpoint(MappedFile(path: Fixtures.path("numpy/deflated.npz")))
    #expect(deflated.tensors.allSatisfy { $0.access == .assembled })
  }
}
