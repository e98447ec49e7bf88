// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct CommandTests {
  private let archive = Fixtures.path("vit-tiny/archive.pt")
  private let golden = Fixtures.path("vit-tiny/golden-archive.safetensors")

  @Test func `convert, quantize and verify end with 0 and say so in JSON`() throws {
    let folder = try TemporaryFolder()
    let (model, int8) = (folder.path("model.ingot"), folder.path("int8.ingot"))
    let converted = try Tool.run("convert", archive, "-o", model, "--json")
    #expect(converted.status == 0, "\(converted.errors)")
    let tensors = try #require(converted.json()["tensors"] as? [[String: Any]])
    #expect(tensors.count == 77)
    #expect(tensors.allSatisfy { $0["verdict"] as? String == "bit-identical" })
    #expect(try Tool.run("quantize", model, "-o", int8, "--encoding", "int8", "--json").status == 0)
    for file in [model, int8] {
      let verified = try Tool.run("verify", file, "--against", golden, "--json")
      #expect(verified.status == 0, "\(verified.output)")
      let report = try verified.json()
      #expect(report["passed"] as? Bool == true)
      #expect(report["firstDivergence"] is NSNull)
      for key in ["model", "against", "encoding", "logits", "imageEmbeds", "textEmbeds", "tolerance"] {
        #expect(report[key] != nil)
      }
      let logits = try #require(report["logits"] as? [String: Any])
      for key in ["maxAbs", "maxRel", "meanAbs", "minCosine", "top1Agreement", "klMean"] { #expect(logits[key] != nil) }
    }
    #expect(try Tool.run("verify", int8, "--against", model).status == 0)
    #expect(try Tool.run("verify", model, "--against", archive).status == 0)
    #expect(try Tool.run("verify", model).status == 0)
  }

  @Test func `verify ends with 1 against another model, and names where it begins`() throws {
    let folder = try TemporaryFolder()
    let model = folder.path("model.ingot")
    #expect(try Tool.run("convert", archive, "-o", model, "--activation", "gelu").status == 0)
    let verified = try Tool.run("verify", model, "--against", golden, "--json")
    #expect(verified.status == 1)
    #expect(try verified.json()["firstDivergence"] as? String == "vision.hidden.0")
    #expect(try verified.json()["passed"] as? Bool == false)
  }

  @Test func `verify writes its report as a page, and replaces none without --force`() throws {
    let folder = try TemporaryFolder()
    let (model, page) = (folder.path("model.ingot"), folder.path("report.html"))
    #expect(try Tool.run("convert", archive, "-o", model).status == 0)
    #expect(try Tool.run("verify", model, "--report", page).status == 64)
    let arguments = ["verify", model, "--against", golden, "--report", page]
    let verified = try Tool.run(arguments + ["--json"])
    #expect(verified.status == 0, "\(verified.errors)")
    #expect(try verified.json()["passed"] as? Bool == true)
    let markup = try String(contentsOfFile: page, encoding: .utf8)
    #expect(markup.hasPrefix("<!DOCTYPE html>") && markup.contains("verdict pass") && markup.hasSuffix("</html>\n"))
    #expect(try Tool.run(arguments).status == 73)
    #expect(try Tool.run(arguments + ["--force"]).status == 0)
    #expect(try String(contentsOfFile: page, encoding: .utf8) == markup)
  }

  @Test func `every failure has its exit code and one sentence with the file's name`() throws {
    let folder = try TemporaryFolder()
    let model = folder.path("model.ingot")
    #expect(try Tool.run("convert", archive, "-o", model).status == 0)
    let broken = try folder.write([UInt8](Data(contentsOf: URL(filePath: archive)).prefix(5000)), to: "broken.pt")
    let empty = try folder.write([], to: "empty.pt")
    let pointer = try folder.write(Array("version https://git-lfs.github.com/spec/v1\noid sha256:0".utf8), to: "a.pt")
    let dangerous = Fixtures.path("torch-containers/dangerous-system.pt")
    let cases: [(Int32, [String], String)] = [
      (64, ["convert", archive], "--output"), (64, ["convert"], "source"),
      (64, ["quantize", model, "-o", "x", "--encoding", "odd"], "odd"),
      (64, ["verify", model, "--threads", "0"], "threads"),
      (65, ["convert", broken, "-o", folder.path("x")], "broken.pt"), (65, ["inspect", empty], "empty.pt"),
      (66, ["convert", folder.path("none.pt"), "-o", folder.path("x")], "none.pt"),
      (
        69, ["convert", Fixtures.path("torch-containers/stored.pt"), "-o", folder.path("x")],
        "unknown checkpoint family"
      ),
      (69, ["inspect", pointer], "git lfs pull"),
      (69, ["quantize", archive, "-o", folder.path("x"), "--encoding", "int8"], "expected .ingot"),
      (73, ["convert", archive, "-o", model], "exists already"),
      (73, ["convert", archive, "-o", folder.path("none/x")], "cannot create"),
      (77, ["convert", dangerous, "-o", folder.path("x")], "posix.system"),
      (77, ["inspect", dangerous], "posix.system"),
    ]
    for (status, arguments, word) in cases {
      let result = try Tool.run(arguments)
      #expect(result.status == status, "\(arguments): \(result.errors)")
      #expect(result.errors.contains(word), "\(arguments): \(result.errors)")
      #expect(!FileManager.default.fileExists(atPath: folder.path("x")))
    }
    #expect(try Tool.run("convert", archive, "-o", model, "--force").status == 0)
  }

  @Test func `one flipped bit anywhere in a file is found, and the tensor is named`() throws {
    let folder = try TemporaryFolder()
    let model = folder.path("model.ingot")
    #expect(try Tool.run("convert", archive, "-o", model).status == 0)
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: model)))
    bytes[bytes.count - 100] ^= 4
    let spoiled = try folder.write(bytes, to: "spoiled.ingot")
    let result = try Tool.run("verify", spoiled)
    #expect(result.status == 65)
    #expect(result.errors.contains("vision.projection"), "\(result.errors)")
    #expect(try Tool.run("quantize", spoiled, "-o", folder.path("x"), "--encoding", "int8").status == 65)
  }

  @Test func `inspect shows what is there, with checksums of PyTorch's own`() throws {
    let result = try Tool.run("inspect", archive, "--json", "--checksums")
    let document = try result.json()
    #expect(result.status == 0)
    #expect(document["container"] as? String == "torchscript")
    #expect(document["family"] as? String == "openai")
    #expect((document["tensors"] as? [[String: Any]])?.first?["sha256"] as? String != nil)
    let globals = try #require(document["globals"] as? [[String: Any]])
    #expect(globals.contains { $0["name"] as? String == "torch._utils._rebuild_tensor_v2" })
    let trained = try Tool.run("inspect", Fixtures.path("fashion-clip/state_dict.pt"), "--json").json()
    #expect(trained["parameters"] as? Int == 788_609)
    let other = try Tool.run("inspect", Fixtures.path("torch-containers/training.pt"), "--json").json()
    #expect(other["family"] is NSNull || other["family"] == nil)
  }

  @Test func `a vocabulary of another size is refused with both sizes`() throws {
    let folder = try TemporaryFolder()
    let vocabulary = Fixtures.path("fashion-clip/bpe_vocab.txt.gz")
    let result = try Tool.run("convert", archive, "-o", folder.path("x"), "--tokenizer", vocabulary)
    #expect(result.status == 65)
    #expect(result.errors.contains("814") && result.errors.contains("300"), "\(result.errors)")
    let right = Fixtures.path("fashion-clip/archive.pt")
    for tokenizer in [vocabulary, Fixtures.path("fashion-clip")] {
      #expect(try Tool.run("convert", right, "-o", folder.path("x"), "--tokenizer", tokenizer, "--force").status == 0)
    }
  }

  @Test func `classify and embed agree with the logits of the model`() throws {
    let folder = try TemporaryFolder()
    let model = folder.path("model.ingot")
    let vocabulary = Fixtures.path("fashion-clip/bpe_vocab.txt.gz")
    #expect(
      try Tool.run("convert", Fixtures.path("fashion-clip/archive.pt"), "-o", model, "--tokenizer", vocabulary).status
        == 0)
    let image = Fixtures.path("fashion-clip/images/sneaker.png")
    let result = try Tool.run(
      "classify", model, "--labels", "a photo of a coat.,a photo of a sneaker.", image, "--json")
    let scores = try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [[String: Any]]
    let best = (scores?.first?["scores"] as? [[String: Any]])?.first
    #expect(best?["label"] as? String == "a photo of a sneaker.")
    let texts = try folder.write(Array("a photo of a coat.\na photo of a sneaker.\n".utf8), to: "texts.txt")
    #expect(try Tool.run("embed", model, "--texts", texts, "-o", folder.path("texts.npy")).status == 0)
    #expect(try Tool.run("embed", model, "--images", image, "-o", folder.path("images.npy")).status == 0)
    // Two rows of 96 float32 after a header of 128 bytes at most.
    let size = try Data(contentsOf: URL(filePath: folder.path("texts.npy"))).count
    #expect((size - 2 * 96 * 4) % 64 == 0)
    #expect(
      try Tool.run("embed", folder.path("none.ingot"), "--images", image, "-o", folder.path("x.npy")).status == 66)
  }

  @Test func `a dry run lists every copy and writes nothing`() throws {
    let folder = try TemporaryFolder()
    let result = try Tool.run("convert", archive, "-o", folder.path("x"), "--dry-run", "--encoding", "int8", "--json")
    #expect(result.status == 0)
    #expect((try result.json()["copies"] as? [Any])?.count == 77)
    #expect(!FileManager.default.fileExists(atPath: folder.path("x")))
  }

  @Test func `logits are the same bits with plain instructions, one thread and batches of one`() throws {
    let folder = try TemporaryFolder()
    var first: [UInt8]?
    let ways = [
      [], ["--instructions", "plain"], ["--threads", "1", "--batch", "1"], ["--threads", "2", "--batch", "7"],
    ]
    for (index, way) in ways.enumerated() {
      let output = folder.path("\(index).safetensors")
      let result = try Tool.run(["logits", archive, "--inputs", golden, "-o", output, "--hidden"] + way)
      #expect(result.status == 0, "\(result.errors)")
      let bytes = [UInt8](try Data(contentsOf: URL(filePath: output)))
      if let first { #expect(bytes == first, "\(way)") } else { first = bytes }
    }
    let file = try SafetensorsFile(MappedFile(path: folder.path("0.safetensors")))
    #expect(file.tensor(named: "vision.hidden.0") != nil && file.tensor(named: "logits_per_image") != nil)
  }

  @Test(arguments: ["vit-tiny/state_dict.pt", "fashion-clip/state_dict.pt"], [0, 200, 1000, 2000])
  func `a full disk leaves no file, and an old one as it was`(_ source: String, _ blocks: Int) throws {
    let folder = try TemporaryFolder()
    let old = try folder.write([1, 2, 3], to: "out.ingot")
    // A limit on the size of files stands in for a full disk: writes fail part way, in small tensors or in large ones.
    let result = try Tool.run(
      ["convert", Fixtures.path(source), "-o", old, "--force", "--activation", "quick-gelu"],
      in: "ulimit -f \(blocks); exec \"$0\" \"$@\"")
    #expect(result.status == 74, "\(result.errors)")
    #expect(try Data(contentsOf: URL(filePath: old)) == Data([1, 2, 3]))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["out.ingot"])
  }

  @Test func `a killed conversion leaves the old file or none`() throws {
    let folder = try TemporaryFolder()
    for delay in [0, 5_000, 20_000, 60_000] {
      let process = Process()
      process.executableURL = URL(filePath: Tool.path)
      process.arguments = ["convert", Fixtures.path("fashion-clip/state_dict.pt"), "-o", folder.path("out.ingot")]
      process.standardOutput = FileHandle.nullDevice
      process.standardError = FileHandle.nullDevice
      try process.run()
      usleep(UInt32(delay))
      kill(process.processIdentifier, SIGKILL)
      process.waitUntilExit()
      let names = try FileManager.default.contentsOfDirectory(atPath: folder.url.path)
      #expect(names.isEmpty || names == ["out.ingot"])
      if names == ["out.ingot"] { #expect(try Tool.run("verify", folder.path("out.ingot")).status == 0) }
      try? FileManager.default.removeItem(atPath: folder.path("out.ingot"))
    }
  }

  @Test func `diff tells in its exit code whether anything differs`() throws {
    let folder = try TemporaryFolder()
    let zip = Fixtures.path("clip-containers/zip.pt")
    let same = try Tool.run("diff", "--json", zip, Fixtures.path("clip-containers/chunked.h5"))
    #expect(same.status == 0, "\(same.errors)")
    #expect((try same.json()["counts"] as? [String: Int])?["exact"] == 38)
    let other = try Tool.run("diff", zip, Fixtures.path("clip-containers/archive.pt"))
    #expect(other.status == 1 && other.output.contains("3 only-in-second"))
    #expect(try Tool.run("diff", zip, folder.path("none")).status == 66)
  }

  @Test(arguments: ["vit-tiny/archive.pt", "clip-containers/big-endian.pt", "clip-containers/legacy.pt"])
  func `a round trip through .ingot and safetensors gives every byte back`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.path(name)
    let (model, out) = (folder.path("model.ingot"), folder.path("out.safetensors"))
    #expect(try Tool.run("convert", source, "-o", model).status == 0)
    #expect(try Tool.run("export", model, "--format", "safetensors", "-o", out).status == 0)
    func digests(_ path: String) throws -> Set<String> {
      let tensors = try Tool.run("inspect", "--json", "--checksums", path).json()["tensors"] as? [[String: Any]] ?? []
      return Set(tensors.map { "\($0["name"] ?? "") \($0["type"] ?? "") \($0["shape"] ?? "") \($0["sha256"] ?? "")" })
    }
    let expected = try digests(source)
    #expect(expected.count > 30)
    #expect(try digests(out) == expected)
    #expect(try Tool.run("export", model, "-o", out).status == 73)
  }

  @Test(arguments: ["every-type", "golden", "names", "shapes", "only-metadata", "nothing"])
  func `export of the reference library's file is that file`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.path("safetensors/reference-\(name).safetensors")
    let result = try Tool.run("export", source, "-o", folder.path("out"))
    #expect(result.status == 0, "\(result.errors)")
    #expect(FileManager.default.contentsEqual(atPath: source, andPath: folder.path("out")))
  }

  @Test func `export refuses a tensor that it cannot read, and writes nothing`() throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.path("torch-containers/unreadable-tensors.pt")
    let result = try Tool.run("export", source, "-o", folder.path("out"))
    #expect(result.status == 69 && result.errors.contains("sparse"))
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
  }

  @Test func `scan tells in its exit code what it found`() throws {
    let folder = try TemporaryFolder()
    let dangerous = try Tool.run("scan", "--json", Fixtures.path("torch-containers/dangerous-system.pt"))
    #expect(dangerous.status == 77)
    #expect(try dangerous.json()["verdict"] as? String == "dangerous")
    #expect(try Tool.run("scan", Fixtures.path("torch-containers/stored.pt")).status == 0)
    let broken = try folder.write([0x80, 2, 0xff, 0x2e], to: "broken.pkl")
    #expect(try Tool.run("scan", broken).status == 65)
    let wrapped = try folder.write([0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c, 0, 0], to: "a.7z")
    #expect(try Tool.run("scan", wrapped).status == 69)
  }

  @Test func `a hostile HDF5 file is refused by the program, and a crash of its reader would be an error`() throws {
    let link = try Tool.run("inspect", Fixtures.path("hdf5/external-link.h5"))
    #expect(link.status == 77 && link.errors.contains("external link"))
    #expect(try Tool.run("inspect", Fixtures.path("hdf5/bomb.h5")).status == 65)
  }

  @Test func `the state dict of a training checkpoint can be chosen`() throws {
    let folder = try TemporaryFolder()
    let source = Fixtures.path("clip-containers/average.pt")
    let first = try Tool.run("convert", source, "-o", folder.path("a.ingot"))
    #expect(first.status == 0 && first.errors.contains("state_dict_ema (38 tensors)"))
    #expect(try Tool.run("convert", source, "--state-dict", "state_dict_ema", "-o", folder.path("b.ingot")).status == 0)
    #expect(try Tool.run("diff", folder.path("a.ingot"), folder.path("b.ingot")).status == 1)
    #expect(try Tool.run("convert", source, "--state-dict", "none", "-o", folder.path("c.ingot")).status == 65)
  }
}
