// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

/// `bisect`, `replay`, `explain` and `doctor` as a person runs them.
@Suite struct FaultCommandTests {
  private let folder: TemporaryFolder
  private let source = Fixtures.path("vit-tiny/archive.pt")
  private let int8: String
  private let wrong: String

  init() throws {
    folder = try TemporaryFolder()
    int8 = folder.path("int8.ingot")
    wrong = folder.path("wrong.ingot")
    #expect(try Tool.run("convert", source, "-o", int8, "--encoding", "int8").status == 0)
    // The same weights with the other activation: a fault that people really make.
    let plain = Fixtures.path("vit-tiny/state_dict.pt")
    #expect(try Tool.run("convert", plain, "-o", wrong, "--activation", "gelu").status == 0)
  }

  @Test func `models that are the same do not diverge`() throws {
    let result = try Tool.run("bisect", source, int8)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.hasPrefix("SAME"))
    let health = try Tool.run("doctor", int8, "--against", source)
    #expect(health.status == 0 && health.output.hasPrefix("HEALTHY"), "\(health.output)\(health.errors)")
    #expect(try Tool.run("doctor", int8).status == 0)
  }

  @Test func `a wrong activation is found, named and put into a capsule`() throws {
    let right = folder.path("right.ingot")
    let plain = Fixtures.path("vit-tiny/state_dict.pt")
    #expect(try Tool.run("convert", plain, "-o", right, "--activation", "quick-gelu").status == 0)
    let capsule = folder.path("fault.capsule")
    let result = try Tool.run("bisect", right, wrong, "--capsule", capsule, "--json")
    #expect(result.status == 1)
    let first = try #require(try result.json()["first"] as? [String: Any])
    #expect(first["operation"] as? String == "vision.blocks.0.mlp.activation")
    #expect(first["foundKind"] as? String == "activation gelu")
    #expect(try MappedFile(path: capsule).size < 4096)
    let replay = try Tool.run("replay", capsule)
    #expect(replay.status == 0 && replay.output.contains("reproduced, bit for bit"), "\(replay.output)")
    // Never over a file that is there.
    #expect(try Tool.run("bisect", right, wrong, "--capsule", capsule).status == 73)
    let doctor = try Tool.run("doctor", wrong, "--against", right, "--json")
    #expect(doctor.status == 1)
    let findings = try #require(try doctor.json()["findings"] as? [[String: Any]])
    #expect(findings.map { $0["defect"] as? String } == ["activation-exchanged", "activation-exchanged"])
    // OpenCLIP has published such models: alone, nothing is wrong with this one.
    #expect(try Tool.run("doctor", wrong).status == 0)
    let golden = Fixtures.path("vit-tiny/golden.safetensors")
    let block = try Tool.run("bisect", golden, wrong)
    #expect(block.status == 1 && block.output.contains("vision.hidden.0"), "\(block.output)\(block.errors)")
    #expect(try Tool.run("bisect", golden, right).status == 0)
  }

  @Test func `a weight of a depthwise convolution is found, named and put into a capsule`() throws {
    let right = Fixtures.path("families/convnext/linear")
    let wrong = folder.path("model")
    try FileManager.default.copyItem(atPath: right, toPath: wrong)
    let weights = URL(filePath: wrong).appending(path: "open_clip_model.safetensors")
    var bytes = [UInt8](try Data(contentsOf: weights))
    let length = bytes[..<8].reversed().reduce(0) { $0 << 8 | Int($1) }
    let header = try #require(try JSONSerialization.jsonObject(with: Data(bytes[8..<8 + length])) as? [String: Any])
    let tensor = try #require(header["visual.trunk.stages.0.blocks.0.conv_dw.weight"] as? [String: Any])
    let offsets = try #require(tensor["data_offsets"] as? [Int])
    // The middle of the first kernel of 7 × 7, with the other sign.
    bytes[8 + length + offsets[0] + 4 * 24 + 3] ^= 0x80
    try Data(bytes).write(to: weights)
    let capsule = folder.path("map.capsule")
    let result = try Tool.run("bisect", right, wrong, "--capsule", capsule, "--json")
    #expect(result.status == 1, "\(result.errors)")
    let first = try #require(try result.json()["first"] as? [String: Any])
    #expect(first["operation"] as? String == "vision.stages.0.0.depthwise" && first["column"] as? Int == 0)
    #expect(try MappedFile(path: capsule).size < 2048)
    let replay = try Tool.run("replay", capsule)
    #expect(replay.status == 0 && replay.output.contains("they diverge"), "\(replay.output)\(replay.errors)")
    #expect(replay.output.contains("reproduced, bit for bit"))
    // The same without the fault.
    #expect(try Tool.run("bisect", right, right).status == 0)
  }

  @Test func `the ledger is printed and closes`() throws {
    let result = try Tool.run("explain", int8, "--against", source)
    #expect(result.status == 0, "\(result.output)\(result.errors)")
    #expect(result.output.contains("the ledger closes"))
    #expect(result.output.split(separator: "\n").filter { $0.contains(" bytes more save ") }.count == 5)
    let json = try Tool.run("explain", int8, "--against", source, "--json", "--activations", "float32").json()
    #expect((json["parts"] as? [Any])?.isEmpty == false && json["metric"] as? String == "logits")
  }

  @Test func `bad input is named`() throws {
    for arguments in [
      ["replay", source], ["replay", Fixtures.path("vit-tiny/golden.safetensors")],
      ["bisect", source, Fixtures.path("resnet-tiny/archive.pt")],
      ["explain", int8, "--against", Fixtures.path("resnet-tiny/archive.pt")],
    ] {
      let result = try Tool.run(arguments)
      #expect(result.status == 65, "\(arguments): \(result.status) \(result.errors)")
      #expect(result.errors.hasPrefix("ingot: error: "))
    }
    #expect(try Tool.run("replay", folder.path("none")).status == 66)
  }
}
