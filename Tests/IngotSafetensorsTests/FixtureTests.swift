// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct FixtureTests {
  @Test func `every fixture of the manifest is tested`() throws {
    #expect(try Manifest.load().files.keys.sorted() == Manifest.reference + Manifest.variants)
  }

  @Test(arguments: Manifest.reference + Manifest.variants)
  func `what PyTorch put in comes out`(_ name: String) throws {
    let expected = try #require(try Manifest.load().files[name])
    let file = try SafetensorsFile(MappedFile(path: Fixtures.path("safetensors/\(name)")))
    #expect(try fixtureBytes(name).withRawSpan { SHA256Digest(of: $0) }.description == expected.sha256)
    #expect(file.metadata == expected.metadata)
    let found = try file.tensors.map { try Manifest.Tensor($0, in: file) }
    #expect(found.sorted { $0.name < $1.name } == expected.tensors.sorted { $0.name < $1.name })
    for tensor in file.tensors {
      #expect(file.tensor(named: tensor.name) == tensor)
      #expect(tensor.access == .mapped)
      file.release(tensor)
    }
    #expect(file.tensor(named: "absent") == nil)
    #expect(SafetensorsFile.recognises(try MappedFile(path: Fixtures.path("safetensors/\(name)"))))
  }

  @Test func `tensors come in the order of their data, not of the header`() throws {
    let file = try SafetensorsFile(MappedFile(path: Fixtures.path("safetensors/variant-header-backwards.safetensors")))
    #expect(file.tensors.map(\.name) == ["odd", "wide", "half"])
  }

  @Test(arguments: Manifest.reference)
  func `our writer makes the bytes of the reference library`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let source = try SafetensorsFile(MappedFile(path: Fixtures.path("safetensors/\(name)")))
    let path = folder.path("copy.safetensors")
    var writer = try SafetensorsWriter(
      path: path, existing: .refuse, tensors: source.tensors.shuffled(), metadata: source.metadata)
    for tensor in writer.order { try source.withBytes(of: tensor) { try writer.append($0) } }
    #expect(!FileManager.default.fileExists(atPath: path))
    try writer.finish()
    #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == (try fixtureBytes(name)))
  }

  @Test(
    arguments: [
      [], [1, 0, 0, 0, 0, 0, 0, 0], [9, 0, 0, 0, 0, 0, 0, 0] + Array("[]      ".utf8),
      [2, 0, 0, 0, 0, 0, 0, 0] + Array("[]".utf8), Array("version https://git-lfs.github.com/spec/v1\n".utf8),
      [0, 0, 0, 0, 0, 0, 0, 0] + Array("{}".utf8),
    ] as [[UInt8]])
  func `other files are not recognised`(_ bytes: [UInt8]) throws {
    let folder = try TemporaryFolder()
    #expect(!SafetensorsFile.recognises(try MappedFile(path: folder.write(bytes, to: "x.safetensors"))))
  }

  @Test func `a header that is cut short is recognised and then refused with both numbers`() throws {
    let folder = try TemporaryFolder()
    let bytes = [9, 0, 0, 0, 0, 0, 0, 0] + Array("{}      ".utf8)
    let file = try MappedFile(path: folder.write(bytes, to: "x.safetensors"))
    #expect(SafetensorsFile.recognises(file))
    let error = try #require(throws: CheckpointError.self) { try SafetensorsFile(file) }
    #expect(error.code == .truncated)
    #expect("\(error)".contains("9") && "\(error)".contains("8"))
  }

  @Test func `escapes and surrogate pairs are resolved`() throws {
    let folder = try TemporaryFolder()
    let name = #"\ud83d\ude00\"\\\/\b\f\n\r\t\u00e9\u0000"#
    let header = #" {"\#(name)" : {"shape":[ ],"data_offsets":[0 ,4 ],"dtype":"F32"} } "# + "\n"
    let bytes = [UInt8(header.utf8.count)] + [UInt8](repeating: 0, count: 7) + Array(header.utf8) + [1, 2, 3, 4]
    let file = try SafetensorsFile(MappedFile(path: folder.write(bytes, to: "x.safetensors")))
    #expect(file.tensors.map(\.name) == ["\u{1F600}\"\\/\u{8}\u{C}\n\r\t\u{E9}\0"])
    #expect(file.tensors.first?.shape == Shape())
  }
}
