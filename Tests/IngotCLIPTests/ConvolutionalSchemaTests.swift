// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import Testing

@testable import IngotCLIP

@Suite struct ConvolutionalSchemaTests {
  /// A published model: its numbers of parameters are those that the library itself counts, without the classifier.
  struct Size: Sendable, CustomTestStringConvertible {
    let name: String
    let family: String
    let parameters: Int
    let blocks: [Int]
    /// Outputs and inner widths of the stages.
    let widths: [(outer: Int, inner: Int)]
    var stem = 64
    var embedding = 0
    var text: (width: Int, layers: Int)?
    var headMLP: Int?
    var testDescription: String { name }

    static func bottlenecks(_ width: Int, inner: Int) -> [(outer: Int, inner: Int)] {
      (0..<4).map { (width << $0, inner << $0) }
    }

    static func convNeXt(_ width: Int) -> [(outer: Int, inner: Int)] { (0..<4).map { (width << $0, 4 * width << $0) } }
  }

  static let sizes = [
    Size(
      name: "resnet50", family: "torchvision-resnet", parameters: 23_508_032, blocks: [3, 4, 6, 3],
      widths: Size.bottlenecks(256, inner: 64)),
    Size(
      name: "resnet152", family: "torchvision-resnet", parameters: 58_143_808, blocks: [3, 8, 36, 3],
      widths: Size.bottlenecks(256, inner: 64)),
    Size(
      name: "wide_resnet50_2", family: "torchvision-resnet", parameters: 66_834_240, blocks: [3, 4, 6, 3],
      widths: Size.bottlenecks(256, inner: 128)),
    // keras.applications.ResNet50(include_top=False) counts 23,587,712 with 53,120 statistics.
    Size(
      name: "Keras ResNet50", family: "keras-resnet", parameters: 23_534_592, blocks: [3, 4, 6, 3],
      widths: Size.bottlenecks(256, inner: 64)),
    Size(
      name: "SimCLRv2 r50_1x_sk0", family: "simclr-resnet", parameters: 23_508_032, blocks: [3, 4, 6, 3],
      widths: Size.bottlenecks(256, inner: 64)),
    Size(
      name: "BiT-M-R50x1", family: "bit-resnet", parameters: 23_500_352, blocks: [3, 4, 6, 3],
      widths: Size.bottlenecks(256, inner: 64)),
    Size(
      name: "BiT-M-R152x2", family: "bit-resnet", parameters: 232_238_208, blocks: [3, 8, 36, 3],
      widths: Size.bottlenecks(512, inner: 128), stem: 128),
    Size(
      name: "convnext_base_w", family: "openclip-convnext", parameters: 179_385_345, blocks: [3, 3, 27, 3],
      widths: Size.convNeXt(128), stem: 128, embedding: 640, text: (640, 12)),
    Size(
      name: "convnext_large_d", family: "openclip-convnext", parameters: 351_772_609, blocks: [3, 3, 27, 3],
      widths: Size.convNeXt(192), stem: 192, embedding: 768, text: (768, 16), headMLP: 1536),
    Size(
      name: "convnext_xxlarge", family: "openclip-convnext", parameters: 1_200_576_385, blocks: [3, 4, 30, 3],
      widths: Size.convNeXt(384), stem: 384, embedding: 1024, text: (1024, 24)),
  ]

  private func family(_ size: Size) throws -> Family { try #require(Family.all.first { $0.name == size.family }) }

  /// What the model should be found to be.
  private func configuration(_ size: Size) throws -> CLIPConfiguration {
    var vision: ConvolutionalConfiguration =
      switch size.family {
      case "torchvision-resnet": FeatureTower.torchvision.tower
      case "keras-resnet": FeatureTower.keras.tower
      case "simclr-resnet": FeatureTower.simclr.tower
      case "bit-resnet": FeatureTower.bit.tower
      default:
        ConvolutionalConfiguration(
          imageSize: 256,
          stem: ConvolutionalConfiguration.Stem(width: 1, kernel: 4, stride: 4, padding: 0), stages: [],
          block: .convNext, normalization: .layerNorm, normEpsilon: size.name == "convnext_xxlarge" ? 1e-5 : 1e-6,
          activation: .gelu, hasConvolutionBias: true, depthwiseKernel: 7, hasLayerScale: true,
          finalNorm: .afterPooling, projection: size.headMLP == nil ? .matrix : .none,
          headMLP: size.headMLP.map { ConvolutionalConfiguration.HeadMLP(width: $0, hasOutputBias: false) })
      }
    vision.stem.width = size.stem
    vision.stages = zip(size.blocks, size.widths).map {
      ConvolutionalConfiguration.Stage(blocks: $0, width: $1.outer, innerWidth: $1.inner)
    }
    let text = size.text.map { text in
      TextConfiguration(
        vocabularySize: 49_408, contextLength: 77,
        transformer: TransformerConfiguration(
          width: text.width, layers: text.layers, heads: text.width / 64, mlpWidth: 4 * text.width, activation: .gelu,
          normEpsilon: 1e-5))
    }
    let preprocessing: PreprocessingConfiguration =
      switch size.family {
      case "torchvision-resnet": .torchvisionResNet(imageSize: 224)
      case "keras-resnet": .kerasResNet(imageSize: 224)
      case "simclr-resnet": .simclr(imageSize: 224)
      case "bit-resnet": .bit(imageSize: 224)
      default: .openAI(imageSize: 256)
      }
    return CLIPConfiguration(
      family: size.family, embeddingWidth: text == nil ? vision.featureWidth : size.embedding,
      vision: .convolutional(vision), text: text, preprocessing: preprocessing,
      similarity: text == nil ? .none : .softmax, sources: [:])
  }

  @Test(arguments: sizes)
  func `every published size has the published number of parameters, and its shapes give it back`(_ size: Size) throws {
    let configuration = try configuration(size)
    try configuration.validate()
    let family = try family(size)
    let mapping = try #require(family.mapping)
    let entries = mapping.entries(for: configuration).filter { $0.target.role != .buffer }
    let trained = entries.filter { !$0.target.name.contains(".running_") }
    #expect(trained.reduce(0) { $0 + $1.target.shape.elementCount } == size.parameters)
    let tensors = try entries.map { entry in
      let part = entry.alternatives[0][0]
      let extents = entry.target.shape.extents
      let stored: Shape =
        switch part.transform.layout {
        case .hwio: Shape(extents[2], extents[3], extents[1], extents[0])
        case .transpose: Shape(extents[1], extents[0])
        default: entry.target.shape
        }
      return try #require(TensorDescriptor(name: part.key, type: .float32, shape: stored, access: .mapped))
    }
    #expect(try Family.recognise(tensors.map(\.name)).name == size.family)
    var options = ModelOptions()
    if size.text != nil { options = ModelOptions(model: size.name) }
    var found = try family.configuration(of: ModelEvidence(tensors: tensors, options: options))
    #expect(found.sources["vision.normEpsilon"] != nil && found.sources["vision.imageSize"] != nil)
    found.sources = [:]
    #expect(found == configuration)
    #expect(try CLIPConfiguration(json: configuration.json()) == configuration)
  }

  @Test func `a ConvNeXt that nothing says the activation and image size of is refused`() throws {
    let size = try #require(Self.sizes.first { $0.name == "convnext_base_w" })
    let tensors = try KeyMapping.openCLIPConvNeXt.entries(for: configuration(size)).map { entry in
      let part = entry.alternatives[0][0]
      let extents = entry.target.shape.extents
      let stored = part.transform.layout == .transpose ? Shape(extents[1], extents[0]) : entry.target.shape
      return try #require(TensorDescriptor(name: part.key, type: .float32, shape: stored, access: .mapped))
    }
    func read(_ options: ModelOptions) throws -> CLIPConfiguration {
      try Family.openCLIPConvNeXt.configuration(of: ModelEvidence(tensors: tensors, options: options))
    }
    let error = #expect(throws: CheckpointError.self) { try read(ModelOptions()) }
    #expect(error?.code == .undetermined)
    let said = try read(ModelOptions(activation: .gelu, imageSize: 320))
    #expect(said.vision?.imageSize == 320)
    #expect(said.sources["vision.imageSize"] == .option && said.sources["vision.normEpsilon"] == .registry)
    let other = #expect(throws: CheckpointError.self) { try read(ModelOptions(model: "convnext_large_d")) }
    #expect(other?.code == .mismatch)
  }

  @Test func `descriptions that kernels cannot run are refused`() throws {
    let size = try #require(Self.sizes.first { $0.name == "BiT-M-R50x1" })
    let good = try configuration(size)
    guard case .convolutional(let vision)? = good.vision else { return }
    let changes: [(inout ConvolutionalConfiguration) -> Void] = [
      { $0.imageSize = 0 }, { $0.imageSize = 1 << 20 }, { $0.stem.stride = 0 }, { $0.stem.padding = 7 },
      { $0.stem.kernel = 0 }, { $0.stages = [] }, { $0.stages[1].blocks = 0 }, { $0.stages[1].width = -1 },
      { $0.stages[1].innerWidth = 33 }, { $0.normalization = .batchNorm }, { $0.normEpsilon = .nan },
      { $0.weightStandardizationEpsilon = -1 }, { $0.finalNorm = .none }, { $0.depthwiseKernel = 7 },
      { $0.block = .convNext }, { $0.headMLP = ConvolutionalConfiguration.HeadMLP(width: 0, hasOutputBias: true) },
    ]
    for (index, change) in changes.enumerated() {
      var vision = vision
      change(&vision)
      var bad = good
      bad.vision = .convolutional(vision)
      let error = #expect(throws: CheckpointError.self, "change \(index)") { try bad.validate() }
      #expect(error?.code == .mismatch, "change \(index)")
    }
  }
}
