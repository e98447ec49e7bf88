// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Configurations of OpenCLIP's models whose image tower is timm's ConvNeXt (`open_clip/timm_model.py`, `timm/models/convnext.py`).
///
/// In order of authority: what the person said, the registry or OpenCLIP's configuration file. Blocks have GELU and an epsilon that depends
/// on the model's name only.
struct ConvNeXtReader {
  private let evidence: ModelEvidence
  private var sizes: SizeReader
  private var constants = ConstantSettler()
  private let model: ConfigReader?
  private let source: ConstantSource

  private init(_ evidence: ModelEvidence, _ mapping: KeyMapping) throws(CheckpointError) {
    self.evidence = evidence
    sizes = SizeReader(evidence.tensors, mapping)
    if let name = evidence.options.model {
      model = ConfigReader(try ModelRegistry.config(of: name), "the registry's \(name)")
      source = .registry
    } else {
      model = try evidence.files.openCLIP.map { file throws(CheckpointError) in
        guard let model = try ConfigReader(file, "open_clip_config.json").object("model_cfg") else {
          throw CheckpointError(.missing, .clip, subject: "model_cfg", "open_clip_config.json has no such object")
        }
        return model
      }
      source = .configFile
    }
  }

  /// Reads a configuration.
  static func configuration(
    _ evidence: ModelEvidence, _ family: Family, _ mapping: KeyMapping
  ) throws(CheckpointError) -> CLIPConfiguration {
    var reader = try ConvNeXtReader(evidence, mapping)
    return try reader.read(family)
  }

  private mutating func read(_ family: Family) throws(CheckpointError) -> CLIPConfiguration {
    try model?.requireKnown(OpenCLIPConfig.knownModel)
    let text = try textTower()
    let (vision, embeddingWidth) = try imageTower()
    try sizes.finish()
    try constants.finish(family.title)
    try require(text, vision, embeddingWidth)
    let preprocessing = try PreprocessingConfiguration.settle(
      evidence, imageSize: vision.imageSize, standard: .openAI(imageSize: vision.imageSize), code: source, &constants)
    let configuration = CLIPConfiguration(
      family: family.name, embeddingWidth: embeddingWidth, vision: .convolutional(vision), text: text,
      preprocessing: preprocessing, similarity: sizes.has("logit_bias") ? .sigmoid : .softmax,
      sources: constants.sources)
    try configuration.validate()
    return configuration
  }

  private mutating func textTower() throws(CheckpointError) -> TextConfiguration {
    var tower = TextConfiguration.openAI
    var said: Activation?
    var heads: Int?
    if let text = try model?.object("text_cfg") {
      try text.requireKnown(OpenCLIPConfig.knownText)
      tower = try OpenCLIPConfig.textTower(text)
      let standard: Activation = try model?.bool("quick_gelu") == true ? .quickGELU : .gelu
      said = try OpenCLIPConfig.activation(standard, text)
      heads = try text.integer("heads") ?? 8
    }
    tower.transformer.activation = constants.settle(
      "text.activation", [(evidence.options.activation, .option), (said, source)], placeholder: .gelu,
      remedy: "--activation gelu or quick-gelu says it, --model NAME says everything, or put open_clip_config.json beside the weights")
    var sized = sizes.sized(tower)
    let width = sized.transformer.width
    let divided = width % NativeConstants.headWidth == 0 ? width / NativeConstants.headWidth : nil
    sized.transformer.heads = constants.settle(
      "text.heads", [(evidence.options.textHeads, .option), (heads, source), (divided, .family)], placeholder: 1,
      remedy: "--text-heads N says it")
    for key in ["text.normEpsilon", "text.mask", "text.pooling"] { constants.note(key, model == nil ? .family : source) }
    return sized
  }

  private mutating func imageTower() throws(CheckpointError) -> (ConvolutionalConfiguration, Int) {
    let settings = try imageSettings()
    var vision = sizes.sized(
      ConvolutionalConfiguration(
        imageSize: 1, stem: ConvolutionalConfiguration.Stem(width: 1, kernel: 4, stride: 4, padding: 0), stages: [],
        block: .convNext, normalization: .layerNorm, normEpsilon: 1e-6, activation: .gelu, hasConvolutionBias: true,
        finalNorm: .afterPooling))
    // A patch of the stem is as wide as it is far from the next.
    vision.stem.stride = vision.stem.kernel
    let isLargest = vision.stages.map(\.width) == Self.xxlargeWidths
    vision.normEpsilon = constants.settle(
      "vision.normEpsilon",
      [(settings?.epsilon, source), (isLargest ? Self.xxlargeEpsilon : Self.epsilon, .registry)], placeholder: 1,
      remedy: "--model NAME says it")
    for key in ["vision.activation", "vision.pooling"] { constants.note(key, .family) }
    vision.imageSize = constants.settle(
      "vision.imageSize", [(evidence.options.imageSize, .option), (settings?.imageSize, source)], placeholder: 32,
      remedy: "--image-size N says it, --model NAME says everything, or put open_clip_config.json beside the weights")
    if sizes.has("vision.head.mlp.up.weight") {
      vision.headMLP = ConvolutionalConfiguration.HeadMLP(
        width: sizes.extent("vision.head.mlp.up.weight", axis: 0, rank: 2),
        hasOutputBias: sizes.has("vision.head.mlp.down.bias"))
      return (vision, sizes.extent("vision.head.mlp.down.weight", axis: 0, rank: 2))
    }
    vision.projection = sizes.has("vision.projection_bias") ? .linear : .matrix
    return (vision, sizes.extent("vision.projection", axis: 1, rank: 2))
  }

  /// What the configuration says of the image tower beside its sizes.
  private func imageSettings() throws(CheckpointError) -> (epsilon: Double, imageSize: Int)? {
    guard let vision = try model?.object("vision_cfg") else { return nil }
    try vision.requireKnown(Self.knownVision)
    guard let name = try vision.string("timm_model_name"), name.hasPrefix("convnext_") else {
      throw CheckpointError(
        .mismatch, .clip, subject: "timm_model_name",
        "\(vision.place) says \(try vision.string("timm_model_name") ?? "nothing"), the image tower is a ConvNeXt")
    }
    let pool = try vision.string("timm_pool") ?? "avg"
    guard ["", "avg"].contains(pool) else {
      throw CheckpointError(.unsupported, .clip, subject: "timm_pool", "\(vision.place) says \(pool) of a ConvNeXt")
    }
    return (name.hasPrefix("convnext_xxlarge") ? Self.xxlargeEpsilon : Self.epsilon, try vision.integer("image_size") ?? 224)
  }

  /// Compares the sizes that the configuration states with those of the tensors.
  private func require(
    _ text: TextConfiguration, _ vision: ConvolutionalConfiguration, _ embeddingWidth: Int
  ) throws(CheckpointError) {
    guard let model else { return }
    try model.require("embed_dim", equals: embeddingWidth)
    guard let reader = try model.object("text_cfg") else { return }
    try reader.require("context_length", equals: text.contextLength)
    try reader.require("vocab_size", equals: text.vocabularySize)
    try reader.require("width", equals: text.transformer.width)
    try reader.require("layers", equals: text.transformer.layers)
  }

  /// timm's `convnext_xxlarge` is made with `norm_eps` 1e-5, all others with 1e-6.
  private static let epsilon = 1e-6
  private static let xxlargeEpsilon = 1e-5
  private static let xxlargeWidths = [384, 768, 1536, 3072]
  /// Those without effect on inference are dropout and whether timm loads weights of its own.
  private static let knownVision: Set<String> = [
    "image_size", "timm_model_name", "timm_model_pretrained", "timm_pool", "timm_proj", "timm_proj_bias", "timm_drop",
    "timm_drop_path",
  ]
}
