// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Configurations of checkpoints by Hugging Face's transformers: `CLIPModel` and its halves, `SiglipModel`.
///
/// `config.json` leaves out what is the class's default; the defaults below are those of transformers 4.49
/// (`configuration_clip.py`, `configuration_siglip.py`), unchanged since the classes exist.
struct HuggingFaceReader {
  /// What differs between the classes.
  struct Defaults: Sendable {
    let activation: Activation
    let normEpsilon: Double
    let textHeads: Int
    let visionHeads: Int
    /// Image towers and their heads as published, by width: for weights without a configuration.
    let publishedHeads: [Int: Int]
    let publishedTextHeads: [Int: Int]
    let text: TextConfiguration
    let vision: VisionTransformerConfiguration
    /// `model_type` of whole models, image towers and text towers.
    let modelTypes: (both: String, vision: String, text: String)
    /// Of the text tower, where they are not the image tower's.
    var textActivation: Activation?
    var textEpsilon: Double?
    let preprocessing: @Sendable (_ imageSize: Int) -> PreprocessingConfiguration

    static let clip = Defaults(
      activation: .quickGELU, normEpsilon: 1e-5, textHeads: 8, visionHeads: 12,
      publishedHeads: [768: 12, 1024: 16, 1280: 16, 1408: 16, 1664: 16],
      publishedTextHeads: [512: 8, 640: 10, 768: 12, 1024: 16, 1280: 20],
      text: .openAI, vision: .openAI, modelTypes: ("clip", "clip_vision_model", "clip_text_model")
    ) { .huggingFaceCLIP(imageSize: $0) }

    static let chinese = Defaults(
      activation: .quickGELU, normEpsilon: 1e-5, textHeads: 12, visionHeads: 12,
      publishedHeads: [768: 12, 1024: 16, 1280: 16], publishedTextHeads: NativeConstants.publishedBERTHeads,
      text: .bert, vision: .openAI,
      modelTypes: ("chinese_clip", "chinese_clip_vision_model", "chinese_clip_text_model"), textActivation: .gelu,
      textEpsilon: 1e-12
    ) { .huggingFaceCLIP(imageSize: $0) }

    static let siglip = Defaults(
      activation: .geluTanh, normEpsilon: 1e-6, textHeads: 12, visionHeads: 12,
      publishedHeads: [768: 12, 1024: 16, 1152: 16, 1536: 16],
      publishedTextHeads: [768: 12, 1024: 16, 1152: 16],
      text: TextConfiguration(
        vocabularySize: 1, contextLength: 1, transformer: .openAI, pooling: .lastToken, isCausal: false,
        projection: .linear),
      vision: VisionTransformerConfiguration(
        patchSize: 1, grid: 1, transformer: .openAI, hasClassToken: false, hasPatchBias: true, hasPreNorm: false,
        pooling: .attention, finalNorm: .beforePooling, projection: .none),
      modelTypes: ("siglip", "siglip_vision_model", "siglip_text_model")
    ) { .siglip(imageSize: $0) }
  }

  private let evidence: ModelEvidence
  private let defaults: Defaults
  private let family: Family
  private var sizes: SizeReader
  private var constants = ConstantSettler()
  private let config: ConfigReader?
  private let textConfig: ConfigReader?
  private let visionConfig: ConfigReader?

  /// Reads a configuration.
  static func configuration(
    _ evidence: ModelEvidence, _ family: Family, _ mapping: KeyMapping, _ defaults: Defaults
  ) throws(CheckpointError) -> CLIPConfiguration {
    var reader = try HuggingFaceReader(evidence, family, mapping, defaults)
    return try reader.read()
  }

  private init(
    _ evidence: ModelEvidence, _ family: Family, _ mapping: KeyMapping, _ defaults: Defaults
  ) throws(CheckpointError) {
    self.evidence = evidence
    self.defaults = defaults
    self.family = family
    sizes = SizeReader(evidence.tensors, mapping)
    guard let file = evidence.files.huggingFace else {
      (config, textConfig, visionConfig) = (nil, nil, nil)
      return
    }
    let reader = ConfigReader(file, "config.json")
    let type = try reader.string("model_type")
    let types = defaults.modelTypes
    guard let type, [types.both, types.vision, types.text].contains(type) else {
      throw CheckpointError(
        .mismatch, .clip, subject: "model_type",
        "config.json says \(type ?? "nothing"), the tensors are those of a \(family.title), \(types.both)")
    }
    config = reader
    // A class's file may hold the settings of both towers though its weights are of one.
    textConfig = type == types.text ? reader : type == types.both ? try reader.object("text_config") ?? Self.empty : nil
    visionConfig =
      type == types.vision ? reader : type == types.both ? try reader.object("vision_config") ?? Self.empty : nil
  }

  /// A tower that is the class's default in everything.
  private static let empty = ConfigReader(.object([:]), "config.json")

  private mutating func read() throws(CheckpointError) -> CLIPConfiguration {
    let hasText = sizes.hasAny("text.")
    let hasVision = sizes.hasAny("vision.")
    if let config, case .array(let names)? = config.value["architectures"],
      names.contains(where: {
        ["CLIPModel", "TFCLIPModel", "SiglipModel", "ChineseCLIPModel"].contains($0.string ?? "")
      }),
      !(hasText && hasVision)
    {
      throw CheckpointError(
        .missing, .clip, subject: hasText ? "vision_model" : "text_model",
        "config.json names a model of two towers, the checkpoint has tensors of one")
    }
    let text = hasText ? try textTower() : nil
    var vision = hasVision ? try visionTower() : nil
    let embeddingWidth: Int
    if let vision, vision.projection != .none {
      embeddingWidth = sizes.extent("vision.projection", axis: 1, rank: 2)
    } else if let text, text.projection != .none {
      embeddingWidth = sizes.extent("text.projection", axis: 1, rank: 2)
    } else {
      embeddingWidth = vision?.transformer.width ?? text?.transformer.width ?? 1
    }
    try sizes.finish()
    try constants.finish(family.title)
    try requireSizes(text, vision, embeddingWidth)
    if let tower = vision, let visionConfig { vision = try visionConfig.sized(tower) }
    let imageSize = vision.map { VisionConfiguration.transformer($0).imageSize }
    var preprocessing: PreprocessingConfiguration?
    if let imageSize {
      preprocessing = try .settle(
        evidence, imageSize: imageSize, standard: defaults.preprocessing(imageSize), code: .family, &constants)
    }
    let similarity: CLIPConfiguration.Similarity =
      text == nil || vision == nil ? .none : sizes.hasAny("logit_bias") ? .sigmoid : .softmax
    let configuration = CLIPConfiguration(
      family: family.name, embeddingWidth: embeddingWidth, vision: vision.map { .transformer($0) }, text: text,
      preprocessing: preprocessing, similarity: similarity, sources: constants.sources)
    try configuration.validate()
    return configuration
  }

  private mutating func textTower() throws(CheckpointError) -> TextConfiguration {
    var tower = defaults.text
    if !sizes.has("text.projection"), evidence.files.huggingFace != nil,
      textConfig?.value["model_type"]?.string == defaults.modelTypes.text,
      !sizes.hasAny("vision.")
    {
      tower.projection = .none
    }
    var sized = sizes.sized(tower)
    try settle(
      &sized.transformer, "text", textConfig, option: evidence.options.textHeads, standardHeads: defaults.textHeads,
      published: defaults.publishedTextHeads, activation: defaults.textActivation ?? defaults.activation,
      epsilon: defaults.textEpsilon ?? defaults.normEpsilon)
    if let masked = sized.maskedToken {
      sized.maskedToken = try textConfig?.integer("pad_token_id") ?? masked
      sized = sized.withChineseContext
    }
    constants.note("text.mask", .family)
    if let textConfig, defaults.text.pooling == .largestToken {
      // transformers pools at the largest id when `eos_token_id` is 2, which OpenAI's files say though it is wrong; else at the first
      // token that equals it. The class's default is 49407.
      let endToken = try textConfig.integer("eos_token_id") ?? 49407
      if endToken != 2 {
        sized.pooling = .endToken
        sized.endToken = endToken
      }
      constants.note("text.pooling", .configFile)
    } else {
      constants.note("text.pooling", .family)
    }
    return sized
  }

  private mutating func visionTower() throws(CheckpointError) -> VisionTransformerConfiguration {
    var tower = defaults.vision
    if tower.projection != .none, !sizes.has("vision.projection"), !sizes.hasAny("text."), visionConfig != nil {
      tower.projection = .none
    }
    var sized = sizes.sized(tower)
    try settle(
      &sized.transformer, "vision", visionConfig, option: evidence.options.visionHeads,
      standardHeads: defaults.visionHeads, published: defaults.publishedHeads, activation: defaults.activation,
      epsilon: defaults.normEpsilon)
    constants.note("vision.pooling", .family)
    return sized
  }

  private mutating func settle(
    _ blocks: inout TransformerConfiguration, _ tower: String, _ config: ConfigReader?, option: Int?,
    standardHeads: Int, published: [Int: Int], activation standardActivation: Activation,
    epsilon standardEpsilon: Double
  ) throws(CheckpointError) {
    let remedy = "put config.json beside the weights"
    var activation: Activation?
    var epsilon: Double?
    var heads: Int?
    if let config {
      activation = try config.activation("hidden_act") ?? standardActivation
      epsilon = try config.number("layer_norm_eps") ?? standardEpsilon
      heads = try config.integer("num_attention_heads") ?? standardHeads
    }
    blocks.activation = constants.settle(
      "\(tower).activation", [(evidence.options.activation, .option), (activation, .configFile)],
      placeholder: .gelu, remedy: "\(remedy), or say --activation")
    blocks.normEpsilon = constants.settle(
      "\(tower).normEpsilon", [(epsilon, .configFile), (standardEpsilon, .registry)],
      placeholder: standardEpsilon, remedy: remedy)
    blocks.heads = constants.settle(
      "\(tower).heads", [(option, .option), (heads, .configFile), (published[blocks.width], .registry)],
      placeholder: 1, remedy: "\(remedy), or say --\(tower)-heads")
  }

  /// Compares the sizes that the file states with those of the tensors.
  private func requireSizes(
    _ text: TextConfiguration?, _ vision: VisionTransformerConfiguration?, _ embeddingWidth: Int
  ) throws(CheckpointError) {
    if let text, let textConfig {
      try textConfig.require("hidden_size", equals: text.transformer.width)
      try textConfig.require("intermediate_size", equals: text.transformer.mlpWidth)
      try textConfig.require("num_hidden_layers", equals: text.transformer.layers)
      try textConfig.require("vocab_size", equals: text.vocabularySize)
      try textConfig.require("max_position_embeddings", equals: text.positionCount ?? text.contextLength)
    }
    if let vision, let visionConfig {
      try visionConfig.require("hidden_size", equals: vision.transformer.width)
      try visionConfig.require("intermediate_size", equals: vision.transformer.mlpWidth)
      try visionConfig.require("num_hidden_layers", equals: vision.transformer.layers)
      try visionConfig.require("patch_size", equals: vision.patchSize)
    }
    if defaults.text.projection == .matrix { try config?.require("projection_dim", equals: embeddingWidth) }
  }
}
