// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotTestSupport
import Testing

@Suite struct CertificateCommandTests {
  private let archive = Fixtures.path("vit-tiny/archive.pt")
  private let golden = Fixtures.path("vit-tiny/golden-archive.safetensors")
  private let folder: TemporaryFolder
  private let int8: String
  private let stamped: String

  init() throws {
    folder = try TemporaryFolder()
    int8 = folder.path("int8.ingot")
    stamped = folder.path("stamped.ingot")
    #expect(try Tool.run("convert", archive, "-o", int8, "--encoding", "int8").status == 0)
    let result = try Tool.run("verify", int8, "--against", archive, "--probes", "10", "--stamp", stamped)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
  }

  @Test func `one command tells of a stamped file where it came from, what was done, how far it is off, and checks it`()
    throws
  {
    let result = try Tool.run("verify", stamped)
    #expect(result.status == 0, "\(result.errors)")
    let lines = result.output.split(separator: "\n")
    #expect(lines.first?.hasPrefix("PASS") == true)
    for words in [
      "came from         openai, torchscript", "convert --encoding int8", "compared with     archive.pt",
      "the file it came from", "10 images, 10 texts (synthetic)", " of 10 (95 %:", "Spearman",
      "KL, in nats", "calibration error", "cannot flip", "tolerance:", "blocks give the certified bits",
      "is bit for bit the certified one", "as stated and within the stated tolerance", "not checked here",
    ] {
      #expect(result.output.contains(words), "\(words) is not in\n\(result.output)")
    }
    let document = try Tool.run("verify", stamped, "--json").json()
    #expect(document["passed"] as? Bool == true)
    let recheck = try #require(document["recheck"] as? [String: Any])
    #expect((recheck["failures"] as? [Any])?.isEmpty == true)
    let metadata = try #require(try Tool.run("inspect", stamped, "--json").json()["metadata"] as? [String: Any])
    #expect((metadata["certificate"] as? String)?.contains("archive.pt") == true)
    let before = try #require(try Tool.run("inspect", int8, "--json").json()["metadata"] as? [String: Any])
    #expect(before["model"] as? String == metadata["model"] as? String)
    #expect(before["root"] as? String != metadata["root"] as? String)
    #expect(before["certificate"] == nil)
  }

  @Test func `a stamp needs a comparison that passes, and overwrites nothing`() throws {
    #expect(try Tool.run("verify", int8, "--stamp", folder.path("x")).status == 64)
    #expect(try Tool.run("verify", int8, "--against", archive, "--stamp", stamped).status == 73)
    let gelu = folder.path("gelu.ingot")
    #expect(try Tool.run("convert", archive, "-o", gelu, "--activation", "gelu").status == 0)
    #expect(try Tool.run("verify", gelu, "--against", golden, "--stamp", folder.path("x")).status == 1)
    #expect(!FileManager.default.fileExists(atPath: folder.path("x")))
    // Golden bundles are probes that cannot be made again: they travel in the file.
    let other = folder.path("golden.ingot")
    #expect(try Tool.run("verify", int8, "--against", golden, "--stamp", other).status == 0)
    #expect(try Tool.run("verify", other).output.contains("(golden bundle, of a model that it does not name)"))
  }

  @Test func `honest int8 passes on probes that small errors move far, and another activation does not`() throws {
    let fashion = Fixtures.path("fashion-clip/archive.pt")
    let (source, honest, wrong) = (folder.path("s.ingot"), folder.path("h.ingot"), folder.path("w.ingot"))
    #expect(try Tool.run("convert", fashion, "-o", source).status == 0)
    #expect(try Tool.run("quantize", source, "-o", honest, "--encoding", "int8", "--quantize-all").status == 0)
    #expect(try Tool.run("convert", fashion, "-o", wrong, "--encoding", "int8", "--activation", "gelu").status == 0)
    let page = folder.path("page.html")
    let result = try Tool.run("verify", honest, "--against", source, "--explain", "--report", page)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    let markup = try String(contentsOfFile: page, encoding: .utf8)
    #expect(markup.contains("Where the error comes from") && markup.contains("Error against size"))
    #expect(try Tool.run("verify", wrong, "--against", source).status == 1)
    #expect(try Tool.run("verify", honest, "--against", source, "--explain").status == 64)
  }

  @Test func `a person's own pictures and sentences are probes, too`() throws {
    let model = folder.path("fashion.ingot")
    let source = Fixtures.path("fashion-clip/archive.pt")
    let vocabulary = Fixtures.path("fashion-clip/bpe_vocab.txt.gz")
    #expect(try Tool.run("convert", source, "-o", model, "--encoding", "int8", "--tokenizer", vocabulary).status == 0)
    let output = folder.path("own.ingot")
    let result = try Tool.run(
      "verify", model, "--against", source, "--images", Fixtures.path("fashion-clip/images"), "--texts",
      Fixtures.path("fashion-clip/captions.txt"), "--stamp", output, "--json")
    #expect(result.status == 0, "\(result.errors)")
    let report = try result.json()
    #expect(report["probes"] as? String == "files")
    #expect(report["images"] as? Int == 10 && report["texts"] as? Int == 40)
    let alone = try Tool.run("verify", output)
    #expect(alone.status == 0 && alone.output.contains("10 images, 40 texts (files)"), "\(alone.output)")
    #expect(try Tool.run("verify", model, "--images", "x.png").status == 64)
    #expect(try Tool.run("verify", model, "--against", golden, "--probes", "3").status == 64)
  }

  @Test func `signatures are made and checked, and what does not belong is named`() throws {
    let key = folder.path("key")
    #expect(try Tool.run("sign", "--generate-key", key).status == 0)
    let mode = try FileManager.default.attributesOfItem(atPath: key)[.posixPermissions] as? Int
    #expect(mode == 0o600)
    #expect(try Tool.run("sign", stamped, "--key", key).status == 0)
    let verified = try Tool.run("verify", stamped, "--key", key + ".pub")
    #expect(verified.status == 0 && verified.output.contains("signature         valid"), "\(verified.errors)")
    #expect(try Tool.run("verify", int8, "--key", key + ".pub").status == 66, "no signature beside it")
    let cases: [(String, [String])] = [
      ("another file", ["verify", int8, "--key", key + ".pub", "--signature", stamped + ".sig"]),
      ("signed with the key", ["verify", stamped, "--key", Fixtures.path("signature/other.pem")]),
      ("expected PEM", ["verify", stamped, "--key", key]),
    ]
    for (word, arguments) in cases {
      let result = try Tool.run(arguments)
      #expect(result.status == 65 && result.errors.contains(word), "\(arguments): \(result.errors)")
    }
    #expect(try Tool.run("sign", stamped, "--key", key).status == 73, "nothing is overwritten")
    #expect(try Tool.run("sign", stamped).status == 64)
  }

  @Test func `a flipped bit anywhere names its tensor and its 4 KiB block`() throws {
    let sound = [UInt8](try Data(contentsOf: URL(filePath: stamped)))
    for place in [0, 3, 40, 200, 230, 300, 5000, 9000, sound.count / 2, sound.count - 100] {
      var bytes = sound
      bytes[place] ^= 8
      let path = try folder.write(bytes, to: "flipped.ingot")
      let result = try Tool.run("verify", path)
      #expect(result.status == 65 || result.status == 69, "\(place)")
      #expect(result.errors.contains("block \(place / 4096) "), "\(place): \(result.errors)")
    }
    let (most, tail) = (Array(sound.prefix(sound.count - 1)), Array(sound.prefix(100)))
    for bytes in [most, tail] {
      let path = try folder.write(bytes, to: "short.ingot")
      let result = try Tool.run("verify", path)
      #expect(result.status == 65 && result.errors.contains("truncated"), "\(result.errors)")
    }
  }
}

@Suite struct ReportSchemaTests {
  private let schema: JSONSchema

  init() throws {
    schema = try JSONSchema(
      contentsOf: Fixtures.folder.deletingLastPathComponent().appending(path: "Formats/fidelity-report.schema.json")
        .path)
  }

  @Test func `what verify prints is what the schema says`() throws {
    let folder = try TemporaryFolder()
    let archive = Fixtures.path("vit-tiny/archive.pt")
    let golden = Fixtures.path("vit-tiny/golden-archive.safetensors")
    for (name, options) in [("right", ["--encoding", "int8"]), ("wrong", ["--activation", "gelu"])] {
      let model = folder.path("\(name).ingot")
      #expect(try Tool.run(["convert", archive, "-o", model] + options).status == 0)
      for reference in [archive, golden] {
        let printed = try Tool.run("verify", model, "--against", reference, "--json").output
        let document = try JSONDecoder().decode(JSONValue.self, from: Data(printed.utf8))
        #expect(schema.faults(of: document).isEmpty, "\(schema.faults(of: document).prefix(5))")
      }
    }
  }

  @Test func `documents that break the schema are found`() throws {
    let document = try JSONDecoder().decode(JSONValue.self, from: Data("{\"passed\": 1, \"more\": 2}".utf8))
    let faults = schema.faults(of: document)
    #expect(faults.contains { $0.contains("$.passed: number(1.0) is no boolean") })
    #expect(faults.contains("$.more is not described") && faults.contains("$.model is missing"))
  }
}
