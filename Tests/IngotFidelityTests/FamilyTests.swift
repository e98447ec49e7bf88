// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotQuantization
import IngotTensor
import Testing

@Suite struct FamilyTests {
  @Test func `the fixtures are there`() {
    #expect(FamilyFixture.supported.count >= 28)
    #expect(FamilyFixture.refused.keys.allSatisfy { name in FamilyFixture.all.contains { $0.name == name } })
  }

  @Test(arguments: FamilyFixture.supported)
  func `a model of every family computes what its own library computes`(_ fixture: FamilyFixture) throws {
    let model = try ModelFixture(fixture, .source)
    let report = try model.verify()
    #expect(report.passed, "\(report.summary.joined(separator: "\n"))")
    #expect(report.firstDivergence == nil)
    let scale = Double(try CLIPEncoder<Float>(model.configuration, model.file).logitScale)
    if fixture.facts.vision != nil { #expect(try #require(report.imageEmbeds).maxAbs <= 1e-5) }
    if fixture.facts.text != nil { #expect(try #require(report.textEmbeds).maxAbs <= 1e-5) }
    if fixture.facts.similarity != nil { #expect(try #require(report.logits).maxAbs <= 1e-5 * scale) }
    // All blocks were compared, each alone.
    let blocks = [fixture.facts.vision, fixture.facts.text].compactMap { $0?.blockCount }.reduce(0, +)
    #expect(report.blocks.filter { $0.name.contains(".hidden.") }.count == blocks)
  }

  @Test(arguments: FamilyFixture.supported)
  func `a model of every family stays within its tolerance as int8`(_ fixture: FamilyFixture) throws {
    let report = try ModelFixture(fixture, .int8).verify()
    #expect(report.passed, "\(report.summary.joined(separator: "\n"))")
  }

  @Test(arguments: FamilyFixture.supported)
  func `constants are those of the library`(_ fixture: FamilyFixture) throws {
    let configuration = try ModelFixture(fixture, .source).configuration
    let facts = fixture.facts
    #expect(configuration.embeddingWidth == facts.embedding ?? configuration.embeddingWidth)
    #expect(configuration.similarity.rawValue == facts.similarity ?? "none")
    #expect((configuration.vision == nil) == (facts.vision == nil))
    #expect((configuration.text == nil) == (facts.text == nil))
    if let expected = facts.text, let text = configuration.text {
      expect(text.transformer, expected)
      #expect(text.isCausal == expected.causal)
      let poolings = ["argmax": "largest-token", "eos": "end-token", "last": "last-token", "first": "first-token"]
      #expect(text.pooling.rawValue == poolings[expected.pooling])
      #expect(text.vocabularySize == expected.vocabulary)
    }
    switch (facts.vision, configuration.vision) {
    case (let expected?, .transformer(let vision)):
      expect(vision.transformer, expected)
      #expect(vision.patchSize == expected.patch)
      #expect(vision.hasPreNorm == expected.preNorm)
      let poolings = ["class": "class-token", "average": "average", "map": "attention"]
      #expect(vision.pooling.rawValue == poolings[expected.pooling])
    case (let expected?, .residualNetwork(let vision)):
      #expect(expected.layers == .stages(vision.blocks))
      #expect(vision.heads == expected.heads)
      #expect(vision.normEpsilon == expected.epsilon)
    default: #expect(facts.vision == nil)
    }
    if let expected = facts.preprocessing {
      let preprocessing = try configuration.requirePreprocessing()
      #expect(preprocessing.imageSize == expected.size)
      #expect(preprocessing.mean == expected.mean && preprocessing.standardDeviation == expected.std)
      #expect(preprocessing.interpolation.rawValue == expected.interpolation)
      let resizes = ["shortest": "shortest-side-then-center-crop", "squash": "squash"]
      #expect(preprocessing.resize.rawValue == resizes[expected.resize])
    }
  }

  private func expect(_ blocks: TransformerConfiguration, _ expected: FamilyFixture.Facts.Tower) {
    let activations = ["swiglu": "silu"]
    #expect(blocks.activation.rawValue == activations[expected.activation] ?? expected.activation)
    #expect(blocks.heads == expected.heads)
    #expect(blocks.normEpsilon == expected.epsilon)
    #expect(.one(blocks.layers) == expected.layers)
    #expect(expected.width == .one(blocks.width))
  }

  @Test(arguments: FamilyFixture.refused.sorted { $0.key < $1.key }.map(\.key))
  func `what is not supported is refused by name`(_ name: String) throws {
    let fixture = try #require(FamilyFixture.all.first { $0.name == name })
    let error = #expect(throws: CheckpointError.self) {
      _ = try ConversionPlan(Source(path: fixture.source), scheme: .source)
    }
    #expect(error.map { $0.code == .unsupported || $0.code == .mismatch } == true)
    #expect("\(String(describing: error))".contains(FamilyFixture.refused[name] ?? "?"))
  }

  @Test func `no family is guessed at where the files do not say its constants`() throws {
    // The same weights without the configuration beside them.
    for name in ["open-clip/gelu", "huggingface/gelu-eos", "siglip/open-clip", "eva/eva02", "chinese-clip/original"] {
      let fixture = try #require(FamilyFixture.all.first { $0.name == name })
      let source = try Source(path: fixture.source)
      let tensors = try StateDictSelection(source.checkpoint.tensors).tensors
      let family = try Family.recognise(tensors.map(\.name))
      let error = #expect(throws: CheckpointError.self) {
        _ = try family.configuration(of: ModelEvidence(tensors: tensors))
      }
      #expect(error?.code == .undetermined, "\(name): \(String(describing: error))")
    }
  }
}

extension FamilyFixture.Facts.Tower {
  /// Blocks of a transformer, stages of a residual network.
  var blockCount: Int {
    switch layers {
    case .one(let count): count
    case .stages(let stages): stages.count
    }
  }
}
