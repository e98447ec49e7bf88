// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// What OpenCLIP's `open_clip_config.json` says of a model (`CLIPVisionCfg` and `CLIPTextCfg` in `open_clip/model.py`).
///
/// A setting that is not known is refused: it may change every result.
struct OpenCLIPConfig {
  /// Where it was found.
  let source: ConstantSource
  /// Of both towers, unless `act_kwargs` says more.
  let activation: Activation
  let textActivation: Activation
  let visionActivation: Activation
  /// The towers without their sizes.
  let text: TextConfiguration
  let vision: VisionTransformerConfiguration
  let textHeads: Int
  let visionHeadWidth: Int
  /// The image tower of timm, where it is one.
  let timm: TimmRegistry.Model?
  private let model: ConfigReader
  private let textReader: ConfigReader
  private let visionReader: ConfigReader

  /// Finds the configuration: the registry's when the person named a model, else the file's.
  init?(_ evidence: ModelEvidence) throws(CheckpointError) {
    if let name = evidence.options.model {
      let config = try ModelRegistry.config(of: name)
      try self.init(ConfigReader(config, "the registry's \(name)"), .registry)
    } else if let file = evidence.files.openCLIP {
      let reader = ConfigReader(file, "open_clip_config.json")
      guard let model = try reader.object("model_cfg") else {
        throw CheckpointError(.missing, .clip, subject: "model_cfg", "open_clip_config.json has no such object")
      }
      try self.init(model, .configFile)
    } else if let name = evidence.trainedModel {
      let config = try ModelRegistry.config(of: name)
      try self.init(ConfigReader(config, "the registry's \(name), which the run is called after,"), .registry)
    } else {
      return nil
    }
  }

  private init(_ model: ConfigReader, _ source: ConstantSource) throws(CheckpointError) {
    guard let vision = try model.object("vision_cfg"), let text = try model.object("text_cfg") else {
      throw CheckpointError(
        .missing, .clip, subject: "vision_cfg", "\(model.place) lacks vision_cfg or text_cfg")
    }
    try model.requireKnown(Self.knownModel)
    if let name = try vision.string("timm_model_name") {
      timm = try TimmRegistry.model(named: name)
    } else {
      timm = nil
    }
    if let name = try text.string("hf_model_name") {
      throw CheckpointError(
        .unsupported, .clip, subject: name, "the text tower is Hugging Face's \(name), which is not supported yet")
    }
    try vision.requireKnown(timm == nil ? Self.knownVision : Self.knownTimm)
    try text.requireKnown(Self.knownText)
    self.source = source
    self.model = model
    textReader = text
    visionReader = vision
    activation = try model.bool("quick_gelu") == true ? .quickGELU : .gelu
    textActivation = try Self.activation(activation, text)
    // OpenCLIP builds towers of timm with their own activation, whatever `quick_gelu` says (`open_clip/model.py`, `_build_vision_tower`).
    if let timm {
      visionActivation = timm.activation
    } else {
      visionActivation = try Self.activation(activation, vision)
    }
    textHeads = try text.integer("heads") ?? 8
    visionHeadWidth = try vision.integer("head_width") ?? 64
    guard visionHeadWidth > 0, textHeads > 0 else {
      throw CheckpointError(
        .malformed, .clip, subject: "heads", "\(model.place) has head_width \(visionHeadWidth) and heads \(textHeads)")
    }
    self.text = try Self.textTower(text)
    if let timm { self.vision = try Self.timmTower(timm, vision) } else { self.vision = try Self.visionTower(vision) }
  }

  static func activation(_ standard: Activation, _ reader: ConfigReader) throws(CheckpointError) -> Activation {
    guard let arguments = try reader.object("act_kwargs") else { return standard }
    try arguments.requireKnown(["approximate"])
    switch (try arguments.string("approximate"), standard) {
    case (nil, _), ("none", .gelu): return standard
    case ("tanh", .gelu): return .geluTanh
    case (let other?, _):
      throw CheckpointError(
        .unsupported, .clip, subject: "approximate", "\(reader.place) says \(other) of \(standard.rawValue)")
    }
  }

  private static func epsilon(_ reader: ConfigReader) throws(CheckpointError) -> Double {
    guard let arguments = try reader.object("norm_kwargs") else { return NativeConstants.normEpsilon }
    try arguments.requireKnown(["eps"])
    return try arguments.number("eps") ?? NativeConstants.normEpsilon
  }

  static func textTower(_ reader: ConfigReader) throws(CheckpointError) -> TextConfiguration {
    var tower = TextConfiguration.openAI
    tower.transformer.normEpsilon = try epsilon(reader)
    tower.isCausal = try reader.bool("no_causal_mask") != true
    switch try reader.string("pool_type") {
    case nil, "argmax": tower.pooling = .largestToken
    case "first": tower.pooling = .firstToken
    case "last": tower.pooling = .lastToken
    case "eos":
      tower.pooling = .endToken
      tower.endToken = try reader.integer("eos_id") ?? 2
    case let other?: throw unsupported("pool_type", other, reader)
    }
    switch try reader.string("proj_type") {
    case nil, "linear": tower.projection = try reader.bool("proj_bias") == true ? .linear : .matrix
    case "none": tower.projection = .none
    case let other?: throw unsupported("proj_type", other, reader)
    }
    return tower
  }

  private static func visionTower(_ reader: ConfigReader) throws(CheckpointError) -> VisionTransformerConfiguration {
    var tower = VisionTransformerConfiguration.openAI
    tower.transformer.normEpsilon = try epsilon(reader)
    tower.hasPreNorm = try reader.bool("no_ln_pre") != true
    tower.finalNorm = try reader.bool("final_ln_after_pool") == true ? .afterPooling : .beforePooling
    switch try reader.string("pool_type") {
    case nil, "tok": tower.pooling = .classToken
    case "avg": tower.pooling = .average
    case let other?: throw unsupported("pool_type", other, reader)
    }
    return tower
  }

  private static func timmTower(
    _ model: TimmRegistry.Model, _ reader: ConfigReader
  ) throws(CheckpointError) -> VisionTransformerConfiguration {
    var tower = VisionTransformerConfiguration.openAI
    tower.transformer.activation = model.activation
    tower.transformer.normEpsilon = model.normEpsilon
    tower.transformer.heads = model.heads
    tower.transformer.block.norms = model.norms
    tower.transformer.block.rotary = model.rotary
    switch try reader.string("timm_pool") {
    case "token": tower.pooling = .classToken
    case "avg": tower.pooling = .average
    case "map": tower.pooling = .attention
    case let other: throw unsupported("timm_pool", other ?? "nothing", reader)
    }
    return tower
  }

  private static func unsupported(_ name: String, _ value: String, _ reader: ConfigReader) -> CheckpointError {
    CheckpointError(.unsupported, .clip, subject: name, "\(reader.place) says \(value), which is not supported")
  }

  /// Compares the sizes it states with those of the tensors.
  ///
  /// - Throws: `mismatch` with both numbers.
  func require(
    embeddingWidth: Int, text: TextConfiguration, vision: VisionConfiguration
  ) throws(CheckpointError) {
    try model.require("embed_dim", equals: embeddingWidth)
    try textReader.require("context_length", equals: text.contextLength)
    try textReader.require("vocab_size", equals: text.vocabularySize)
    try textReader.require("width", equals: text.transformer.width)
    try textReader.require("layers", equals: text.transformer.layers)
    guard case .transformer(let vision) = vision else { return }
    guard timm == nil else { return }
    try visionReader.require("width", equals: vision.transformer.width)
    try visionReader.require("layers", equals: vision.transformer.layers)
    try visionReader.require("patch_size", equals: vision.patchSize)
  }

  /// An image tower for images of the size that it states.
  ///
  /// - Throws: `mismatch` with both numbers.
  func sized(_ vision: VisionConfiguration) throws(CheckpointError) -> VisionConfiguration {
    guard case .transformer(let tower) = vision else { return vision }
    return .transformer(try visionReader.sized(tower))
  }

  static let knownModel: Set<String> = [
    "embed_dim", "vision_cfg", "text_cfg", "quick_gelu", "custom_text", "init_logit_scale", "init_logit_bias",
    "nonscalar_logit_scale", "cast_dtype", "output_dict",
  ]
  /// Those without effect on inference are dropout, initial values and what the model returns beside embeddings.
  private static let knownVision: Set<String> = [
    "layers", "width", "head_width", "mlp_ratio", "patch_size", "image_size", "patch_dropout", "no_ln_pre",
    "final_ln_after_pool", "pool_type", "output_tokens", "act_kwargs", "norm_kwargs", "pos_embed_type", "ls_init_value",
  ]
  private static let knownTimm: Set<String> = [
    "image_size", "timm_model_name", "timm_model_pretrained", "timm_pool", "timm_proj", "timm_proj_bias", "timm_drop",
    "timm_drop_path", "output_tokens",
  ]
  static let knownText: Set<String> = [
    "context_length", "vocab_size", "width", "heads", "layers", "mlp_ratio", "no_causal_mask", "pool_type", "eos_id",
    "pad_id", "proj_type", "proj_bias", "output_tokens", "act_kwargs", "norm_kwargs", "hf_tokenizer_name",
    "tokenizer_mode", "tokenizer_kwargs", "hf_model_pretrained", "ls_init_value",
  ]
}
