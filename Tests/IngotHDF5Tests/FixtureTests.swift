// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotHDF5
import IngotHDF5Library
import IngotTensor
import IngotTestSupport
import Testing

/// One row of `Fixtures/hdf5/manifest.json`: what h5py itself reads from a file.
struct HDF5Fixture: Decodable, Sendable, CustomTestStringConvertible {
  struct Tensor: Decodable, Sendable {
    let name: String
    let dtype: String
    let shape: [Int]
    let sha256: String
  }

  let file: String
  let tensors: [Tensor]
  let refused: [String]
  let skipped: [String]
  let error: String?
  let subject: String?

  var testDescription: String { file }
  var path: String { Fixtures.path("hdf5/\(file)") }

  static let all: [HDF5Fixture] = {
    guard let data = FileManager.default.contents(atPath: Fixtures.path("hdf5/manifest.json")),
      let rows = try? JSONDecoder().decode([HDF5Fixture].self, from: data)
    else { return [] }
    return rows
  }()
  static let good = all.filter { $0.error == nil }
  static let hostile = all.filter { $0.error != nil }

  /// NumPy's names of types.
  static let types: [String: ElementType] = [
    "bool": .bool, "uint8": .uint8, "int8": .int8, "uint16": .uint16, "int16": .int16, "uint32": .uint32,
    "int32": .int32, "uint64": .uint64, "int64": .int64, "float16": .float16, "float32": .float32,
    "float64": .float64, "complex64": .complex64, "complex128": .complex128, "bfloat16": .bfloat16,
  ]

  /// The program, which lies beside the test bundle.
  static let program = URL(filePath: CommandLine.arguments[0]).deletingLastPathComponent().appending(path: "ingot-hdf5")
    .path
}

/// Who calls libhdf5.
enum Caller: CaseIterable {
  case thisProcess, child

  func open(_ path: String) throws -> HDF5Checkpoint {
    let file = try MappedFile(path: path)
    switch self {
    case .thisProcess:
      let content = try HDF5Content(file)
      return try HDF5Checkpoint(content, reader: HDF5Library(content))
    case .child: return try HDF5Checkpoint(file, program: HDF5Fixture.program)
    }
  }
}

@Suite struct HDF5FixtureTests {
  @Test func `the manifest is there`() {
    #expect(HDF5Fixture.good.count >= 6)
    #expect(HDF5Fixture.hostile.count >= 11)
  }

  @Test(arguments: HDF5Fixture.good, Caller.allCases)
  func `every dataset has the type, shape and bytes that h5py reads`(
    _ fixture: HDF5Fixture, _ caller: Caller
  ) throws {
    #expect(HDF5Checkpoint.recognises(try MappedFile(path: fixture.path)))
    let checkpoint = try caller.open(fixture.path)
    let found = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0) })
    for expected in fixture.tensors {
      let tensor = try #require(found[expected.name], "\(expected.name)")
      #expect(tensor.type == HDF5Fixture.types[expected.dtype], "\(expected.name)")
      #expect(tensor.shape.extents == expected.shape, "\(expected.name)")
      #expect(try checkpoint.digest(of: tensor).description == expected.sha256, "\(expected.name)")
    }
    #expect(Set(found.keys) == Set(fixture.tensors.map(\.name)))
    #expect(Set(checkpoint.notes.refused.map(\.name)) == Set(fixture.refused))
    #expect(Set(checkpoint.notes.skipped.map { String($0.prefix { $0 != " " }) }) == Set(fixture.skipped))
  }

  @Test(arguments: HDF5Fixture.hostile, Caller.allCases)
  func `a hostile file is refused before a dataset is read`(_ fixture: HDF5Fixture, _ caller: Caller) throws {
    let error = #expect(throws: CheckpointError.self) { _ = try caller.open(fixture.path) }
    #expect(error?.code.rawValue == fixture.error)
    #expect(error?.subject == fixture.subject)
  }

  @Test func `elements in a row are mapped, all others are read by libhdf5`() throws {
    let checkpoint = try Caller.thisProcess.open(Fixtures.path("hdf5/user-block.h5"))
    let access = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0.access) })
    #expect(access["contiguous"] == .mapped)
    #expect(access.filter { $0.value == .mapped }.keys.sorted() == ["again", "contiguous"])
    #expect(checkpoint.notes.aliases == ["contiguous": "again"])
  }

  @Test func `Keras' attributes are shown`() throws {
    let checkpoint = try Caller.thisProcess.open(Fixtures.path("hdf5/keras-legacy.h5"))
    #expect(checkpoint.container == .kerasWeights)
    #expect(checkpoint.notes.metadata["keras_version"] == "2.9.0")
  }
}
