// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotCLIP

@Suite struct SchemaTests {
  private func rows(_ name: String) throws -> [[String]] {
    let path = Fixtures.folder.deletingLastPathComponent().appending(path: "Formats/mappings/\(name).md")
    return try String(contentsOf: path, encoding: .utf8).split(separator: "\n").filter { $0.hasPrefix("| `") }.map {
      line in
      line.split(separator: "|").map { $0.trimmingCharacters(in: CharacterSet(charactersIn: " `")) }
    }
  }

  @Test func `the generated tables are those of the documents`() throws {
    let canonical = try rows("canonical")
    #expect(canonical.map { $0[0] } == CanonicalSchema.rows.map(\.name.text))
    #expect(canonical.map { $0[2] } == CanonicalSchema.rows.map(\.role.rawValue))
    #expect(canonical.map { $0[3].hasSuffix("optional") } == CanonicalSchema.rows.map { $0.presence == .optional })
    let openAI = try rows("openai")
    #expect(openAI.map { $0[0] } == KeyMapping.openAI.rows.map(\.source.text))
    #expect(openAI.map { $0[1] } == KeyMapping.openAI.rows.map(\.canonical))
  }

  struct Size: Sendable, CustomTestStringConvertible {
    let name: String
    let parameters: Int
    let vision: VisionConfiguration
    let embedding: Int
    let textWidth: Int
    var testDescription: String { name }

    init(_ name: String, _ parameters: Int, patch: Int, grid: Int, width: Int, layers: Int, embedding: Int, text: Int) {
      (self.name, self.parameters, self.embedding, textWidth) = (name, parameters, embedding, text)
      vision = .transformer(
        VisionTransformerConfiguration(patchSize: patch, grid: grid, transformer: Self.blocks(width, layers)))
    }

    init(_ name: String, _ parameters: Int, width: Int, blocks: [Int], grid: Int, embedding: Int, text: Int) {
      (self.name, self.parameters, self.embedding, textWidth) = (name, parameters, embedding, text)
      vision = .residualNetwork(
        ResidualNetworkConfiguration(
          width: width, blocks: blocks, grid: grid, heads: width / 2, normalization: .batchNorm, normEpsilon: 1e-5))
    }

    static func blocks(_ width: Int, _ layers: Int) -> TransformerConfiguration {
      TransformerConfiguration(
        width: width, layers: layers, heads: width / 64, mlpWidth: 4 * width, activation: .quickGELU, normEpsilon: 1e-5)
    }
  }

  /// The nine published sizes; parameter counts as OpenCLIP's `model_profile.csv` has them.
  static let sizes = [
    Size("RN50", 102_007_137, width: 64, blocks: [3, 4, 6, 3], grid: 7, embedding: 1024, text: 512),
    Size("RN101", 119_688_033, width: 64, blocks: [3, 4, 23, 3], grid: 7, embedding: 512, text: 512),
    Size("RN50x4", 178_300_601, width: 80, blocks: [4, 6, 10, 6], grid: 9, embedding: 640, text: 640),
    Size("RN50x16", 290_979_217, width: 96, blocks: [6, 8, 18, 8], grid: 12, embedding: 768, text: 768),
    Size("RN50x64", 623_258_305, width: 128, blocks: [3, 15, 36, 10], grid: 14, embedding: 1024, text: 1024),
    Size("ViT-B/32", 151_277_313, patch: 32, grid: 7, width: 768, layers: 12, embedding: 512, text: 512),
    Size("ViT-B/16", 149_620_737, patch: 16, grid: 14, width: 768, layers: 12, embedding: 512, text: 512),
    Size("ViT-L/14", 427_616_513, patch: 14, grid: 16, width: 1024, layers: 24, embedding: 768, text: 768),
    Size("ViT-L/14@336", 427_944_193, patch: 14, grid: 24, width: 1024, layers: 24, embedding: 768, text: 768),
  ]

  private func configuration(_ size: Size) -> CLIPConfiguration {
    CLIPConfiguration(
      family: "openai", embeddingWidth: size.embedding, vision: size.vision,
      text: TextConfiguration(
        vocabularySize: 49_408, contextLength: 77, transformer: Size.blocks(size.textWidth, 12), pooling: .largestToken),
      preprocessing: .openAI(imageSize: size.vision.imageSize), sources: [:])
  }

  @Test(arguments: sizes)
  func `every published size has the published number of parameters, and its shapes give it back`(_ size: Size) throws {
    let configuration = configuration(size)
    try configuration.validate()
    let entries = KeyMapping.openAI.entries(for: configuration).filter { $0.target.role != .buffer }
    let statistics = entries.filter { $0.target.name.contains(".running_") }
    let count =
      entries.reduce(0) { $0 + $1.target.shape.elementCount }
      - statistics.reduce(0) { $0 + $1.target.shape.elementCount }
    #expect(count == size.parameters)
    // As `build_model` does: the configuration is read off the shapes.
    let tensors = try entries.map { entry in
      let key = entry.alternatives[0][0].key
      return try #require(TensorDescriptor(name: key, type: .float32, shape: entry.target.shape, access: .mapped))
    }
    var found = try Family.openAI.configuration(
      of: ModelEvidence(tensors: tensors, options: ModelOptions(activation: .quickGELU)))
    found.sources = [:]
    #expect(found == configuration)
    #expect(try Family.recognise(tensors.map(\.name)).name == "openai")
  }

  @Test func `ViT-B/32 has 302 tensors`() throws {
    let size = try #require(Self.sizes.first { $0.name == "ViT-B/32" })
    #expect(KeyMapping.openAI.entries(for: configuration(size)).filter { $0.target.presence == .required }.count == 302)
  }

  @Test func `a configuration survives JSON, and a bad one is refused`() throws {
    for size in Self.sizes {
      let configuration = configuration(size)
      #expect(try CLIPConfiguration(json: configuration.json()) == configuration)
      #expect(try configuration.json() == configuration.json())
    }
    var heads = configuration(Self.sizes[5])
    heads.text?.transformer.heads = 7
    let error = #expect(throws: CheckpointError.self) { try CLIPConfiguration(json: heads.json()) }
    #expect(error?.code == .mismatch)
    #expect(throws: CheckpointError.self) { try CLIPConfiguration(json: Array("{}".utf8)) }
  }

  @Test func `families that are known and not supported are refused by name`() {
    let names = [
      "net.0.0.weight", "net.0.1.0.running_mean", "net.1.blocks.0.net.1.main_conv.0.weight",
      "net.1.blocks.0.net.1.mixing_conv.0.weight", "net.1.blocks.0.projection.shortcut.1.weight",
      "net.1.blocks.0.projection.bn.0.weight",
    ]
    let error = #expect(throws: CheckpointError.self) { try Family.recognise(names) }
    #expect(error?.code == .unsupported)
    #expect("\(String(describing: error))".contains("selective kernels"))
  }
}
