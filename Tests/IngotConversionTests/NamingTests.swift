// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFile
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct NamingTests {
  @Test(arguments: ["vit-tiny/archive.pt", "vit-tiny/state_dict.pt", "fashion-clip/archive.pt"])
  func `OpenAI's checkpoint, Hugging Face's names and OpenAI's names again give every bit back`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let fixture = NamingFixture(name)
    _ = try Exporter.export(
      fixture.source(), as: .huggingFace, options: fixture.options, to: folder.path("hf"), existing: .refuse)
    let model = try NamingFixture.converted(folder.path("hf"), in: folder)
    _ = try Exporter.export(model, as: .openAI, to: folder.path("back"), existing: .refuse)
    let start = try fixture.source().contents()
    let back = try Source(path: folder.path("back/model.safetensors")).contents()
    for (name, tensor) in start { #expect(back[name] == tensor, "\(name)") }
    // OpenAI's archives carry three sizes; they are written in any case.
    #expect(
      Set(back.keys).subtracting(start.keys)
        == (name.hasSuffix("archive.pt") ? [] : ["input_resolution", "context_length", "vocab_size"]))
    // The marks that only OpenAI's own have settle the activation again.
    let again = try ConversionPlan(Source(path: folder.path("back/model.safetensors")), scheme: .source)
    #expect(again.configuration.text?.transformer.activation == .quickGELU)
  }

  static let sameLibrary: [(String, Naming)] = [
    ("huggingface/quick-gelu", .huggingFace), ("huggingface/float16", .huggingFace), ("huggingface/text", .huggingFace),
    ("huggingface/vision", .huggingFace), ("siglip/huggingface", .huggingFace), ("siglip/huggingface-2", .huggingFace),
    ("chinese-clip/huggingface", .huggingFace), ("open-clip/gelu", .openCLIP), ("open-clip/quick-gelu", .openCLIP),
    ("open-clip/resnet", .openCLIP), ("open-clip/layer-scale", .openCLIP), ("open-clip/clipa", .openCLIP),
    ("open-clip/custom-text", .openCLIP),
  ]

  @Test(arguments: sameLibrary)
  func `a model under its own library's names is the file that the library wrote`(
    _ name: String, _ naming: Naming
  ) throws {
    let folder = try TemporaryFolder()
    let fixture = NamingFixture("families/\(name)")
    let report = try Exporter.export(
      fixture.converted(in: folder), as: naming, to: folder.path("out"), existing: .refuse)
    let weights = try fixture.source().file.path
    #expect(FileManager.default.contentsEqual(atPath: weights, andPath: try #require(report.files.first)))
    #expect(URL(filePath: weights).lastPathComponent == URL(filePath: report.files[0]).lastPathComponent)
    // The files beside it say the same of the model, so far as it can be asked.
    let again = try ConversionPlan(Source(path: folder.path("out")), scheme: .source)
    #expect(again.configuration == (try fixture.plan().configuration))
    #expect(again.problems.isEmpty)
  }

  @Test func `shards and TensorFlow's file become the tensors of PyTorch's`() throws {
    let folder = try TemporaryFolder()
    for (name, reference) in [("gelu-eos", "gelu-eos"), ("tf", "quick-gelu")] {
      let fixture = NamingFixture("families/huggingface/\(name)")
      _ = try Exporter.export(
        fixture.converted(in: folder, as: name + ".ingot"), as: .huggingFace, to: folder.path(name), existing: .refuse)
      let found = try Source(path: folder.path(name)).contents()
      let expected = try NamingFixture("families/huggingface/\(reference)").source().contents()
      #expect(Set(found.keys) == Set(expected.keys))
      for (name, tensor) in expected { #expect(found[name] == tensor, "\(name)") }
    }
  }

  static let refused: [(name: String, naming: Naming, words: [String])] = [
    (
      "families/open-clip/gelu", .openAI,
      [
        "text.activation is gelu, it has quick-gelu", "vision.activation", "text.heads is 3", "vision.heads is 2",
        "vision.mlpWidth",
      ]
    ),
    ("families/siglip/huggingface", .openAI, ["similarity is sigmoid", "vision.hasClassToken", "text.mask is all"]),
    (
      "families/huggingface/gelu-eos", .openAI,
      ["text.normEpsilon is 2e-05, it has 1e-05", "text.pooling is end-token"]
    ),
    (
      "families/open-clip/clipa", .huggingFace,
      ["vision.pooling is average", "vision.hasPreNorm", "text.pooling is last-token", "text.mask is all"]
    ),
    ("families/open-clip/layer-scale", .huggingFace, ["text.block.hasLayerScale", "vision.block.hasLayerScale"]),
    ("families/open-clip/resnet", .huggingFace, ["vision is a convolutional tower"]),
    ("families/eva/eva02", .openCLIP, ["vision.block.rotary", "vision.block.mlp is gated", "vision.hasPatchBias"]),
    ("families/siglip/open-clip", .openCLIP, ["vision.pooling is attention", "vision.hasClassToken"]),
    ("families/huggingface/text", .openCLIP, ["vision is absent"]),
    ("families/chinese-clip/huggingface", .openCLIP, ["text.tokenTypes is ", "text.block.norms is after"]),
  ]

  @Test(arguments: refused.indices)
  func `a model that the library's code cannot be is refused, with every constant that stands against it`(_ index: Int)
    throws
  {
    let (name, naming, words) = Self.refused[index]
    let folder = try TemporaryFolder()
    let fixture = NamingFixture(name)
    let error = #expect(throws: CheckpointError.self) {
      try Exporter.export(
        fixture.source(), as: naming, options: fixture.options, to: folder.path("out"), existing: .refuse)
    }
    #expect(error?.code == .unsupported)
    for word in words { #expect(error?.description.contains(word) == true, "\(word) in \(String(describing: error))") }
    #expect(!FileManager.default.fileExists(atPath: folder.path("out")))
  }

  @Test func `what int8 holds is written as the values that it stands for`() throws {
    let folder = try TemporaryFolder()
    let model = try NamingFixture("families/huggingface/quick-gelu").converted(.int8, in: folder)
    let report = try Exporter.export(model, as: .huggingFace, to: folder.path("out.safetensors"), existing: .refuse)
    let name = "text_model.encoder.layers.1.self_attn.k_proj.weight"
    #expect(report.decoded.contains(name) && report.files == [folder.path("out.safetensors")])
    let stored = try #require(model.checkpoint.tensors.first { $0.name == "text.blocks.1.attention.qkv.weight" })
    #expect(stored.encoding != .plain)
    let values = try model.checkpoint.withBytes(of: stored) { try TensorDecoder.values(of: stored, $0) }
    let all = try Source(path: folder.path("out.safetensors")).contents()
    let found = try #require(all[name])
    #expect(found.type == .float32 && found.shape == Shape(24, 24))
    #expect(found.bytes == Array(values[(24 * 24)..<(2 * 24 * 24)]).withRawSpan { $0.copied() })
  }

  @Test func `nothing is overwritten, and all files or none are written`() throws {
    let folder = try TemporaryFolder()
    let source = try NamingFixture("families/huggingface/quick-gelu").source()
    try FileManager.default.createDirectory(atPath: folder.path("out"), withIntermediateDirectories: false)
    _ = try folder.write([1, 2, 3], to: "out/preprocessor_config.json")
    let error = #expect(throws: FileError.self) {
      try Exporter.export(source, as: .huggingFace, to: folder.path("out"), existing: .refuse)
    }
    #expect(error?.code == .cannotCreate)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path("out")) == ["preprocessor_config.json"])
    let report = try Exporter.export(source, as: .huggingFace, to: folder.path("out"), existing: .replace)
    #expect(report.files.count == 3)
    #expect(try ConversionPlan(Source(path: folder.path("out")), scheme: .source).problems.isEmpty)
    let file = try folder.write([1], to: "file")
    #expect(throws: FileError.self) { try Exporter.export(source, as: .openCLIP, to: file, existing: .replace) }
  }
}

extension NamingFixture {
  /// A folder of weights as an `.ingot` file.
  static func converted(_ path: String, in folder: TemporaryFolder) throws -> Source {
    let source = try Source(path: path)
    let plan = try ConversionPlan(source, scheme: .source)
    _ = try Converter(Compute(), existing: .refuse).convert(
      source, plan, tokenizer: nil, to: folder.path("converted.ingot"))
    return try Source(path: folder.path("converted.ingot"))
  }
}
