// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotTestSupport
import Testing

@Suite struct QuantizeCommandTests {
  private let golden = Fixtures.path("fashion-clip/golden-archive.safetensors")

  private func model(in folder: TemporaryFolder) throws -> String {
    let path = folder.path("model.ingot")
    #expect(try Tool.run("convert", Fixtures.path("fashion-clip/archive.pt"), "-o", path).status == 0)
    return path
  }

  private func size(_ path: String) throws -> Int {
    try Data(contentsOf: URL(filePath: path)).count
  }

  @Test(arguments: ["float16", "int8", "int8-group-32", "int6-group-64", "int4-group-128"])
  func `a dry run says how large the file becomes`(_ encoding: String) throws {
    let folder = try TemporaryFolder()
    let (model, out) = (try model(in: folder), folder.path("out.ingot"))
    let dry = try Tool.run("quantize", model, "--encoding", encoding, "--quantize-all", "--dry-run", "--json")
    #expect(dry.status == 0, "\(dry.errors)")
    #expect(!FileManager.default.fileExists(atPath: out))
    #expect(try Tool.run("quantize", model, "-o", out, "--encoding", encoding, "--quantize-all").status == 0)
    #expect(try dry.json()["outputBytes"] as? Int == size(out))
    #expect(try Tool.run("verify", out).status == 0)
    let verified = try Tool.run("verify", out, "--against", golden)
    #expect(verified.status == 0, "\(verified.output)")
    let shown = try Tool.run("inspect", out)
    if encoding.contains("group") { #expect(shown.output.contains("per group of"), "\(shown.output)") }
    #expect(try Tool.run("diff", model, out).output.contains("exact"))
    let exported = folder.path("out.safetensors")
    #expect(try Tool.run("export", out, "--format", "safetensors", "-o", exported).status == 0)
  }

  @Test func `calibration is named in provenance, and changes the scales`() throws {
    let folder = try TemporaryFolder()
    let model = try model(in: folder)
    let (mse, activation) = (folder.path("mse.ingot"), folder.path("activation.ingot"))
    #expect(try Tool.run("quantize", model, "-o", mse, "--encoding", "int4-group-32").status == 0)
    let run = try Tool.run(
      "quantize", model, "-o", activation, "--encoding", "int4-group-32", "--scales", "activation", "--calibration",
      golden)
    #expect(run.status == 0, "\(run.errors)")
    #expect(try Data(contentsOf: URL(filePath: mse)) != Data(contentsOf: URL(filePath: activation)))
    let text = String(decoding: try Data(contentsOf: URL(filePath: activation)), as: UTF8.self)
    #expect(text.contains("\"calibration\":{\"images\":"))
    #expect(text.contains("\"scales\":\"activation\""))
    #expect(try Tool.run("verify", activation, "--against", golden).status == 0)
  }

  @Test func `a plan keeps to its size, says so before, and is the same again from its cache`() throws {
    let folder = try TemporaryFolder()
    let (model, out, cache) = (try model(in: folder), folder.path("out.ingot"), folder.path("cache"))
    let limit = try size(model) / 3
    let arguments = ["quantize", model, "--max-size", "\(limit)", "--calibration", golden, "--cache", cache]
    let dry = try Tool.run(arguments + ["--dry-run", "--json"])
    #expect(dry.status == 0, "\(dry.errors)")
    let run = try Tool.run(arguments + ["-o", out, "--json"])
    #expect(run.status == 0, "\(run.errors)")
    let bytes = try size(out)
    #expect(bytes <= limit)
    #expect(try dry.json()["outputBytes"] as? Int == bytes)
    #expect(try run.json()["outputBytes"] as? Int == bytes)
    let plans = try [dry, run].map { try #require($0.json()["plan"] as? [String: Any]) }
    #expect(plans[0]["encodings"] as? [String: String] == plans[1]["encodings"] as? [String: String])
    #expect((plans[0]["front"] as? [Any])?.count ?? 0 > 3)
    #expect(try Tool.run("verify", out, "--against", golden).status == 0)
    let text = try Tool.run(arguments + ["--dry-run"])
    #expect(text.output.contains("chosen:") && text.output.contains("measured"))
  }

  @Test func `the front of plans becomes a picture`() throws {
    let folder = try TemporaryFolder()
    let (model, picture) = (try model(in: folder), folder.path("front.svg"))
    let arguments = ["quantize", model, "--max-size", "700K", "--calibration", golden, "--dry-run", "--front", picture]
    #expect(try Tool.run(arguments).status == 0)
    let text = try String(contentsOfFile: picture, encoding: .utf8)
    #expect(text.contains("<svg") && text.contains("int4-group-128") && text.contains("chosen"))
    #expect(try Tool.run(arguments).status == 73, "it exists")
    #expect(try Tool.run(arguments + ["--force"]).status == 0)
  }

  @Test func `smoothing is recorded, kept out of comparisons, and refused where no norm precedes`() throws {
    let folder = try TemporaryFolder()
    let (model, out) = (try model(in: folder), folder.path("out.ingot"))
    let run = try Tool.run(
      "quantize", model, "-o", out, "--encoding", "int8", "--smooth", "--calibration", golden)
    #expect(run.status == 0, "\(run.errors)")
    let text = String(decoding: try Data(contentsOf: URL(filePath: out)), as: UTF8.self)
    #expect(text.contains("\"smoothing\":{"))
    #expect(try Tool.run("verify", out, "--against", golden).status == 0)
    let verified = try Tool.run(
      "verify", out, "--against", model, "--images", Fixtures.path("fashion-clip/images"), "--texts",
      Fixtures.path("fashion-clip/captions.txt"), "--tokenizer", Fixtures.path("fashion-clip/bpe_vocab.txt.gz"))
    #expect(verified.status == 0, "\(verified.output)")
    #expect(verified.errors.contains("powers of two"))
    #expect(try Tool.run("doctor", out, "--against", model).status == 0)
    let ledger = try Tool.run("explain", out, "--against", model, "--json").json()
    #expect(abs(try #require(ledger["residue"] as? Double)) <= 0.1)
    #expect(try Tool.run("bisect", model, out).status == 0)
    // A tower of convolutions alone has no layer norms.
    let tower = folder.path("tower.ingot")
    let source = Fixtures.path("families/towers-alone/simclr/r50_1x_sk0.pth")
    #expect(try Tool.run("convert", source, "-o", tower).status == 0)
    let refused = try Tool.run(
      "quantize", tower, "-o", folder.path("x"), "--encoding", "int8", "--smooth", "--calibration",
      Fixtures.path("fashion-clip/images"))
    #expect(refused.status == 69, "\(refused.errors)")
    #expect(refused.errors.contains("no product of this model has a norm"))
  }

  @Test(arguments: ["int8", "int4-group-32"])
  func `integers rounded with compensation are recorded, verified, and the same everywhere`(_ encoding: String) throws {
    let folder = try TemporaryFolder()
    let (model, out, plain) = (try model(in: folder), folder.path("out.ingot"), folder.path("plain.ingot"))
    let arguments = ["quantize", model, "--encoding", encoding, "--rounding", "gptq", "--calibration", golden]
    let run = try Tool.run(arguments + ["-o", out, "--threads", "2"])
    #expect(run.status == 0, "\(run.errors)")
    let again = folder.path("again.ingot")
    #expect(try Tool.run(arguments + ["-o", again, "--threads", "1"]).status == 0)
    #expect(try Data(contentsOf: URL(filePath: out)) == Data(contentsOf: URL(filePath: again)))
    let text = String(decoding: try Data(contentsOf: URL(filePath: out)), as: UTF8.self)
    #expect(text.contains("\"rounding\":\"gptq\"") && text.contains("\"images\":64"))
    #expect(try Tool.run("quantize", model, "-o", plain, "--encoding", encoding).status == 0)
    #expect(try size(out) >= size(plain), "provenance is longer, tensors are not")
    func divergence(_ path: String) throws -> Double {
      let verified = try Tool.run("verify", path, "--against", golden, "--activations", "float32", "--json")
      #expect(verified.status == 0, "\(verified.output)")
      let logits = try #require(verified.json()["logits"] as? [String: Any])
      return try #require(logits["klMean"] as? Double)
    }
    #expect(try divergence(out) * 2 < divergence(plain))
    #expect(try Tool.run("verify", out, "--against", model).status == 0)
    #expect(try Tool.run("doctor", out, "--against", model).status == 0)
    #expect(try Tool.run("bisect", model, out).status == 0)
    let ledger = try Tool.run("explain", out, "--against", model, "--json").json()
    #expect(abs(try #require(ledger["residue"] as? Double)) <= 0.1)
  }

  @Test func `a plan whose integers are rounded with compensation is written as it was measured`() throws {
    let folder = try TemporaryFolder()
    let (model, out, plain) = (try model(in: folder), folder.path("out.ingot"), folder.path("plain.ingot"))
    let arguments = ["quantize", model, "--max-size", "900K", "--calibration", golden, "--cache", folder.path("cache")]
    let run = try Tool.run(arguments + ["-o", out, "--rounding", "gptq", "--json"])
    #expect(run.status == 0, "\(run.errors)")
    let plan = try #require(run.json()["plan"] as? [String: Any])
    #expect(try size(out) <= 900_000 && plan["bytes"] as? Int == size(out))
    let text = String(decoding: try Data(contentsOf: URL(filePath: out)), as: UTF8.self)
    #expect(text.contains("\"rounding\":\"gptq\"") && text.contains("\"goal\":\"max-size 900000\""))
    #expect(text.contains("\"images\":64"))
    // The same without what the planner kept: all tensors are rounded again.
    let again = folder.path("again.ingot")
    #expect(try Tool.run(arguments + ["-o", again, "--rounding", "gptq", "--threads", "1"]).status == 0)
    #expect(try Data(contentsOf: URL(filePath: out)) == Data(contentsOf: URL(filePath: again)))
    #expect(try Tool.run(arguments + ["-o", plain]).status == 0)
    func divergence(_ path: String) throws -> Double {
      let verified = try Tool.run("verify", path, "--against", model, "--json")
      #expect(verified.status == 0, "\(verified.output)")
      let logits = try #require(verified.json()["logits"] as? [String: Any])
      return try #require(logits["klMean"] as? Double)
    }
    #expect(try divergence(out) < divergence(plain))
    #expect(try Tool.run("doctor", out, "--against", model).status == 0)
  }

  @Test func `who calibrates one tower alone is told that the other is rounded to nearest`() throws {
    let folder = try TemporaryFolder()
    let model = try model(in: folder)
    let arguments = ["quantize", model, "--encoding", "int8", "--rounding", "gptq", "--dry-run", "--calibration"]
    let images = try Tool.run(arguments + [Fixtures.path("fashion-clip/images")])
    #expect(images.status == 0 && images.errors.contains("the text tower is rounded to nearest"), "\(images.errors)")
    let both = try Tool.run(arguments + [golden])
    #expect(both.status == 0 && !both.errors.contains("rounded to nearest"), "\(both.errors)")
  }

  @Test(arguments: ["resnet-tiny", "vit-tiny"])
  func `without calibration inputs, made ones serve compensation`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let (model, out) = (folder.path("model.ingot"), folder.path("out.ingot"))
    #expect(try Tool.run("convert", Fixtures.path("\(name)/archive.pt"), "-o", model).status == 0)
    let run = try Tool.run(
      "quantize", model, "-o", out, "--encoding", "int6-group-32", "--rounding", "gptq", "--quantize-all")
    #expect(run.status == 0, "\(run.errors)")
    let verified = try Tool.run("verify", out, "--against", model)
    #expect(verified.status == 0, "\(verified.output)")
  }

  @Test func `a file says how it is run, and a person may say otherwise`() throws {
    let folder = try TemporaryFolder()
    let (model, out) = (try model(in: folder), folder.path("out.ingot"))
    let run = try Tool.run("quantize", model, "-o", out, "--encoding", "int8", "--default-activations", "int8")
    #expect(run.status == 0, "\(run.errors)")
    func activations(_ arguments: String...) throws -> String? {
      try Tool.run(["verify", out, "--against", golden, "--json"] + arguments).json()["activations"] as? String
    }
    #expect(try activations() == "int8")
    #expect(try activations("--activations", "int16") == "int16")
    #expect(try Tool.run("quantize", model, "-o", out, "--encoding", "int8", "--force").status == 0)
    #expect(try activations() == "int16")
  }

  @Test func `what does not go together is refused`() throws {
    let cases: [([String], String)] = [
      (["--dry-run"], "--encoding"), (["--encoding", "int8"], "--output"),
      (["--encoding", "int8", "--max-size", "9M", "--dry-run"], "--max-size"),
      (["--max-size", "9X", "--dry-run"], "9X"), (["--max-size", "9M", "--max-kl", "1", "--dry-run"], "one goal"),
      (["--min-top1", "101", "--dry-run"], "101"), (["--min-cosine", "1.5", "--dry-run"], "1.5"),
      (["--encoding", "int4-group-32", "--scales", "activation", "--dry-run"], "--calibration"),
      (["--encoding", "int4-group-32", "--cache", "x", "--dry-run"], "--cache"),
      (["--encoding", "int8", "--front", "x", "--dry-run"], "--front"),
      (["--encoding", "int8", "--smooth", "--dry-run"], "--calibration"),
      (["--encoding", "int4-group-32", "--smooth", "--calibration", "x", "--dry-run"], "--smooth"),
      (["--encoding", "float16", "--rounding", "gptq", "--dry-run"], "--rounding gptq"),
    ]
    for (arguments, word) in cases {
      let result = try Tool.run(["quantize", "model.ingot"] + arguments)
      #expect(result.status == 64, "\(arguments): \(result.errors)")
      #expect(result.errors.contains(word), "\(arguments): \(result.errors)")
    }
    let folder = try TemporaryFolder()
    let model = try model(in: folder)
    let small = try Tool.run("quantize", model, "--max-size", "2K", "--dry-run", "--calibration", golden)
    #expect(small.status != 0)
    #expect(small.errors.contains("the smallest has"), "\(small.errors)")
  }
}
