// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotConversion
import IngotTensor
import IngotTestSupport
import Testing

/// Files that people give for a checkpoint.
@Suite struct OtherFileTests {
  static let cases: [(String, [UInt8], CheckpointError.Code, String)] = [
    ("nothing", [], .truncated, "0 bytes"),
    ("zeros", [UInt8](repeating: 0, count: 5000), .corrupt, "5000"),
    (
      "a git-LFS pointer", Array("version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 1\n".utf8),
      .unsupported, "git lfs pull"
    ),
    ("an HTML page", Array("<!DOCTYPE html><html><body>Sign in</body></html>".utf8), .unsupported, "web page"),
    ("an HTML page behind blanks", Array("\n\n  <html lang=\"en\">".utf8), .unsupported, "web page"),
    ("a JSON error", Array("{\"error\":\"Repository not found\"}".utf8), .unsupported, "Repository not found"),
    ("a JSON message", Array("{\"message\": \"Not Found\", \"status\": \"404\"}".utf8), .unsupported, "Not Found"),
    (
      "an XML error", Array("<?xml version=\"1.0\"?><Error><Code>AccessDenied</Code></Error>".utf8), .unsupported,
      "AccessDenied"
    ),
    ("gzip", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0], .unsupported, "unpack"),
    ("bzip2", Array("BZh91AY".utf8), .unsupported, "unpack"),
    ("xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0], .unsupported, "unpack"),
    ("7z", [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 4], .unsupported, "unpack"),
    ("Zstandard", [0x28, 0xb5, 0x2f, 0xfd, 0, 0], .unsupported, "unpack"),
    ("GGUF", Array("GGUF".utf8) + le(3 as UInt32), .unsupported, "GGUF"),
    (
      "ONNX", [0x08, 8, 0x12, 7] + Array("pytorch".utf8) + [0x1a, 3] + Array("2.1".utf8), .unsupported,
      "ONNX model by pytorch"
    ),
    (
      "Core ML", [0x08, 4, 0x12, 0x20, 0x0a, 0x10, 0x0a, 5] + Array("image".utf8) + [0x12, 2, 1, 2], .unsupported,
      "Core ML"
    ),
    ("TensorFlow Lite", le(28 as UInt32) + Array("TFL3".utf8) + [0, 0], .unsupported, "TensorFlow Lite"),
    ("a mobile module", le(28 as UInt32) + Array("PTMF".utf8) + [0, 0], .unsupported, "mobile"),
    ("a PNG image", [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a], .unsupported, "PNG"),
    ("some bytes", Array("hello, I am no checkpoint".utf8), .unsupported, "68 65 6c 6c"),
    ("half a safetensors header", le(99_999_999 as UInt64) + Array("{".utf8), .truncated, "99999999"),
  ]

  @Test(arguments: cases.indices)
  func `a file of another kind gets a sentence that says what it is`(_ index: Int) throws {
    let (name, bytes, code, word) = Self.cases[index]
    let folder = try TemporaryFolder()
    let error = #expect(throws: CheckpointError.self, "\(name)") {
      _ = try Source(path: folder.write(bytes, to: "model.pt"))
    }
    #expect(error?.code == code, "\(name): \(String(describing: error))")
    #expect(error?.detail.contains(word) == true, "\(name): \(String(describing: error))")
  }

  static let archives: [(String, [String], String)] = [
    ("TorchScript 1.0", ["m/version", "m/model.json", "m/tensors/0", "m/code/m.py"], "PyTorch 1.0 to 1.2"),
    ("a PT2 archive", ["archive_format", "models/model.json", "data/weights/w.pt"], "PT2"),
    ("torch.package", ["p/.data/version", "p/.data/extern_modules", "p/model/model.pkl"], "torch.package"),
    ("a Core ML package", ["Manifest.json", "Data/com.apple.CoreML/model.mlmodel"], "Core ML"),
    ("checkpoints in a zip", ["epoch_1.pt", "epoch_2.pt"], "unpack"),
    ("an office document", ["[Content_Types].xml", "word/document.xml"], "data.pkl"),
  ]

  @Test(arguments: archives.indices)
  func `a zip archive of another kind gets a sentence that says what it is`(_ index: Int) throws {
    let (name, members, word) = Self.archives[index]
    let folder = try TemporaryFolder()
    let zip = ZipBuilder(members.map { ZipBuilder.Member($0, [1, 2, 3]) })
    let error = #expect(throws: CheckpointError.self, "\(name)") {
      _ = try Source(path: folder.write(zip.bytes(), to: "model.pt"))
    }
    #expect(
      error?.code == .unsupported && error?.detail.contains(word) == true, "\(name): \(String(describing: error))")
  }

  @Test func `a folder without weights says so, and of several the first in a fixed order is taken`() throws {
    let folder = try TemporaryFolder()
    let none = #expect(throws: CheckpointError.self) { _ = try Source(path: folder.url.path) }
    #expect(none?.code == .missing && none?.detail.contains("model.safetensors") == true)
    let published = Fixtures.path("families/huggingface/quick-gelu")
    let several = try Source(path: published)
    #expect(several.file.path == published + "/model.safetensors")
    #expect(several.otherWeights == ["pytorch_model.bin"])
  }
}

@Suite struct ShardTests {
  private static let source = Fixtures.path("clip-containers/sharded")
  private static let index = "model.safetensors.index.json"
  private static let shards = (1...3).map { "model-0000\($0)-of-00003.safetensors" }

  private static func text(_ name: String) throws -> String {
    try String(contentsOf: URL(filePath: source).appending(path: name), encoding: .utf8)
  }

  /// A copy of the fixture with another index, and maybe without a shard.
  private func open(_ change: (inout String) -> Void, without: String? = nil) throws -> Source {
    let folder = try TemporaryFolder()
    for shard in Self.shards where shard != without {
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: Self.source).appending(path: shard)))
      _ = try folder.write(bytes, to: shard)
    }
    var text = try Self.text(Self.index)
    change(&text)
    return try Source(path: folder.write(Array(text.utf8), to: Self.index))
  }

  @Test func `the copy is read`() throws {
    let source = try open { _ in }
    #expect(source.checkpoint.tensors.count == 38)
    #expect(source.container == "sharded-safetensors")
    #expect(source.shards.count == 3)
  }

  @Test func `an index leads to no file but those beside it`() throws {
    for path in ["../model-00001-of-00003.safetensors", "/etc/passwd", "a\\\\b", "..", ""] {
      let error = #expect(throws: CheckpointError.self) {
        _ = try open { $0 = $0.replacing(Self.shards[0], with: path) }
      }
      #expect(error?.code == .dangerous, "\(path): \(String(describing: error))")
    }
  }

  @Test func `a missing shard is named`() throws {
    let error = #expect(throws: CheckpointError.self) { _ = try open({ _ in }, without: Self.shards[1]) }
    #expect(error?.code == .missing && error?.subject == Self.shards[1])
  }

  @Test func `a tensor that the index places elsewhere is named`() throws {
    let error = #expect(throws: CheckpointError.self) {
      _ = try open {
        $0 = $0.replacing("\"logit_scale\": \"\(Self.shards[0])\"", with: "\"logit_scale\": \"\(Self.shards[1])\"")
      }
    }
    #expect(error?.code == .mismatch && error?.subject == "logit_scale", "\(String(describing: error))")
  }

  @Test func `a tensor that no shard has is named`() throws {
    let error = #expect(throws: CheckpointError.self) {
      _ = try open { $0 = $0.replacing("\"weight_map\": {", with: "\"weight_map\": {\"more\": \"\(Self.shards[0])\",") }
    }
    #expect(error?.code == .missing && error?.subject == "more")
  }

  @Test func `a tensor that the index does not name is named`() throws {
    let error = #expect(throws: CheckpointError.self) {
      _ = try open { $0 = $0.replacing("\"logit_scale\":", with: "\"other\":") }
    }
    #expect(error?.code == .mismatch && error?.subject == "logit_scale")
  }

  @Test func `another total size is told with both numbers`() throws {
    let error = #expect(throws: CheckpointError.self) {
      _ = try open { $0 = $0.replacing("\"total_size\": 2", with: "\"total_size\": 12") }
    }
    #expect(
      error?.code == .mismatch && error?.detail.contains("the index says 12") == true, "\(String(describing: error))")
  }

  @Test func `a tensor named twice is malformed`() throws {
    let error = #expect(throws: CheckpointError.self) {
      _ = try open {
        $0 = $0.replacing("\"weight_map\": {", with: "\"weight_map\": {\"logit_scale\": \"\(Self.shards[0])\",")
      }
    }
    #expect(error?.code == .malformed && error?.subject == "logit_scale")
  }

  @Test func `every truncation of an index is refused`() throws {
    let text = try Self.text(Self.index)
    let count = text.trimmingCharacters(in: .whitespacesAndNewlines).utf8.count
    for length in stride(from: 0, to: count, by: 7) {
      #expect(throws: CheckpointError.self, "cut to \(length)") {
        _ = try open { $0 = String(decoding: $0.utf8.prefix(length), as: UTF8.self) }
      }
    }
  }

  @Test func `TensorFlow's shards are read without the model's name`() throws {
    let source = try Source(path: Fixtures.path("keras/tf-sharded"))
    #expect(source.container == "sharded-huggingface-tf")
    let whole = try Source(path: Fixtures.path("keras/tf_model.h5"))
    #expect(source.checkpoint.tensors.count == whole.checkpoint.tensors.count)
  }
}
