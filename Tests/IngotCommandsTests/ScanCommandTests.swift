// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotTestSupport
import Testing

/// `ingot scan` and the files that are not what they seem.
@Suite struct ScanCommandTests {
  @Test(arguments: 0...5)
  func `a safetensors file whose first bytes are those of a pickle is safetensors to every command`(
    _ number: Int
  ) throws {
    // Its header has 128, 384, 640, … bytes: 0x80, and the number of a protocol.
    let path = Fixtures.path("safetensors/reference-like-pickle-\(number).safetensors")
    #expect([UInt8](try Data(contentsOf: URL(filePath: path)).prefix(2)) == [0x80, UInt8(number)])
    let scan = try Tool.run("scan", "--json", path)
    #expect(scan.status == 0, "\(scan.errors)")
    let document = try scan.json()
    #expect(document["container"] as? String == "safetensors" && document["verdict"] as? String == "clean")
    #expect((document["pickles"] as? [Any])?.isEmpty == true)
    #expect(try Tool.run("inspect", "--json", path).json()["container"] as? String == "safetensors")
    let difference = try Tool.run(
      "diff", path, Fixtures.path("safetensors/reference-like-pickle-\(5 - number).safetensors"))
    #expect(difference.status == 1, "\(difference.errors)")
    #expect(try Tool.run("diff", path, path).status == 0)
  }

  @Test func `a safetensors file that is an executable pickle, too, is dangerous`() throws {
    let folder = try TemporaryFolder()
    // What the reference library loads as one tensor of bytes runs a command under `pickle.load`: the header's length is PROTO 2 and UNICODE,
    // whose text ends with the newline in the header; the brace behind it is EMPTY_DICT, and the tensor is the rest of the program.
    let code = Array("cposix\nsystem\n(Vtrue\ntR.".utf8)
    let length = 0x80 | 2 << 8 | 0x56 << 16
    let start = #"{"a":{"dtype":"U8","shape":[\#(code.count)],"data_offsets":[0,\#(code.count)]}"#
    let header = Array(start.utf8) + [UInt8](repeating: 0x20, count: length - start.utf8.count - 2) + Array("\n}".utf8)
    let prefix = (0..<8).map { UInt8(truncatingIfNeeded: length >> (8 * $0)) }
    let path = try folder.write(prefix + header + code, to: "both.safetensors")
    let scan = try Tool.run("scan", "--json", path)
    #expect(scan.status == 77, "\(scan.errors)")
    let document = try scan.json()
    #expect(document["container"] as? String == "safetensors" && document["verdict"] as? String == "dangerous")
    // To Ingot it is one tensor.
    #expect((try Tool.run("inspect", "--json", path).json()["tensors"] as? [Any])?.count == 1)
  }

  @Test func `an index is scanned with its shards, and a folder, too`() throws {
    for path in ["sharded-torch/pytorch_model.bin.index.json", "sharded-torch"] {
      let result = try Tool.run("scan", "--json", Fixtures.path("clip-containers/\(path)"))
      #expect(result.status == 0, "\(result.errors)")
      let document = try result.json()
      #expect(document["container"] as? String == "index" && document["verdict"] as? String == "clean")
      let pickles = try #require(document["pickles"] as? [[String: Any]])
      #expect(pickles.count >= 2)
      #expect(pickles.allSatisfy { ($0["name"] as? String)?.hasPrefix("pytorch_model-0000") == true })
    }
    // One shard that names executable code is enough.
    let folder = try TemporaryFolder()
    let dangerous = try Data(contentsOf: URL(filePath: Fixtures.path("torch-containers/dangerous-system.pt")))
    _ = try folder.write([UInt8](dangerous), to: "b.bin")
    _ = try folder.write(
      [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("torch-containers/stored.pt")))), to: "a.bin")
    let index = try folder.write(Array(#"{"weight_map":{"x":"a.bin","y":"b.bin"}}"#.utf8), to: "model.index.json")
    let result = try Tool.run("scan", index)
    #expect(result.status == 77 && result.output.contains("b.bin: "), "\(result.output)")
    let missing = try folder.write(Array(#"{"weight_map":{"x":"c.bin"}}"#.utf8), to: "other.index.json")
    #expect(try Tool.run("scan", missing).status == 66)
  }
}
