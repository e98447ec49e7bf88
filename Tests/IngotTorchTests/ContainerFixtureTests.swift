// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotArchive
import IngotBytes
import IngotTensor
import IngotTestSupport
import IngotTorch
import Testing

/// One row of `Fixtures/torch-containers/manifest.json`: what PyTorch itself reads from a file.
struct ContainerFixture: Decodable, Sendable, CustomTestStringConvertible {
  struct Tensor: Decodable, Sendable {
    let name: String
    let dtype: String
    let shape: [Int]
    let sha256: String
  }

  let file: String
  let tensors: [Tensor]
  let unreadable: [String]?
  /// Tensors that are not in what PyTorch calls the content: attributes of objects.
  let beside: [String]?
  let dangerous: Bool?

  var testDescription: String { file }
  var path: String { Fixtures.path("torch-containers/\(file)") }

  static let all: [ContainerFixture] = {
    guard let data = FileManager.default.contents(atPath: Fixtures.path("torch-containers/manifest.json")),
      let rows = try? JSONDecoder().decode([ContainerFixture].self, from: data)
    else { return [] }
    return rows
  }()
}

/// PyTorch's names of element types.
private let names: [String: ElementType] = [
  "float64": .float64, "float32": .float32, "float16": .float16, "bfloat16": .bfloat16, "int64": .int64,
  "int32": .int32,
  "int16": .int16, "int8": .int8, "uint8": .uint8, "uint16": .uint16, "uint32": .uint32, "uint64": .uint64,
  "bool": .bool,
  "complex32": .complex32, "complex64": .complex64, "complex128": .complex128, "float8_e4m3fn": .float8E4M3,
  "float8_e5m2": .float8E5M2, "float8_e4m3fnuz": .float8E4M3FNUZ, "float8_e5m2fnuz": .float8E5M2FNUZ,
  "float8_e8m0fnu": .float8E8M0,
]

@Suite struct ContainerFixtureTests {
  @Test func `the manifest is there`() {
    #expect(ContainerFixture.all.count >= 30)
  }

  @Test(arguments: ContainerFixture.all)
  func `every tensor has the type, shape and bytes that PyTorch reads`(_ fixture: ContainerFixture) throws {
    let checksums: ChecksumPolicy = fixture.file == "no-crc.pt" ? .ignore : .verify
    let checkpoint = try TorchCheckpoint(
      MappedFile(path: fixture.path),
      policy: TorchCheckpoint.Policy(dangerous: .report, checksums: checksums))
    let found = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0) })
    let refused = Set(checkpoint.notes.refused.map(\.name))
    for expected in fixture.tensors {
      if refused.contains(expected.name) {
        // Bits that say "the stored bytes are not the values" are refused by name, never read wrongly.
        #expect(fixture.file == "lazy-bits.pt", "\(expected.name) was refused")
        continue
      }
      let tensor = try #require(found[expected.name], "\(expected.name) is missing")
      #expect(tensor.type == names[expected.dtype], "\(expected.name)")
      #expect(tensor.shape.extents == expected.shape, "\(expected.name)")
      #expect(try checkpoint.digest(of: tensor).description == expected.sha256, "\(expected.name)")
    }
    #expect(Set(fixture.unreadable ?? []).isSubset(of: refused))
    #expect(
      Set(found.keys).union(refused).subtracting(fixture.tensors.map(\.name) + (fixture.unreadable ?? []))
        == Set(fixture.beside ?? []))
  }

  @Test(arguments: ContainerFixture.all.filter { $0.dangerous == true })
  func `a pickle that names executable code is refused by that name`(_ fixture: ContainerFixture) throws {
    let error = #expect(throws: CheckpointError.self) { try TorchCheckpoint(MappedFile(path: fixture.path)) }
    #expect(error?.code == .dangerous)
    #expect(["posix.system", "__builtin__.eval", "builtins.eval"].contains(error?.subject))
  }

  @Test(arguments: [
    ("stored.pt", TorchCheckpoint.Container.torchZip), ("scripted.pt", .torchScript), ("legacy.pt", .torchLegacy),
    ("tar.pt", .torchTar), ("bare-pickle-0.pkl", .pickle),
  ])
  func `each generation is told by its content`(_ name: String, _ container: TorchCheckpoint.Container) throws {
    let file = try MappedFile(path: Fixtures.path("torch-containers/\(name)"))
    #expect(try TorchCheckpoint(file).container == container)
  }

  @Test func `a quantized tensor says how it is read`() throws {
    let checkpoint = try TorchCheckpoint(MappedFile(path: Fixtures.path("torch-containers/quantized.pt")))
    #expect(checkpoint.notes.remarks.count == checkpoint.tensors.count)
    #expect(checkpoint.notes.remarks["per_channel"]?.hasPrefix("I8 quantized per channel of axis 0") == true)
  }

  @Test func `checksums of zero are an error unless they are to be ignored`() throws {
    let file = try MappedFile(path: Fixtures.path("torch-containers/no-crc.pt"))
    let error = #expect(throws: CheckpointError.self) { try TorchCheckpoint(file) }
    #expect(error?.code == .corrupt)
  }

  @Test(arguments: ["vit-tiny", "resnet-tiny", "fashion-clip"])
  func `a TorchScript archive gives parameters and buffers by their state dict names`(_ name: String) throws {
    let archive = try TorchCheckpoint(MappedFile(path: Fixtures.path("\(name)/archive.pt")))
    let stateDict = try TorchCheckpoint(MappedFile(path: Fixtures.path("\(name)/state_dict.pt")))
    #expect(archive.container == .torchScript)
    #expect(stateDict.container == .torchZip)
    let buffers: Set<String> = ["input_resolution", "context_length", "vocab_size"]
    #expect(Set(archive.tensors.map(\.name)).subtracting(buffers) == Set(stateDict.tensors.map(\.name)))
    #expect(buffers.isSubset(of: Set(archive.tensors.map(\.name))))
    #expect(archive.globals.allSatisfy { $0.verdict == .interpreted })
  }
}
