// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotFile
import IngotTensor
import IngotTestSupport
import Testing

/// Files that a Python program wrote from the specification alone.
@Suite struct FixtureTests {
  @Test func `every fixture of the manifest is tested`() throws {
    #expect(try Manifest.load().files.keys.sorted() == Manifest.names)
  }

  @Test func `the fixtures have every element type`() throws {
    let types = try Manifest.load().files.values.flatMap(\.tensors).map(\.type)
    #expect(Set(types) == Set(ElementType.allCases.map(\.rawValue)))
  }

  @Test(arguments: Manifest.names)
  func `tensors read from a foreign file are those that were written`(_ name: String) throws {
    let expected = try #require(try Manifest.load().files[name])
    let file = try IngotFile(MappedFile(path: Fixtures.path("ingot-v1/\(name)")))
    #expect(try file.tensors.map { try Manifest.Tensor($0, in: file) } == expected.tensors)
    #expect(file.rootDigest.description == expected.root)
    #expect(file.tensorCount == expected.tensors.count)
    #expect(file.version == 1)
    for tensor in file.tensors {
      #expect(file.tensor(named: tensor.name) == tensor)
      #expect(try file.storedDigest(of: tensor) == file.digest(of: tensor))
    }
  }

  @Test(arguments: Manifest.names)
  func `sections read from a foreign file are those that were written`(_ name: String) throws {
    let expected = try #require(try Manifest.load().files[name]).sections
    let file = try IngotFile(MappedFile(path: Fixtures.path("ingot-v1/\(name)")))
    #expect(file.sectionKinds.map(\.description) == expected.keys.sorted())
    for kind in file.sectionKinds {
      let content = try #require(try file.verifiedSection(kind))
      #expect(content.count == expected[kind.description]?.bytes)
      #expect(content.withRawSpan { SHA256Digest(of: $0) }.description == expected[kind.description]?.sha256)
      #expect(file.section(kind) == content)
      #expect(file.storedDigest(of: kind)?.description == expected[kind.description]?.sha256)
    }
    #expect(file.section(try #require(SectionKind("GONE"))) == nil)
  }

  @Test(arguments: Manifest.names)
  func `a foreign file is sound`(_ name: String) throws {
    let file = try IngotFile(MappedFile(path: Fixtures.path("ingot-v1/\(name)")))
    var verified: [TensorDescriptor] = []
    try file.verifyIntegrity { verified.append($0) }
    #expect(verified == file.tensors)
    #expect(file.damage().isEmpty)
  }

  /// The layout leaves no freedom: two writers that never saw each other must agree on every byte.
  @Test(arguments: Manifest.names)
  func `our writer makes the same file from the same content`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let source = try IngotFile(MappedFile(path: Fixtures.path("ingot-v1/\(name)")))
    let sections = Dictionary(uniqueKeysWithValues: source.sectionKinds.map { ($0, source.section($0) ?? []) })
    var writer = try IngotWriter(
      path: folder.path("copy.ingot"), existing: .refuse, tensors: source.tensors.shuffled(),
      sections: sections.map { ($0.key, $0.value.count) })
    for tensor in writer.order { try source.withBytes(of: tensor) { try writer.append($0) } }
    let root = try writer.finish(sections: sections)
    #expect(root == source.rootDigest)
    let copy = [UInt8](try Data(contentsOf: URL(filePath: folder.path("copy.ingot"))))
    #expect(copy == (try fixtureBytes(name)))
  }

  @Test func `files are recognised by content`() throws {
    let folder = try TemporaryFolder()
    #expect(IngotFile.recognises(try MappedFile(path: Fixtures.path("ingot-v1/nothing.ingot"))))
    #expect(!IngotFile.recognises(try MappedFile(path: Fixtures.path("ingot-v1/manifest.json"))))
    #expect(!IngotFile.recognises(try MappedFile(path: folder.write([], to: "empty.ingot"))))
    #expect(!IngotFile.recognises(try MappedFile(path: folder.write([0x89, 0x49], to: "short.ingot"))))
  }
}
