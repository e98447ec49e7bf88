// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotFile
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct StampTests {
  private static let names = ["every-type.ingot", "quantized.ingot", "sections.ingot", "nothing.ingot", "names.ingot"]
  private let certificate = Array("{\"about\":\"a test\"}".utf8)
  private let evidence = [UInt8](repeating: 7, count: 5000)

  private func open(_ path: String) throws -> IngotFile { try IngotFile(MappedFile(path: path)) }

  private func stamp(_ name: String, in folder: TemporaryFolder) throws -> String {
    let path = folder.path("stamped-\(name)")
    _ = try open(Fixtures.path("ingot-v1/\(name)"))
      .stamped(certificate: certificate, evidence: evidence, to: path, existing: .replace)
    return path
  }

  @Test(arguments: names)
  func `a stamp adds sections and leaves the model as it was`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let before = try open(Fixtures.path("ingot-v1/\(name)"))
    let path = try stamp(name, in: folder)
    let after = try open(path)
    try after.verifyIntegrity()
    #expect(after.modelDigest == before.modelDigest)
    #expect(after.rootDigest != before.rootDigest)
    #expect(after.tensors == before.tensors)
    for tensor in before.tensors {
      #expect(after.storedDigest(of: tensor) == before.storedDigest(of: tensor))
      #expect(try after.digest(of: tensor) == before.digest(of: tensor))
    }
    for kind in before.sectionKinds where !kind.isAboutChecks {
      #expect(after.section(kind) == before.section(kind))
    }
    #expect(after.section(.certificate) == certificate)
    #expect(after.section(.evidence) == evidence)
    #expect(IngotFile.damagedBlocks(of: try MappedFile(path: path)) == nil)
  }

  @Test func `a stamped file is stamped again as if it were for the first time`() throws {
    let folder = try TemporaryFolder()
    let once = try stamp("quantized.ingot", in: folder)
    let twice = folder.path("twice.ingot")
    let root = try open(once).stamped(certificate: certificate, evidence: evidence, to: twice, existing: .refuse)
    #expect(try Data(contentsOf: URL(filePath: once)) == Data(contentsOf: URL(filePath: twice)))
    #expect(try open(once).rootDigest == root)
  }

  @Test func `digests of models differ where the models do`() throws {
    let digests = try Self.names.map { try open(Fixtures.path("ingot-v1/\($0)")).modelDigest }
    #expect(Set(digests).count == digests.count)
  }

  @Test(arguments: ["quantized.ingot", "sections.ingot"])
  func `every flipped bit is found and its 4 KiB block is named`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let sound = [UInt8](try Data(contentsOf: URL(filePath: stamp(name, in: folder))))
    var missed: [Int] = []
    var lost: [Int] = []
    // Every bit of the header, every 61st of the rest.
    let bits = Array(0..<256 * 8) + stride(from: 256 * 8, to: sound.count * 8, by: 61)
    for bit in bits {
      var bytes = sound
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let path = try folder.write(bytes, to: "flipped.ingot")
      let file = try MappedFile(path: path)
      do {
        try IngotFile(file).verifyIntegrity()
        missed.append(bit)
      } catch {}
      let block = bit / 8 / 4096
      let expected = block * 4096..<min((block + 1) * 4096, sound.count)
      if IngotFile.damagedBlocks(of: file) != [expected] { lost.append(bit) }
    }
    #expect(missed.isEmpty, "not found: \(missed.prefix(5))")
    #expect(
      lost.isEmpty, "\(lost.count) of \(bits.count) in no or another block: \(lost.prefix(8).map { "\($0 / 8)" })")
  }

  @Test func `files without a list of digests say nothing`() throws {
    let file = try MappedFile(path: Fixtures.path("ingot-v1/quantized.ingot"))
    #expect(IngotFile.damagedBlocks(of: file) == nil)
    let folder = try TemporaryFolder()
    #expect(IngotFile.damagedBlocks(of: try MappedFile(path: folder.write([], to: "empty"))) == nil)
    let noise = try folder.write([UInt8](repeating: 0x49, count: 10_000), to: "noise")
    #expect(IngotFile.damagedBlocks(of: try MappedFile(path: noise)) == nil)
  }
}
