// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension Publication {
  /// The classes of transformers, by their towers.
  private enum Class {
    case clip, siglip, chinese

    var title: String {
      switch self {
      case .clip: "CLIPModel"
      case .siglip: "SiglipModel"
      case .chinese: "ChineseCLIPModel"
      }
    }
  }

  /// A model of transformers, its `config.json` and `preprocessor_config.json`.
  static func huggingFace(
    _ configuration: CLIPConfiguration, types: Set<ElementType>
  ) throws(CheckpointError) -> Publication {
    let kind: Class =
      configuration.similarity == .sigmoid ? .siglip : configuration.text?.tokenTypes ?? 0 > 0 ? .chinese : .clip
    var obstacles = Obstacles("transformers' \(kind.title)")
    if let text = configuration.text { obstacles.requireText(text, kind == .siglip, kind == .chinese) }
    if case .transformer(let vision)? = configuration.vision {
      obstacles.requireVision(vision, isSigLIP: kind == .siglip)
    } else if configuration.vision != nil {
      obstacles.require(false, "vision", "a convolutional tower", "a vision transformer")
    }
    if kind != .clip { obstacles.requireBothTowers(configuration) }
    // Only a tower alone may be without a projection.
    if kind == .clip, let text = configuration.text, case .transformer(let vision)? = configuration.vision {
      for (key, projection) in [("text.projection", text.projection), ("vision.projection", vision.projection)] {
        obstacles.require(projection != .none, key, projection.rawValue, "matrix")
      }
    }
    let processor = configuration.preprocessing.flatMap { Self.processor($0, kind) }
    if let preprocessing = configuration.preprocessing {
      obstacles.require(
        processor != nil, "preprocessing", preprocessing.summary,
        "a bicubic or bilinear resize to the shorter side or of both sides")
    }
    try obstacles.check()
    var files = [File(name: "config.json", content: config(configuration, kind, types))]
    if let processor { files.append(File(name: "preprocessor_config.json", content: processor)) }
    let mapping: KeyMapping =
      switch kind {
      case .clip: .huggingFaceCLIP
      case .siglip: .huggingFaceSigLIP
      case .chinese: KeyMapping(rows: KeyMapping.huggingFaceCLIP.rows.filter(\.isVision)) + .huggingFaceBERTText
      }
    return Publication(
      naming: .huggingFace, loader: "transformers.\(architecture(configuration, kind))", metadata: ["format": "pt"],
      files: files, mapping: mapping)
  }

  private static func architecture(_ configuration: CLIPConfiguration, _ kind: Class) -> String {
    if configuration.text == nil {
      guard case .transformer(let vision)? = configuration.vision, vision.projection != .none else {
        return "CLIPVisionModel"
      }
      return "CLIPVisionModelWithProjection"
    }
    guard configuration.vision == nil else { return kind.title }
    return configuration.text?.projection == ProjectionKind.none ? "CLIPTextModel" : "CLIPTextModelWithProjection"
  }

  /// `config.json`.
  private static func config(
    _ configuration: CLIPConfiguration, _ kind: Class, _ types: Set<ElementType>
  ) -> JSONValue {
    var text = configuration.text?.huggingFace ?? [:]
    var vision: [String: JSONValue] = [:]
    if case .transformer(let tower)? = configuration.vision { vision = tower.huggingFace }
    var model: [String: JSONValue] = [:]
    switch kind {
    case .clip:
      text["model_type"] = .string("clip_text_model")
      text["projection_dim"] = .whole(configuration.embeddingWidth)
      vision["model_type"] = .string("clip_vision_model")
      vision["projection_dim"] = .whole(configuration.embeddingWidth)
      model["model_type"] = .string("clip")
      model["projection_dim"] = .whole(configuration.embeddingWidth)
    case .siglip:
      text["model_type"] = .string("siglip_text_model")
      text["projection_size"] = .whole(configuration.embeddingWidth)
      vision["model_type"] = .string("siglip_vision_model")
      vision["vision_use_head"] = .bool(true)
      model["model_type"] = .string("siglip")
    case .chinese:
      text["model_type"] = .string("chinese_clip_text_model")
      vision["model_type"] = .string("chinese_clip_vision_model")
      vision["projection_dim"] = .whole(configuration.embeddingWidth)
      model["model_type"] = .string("chinese_clip")
      model["projection_dim"] = .whole(configuration.embeddingWidth)
    }
    if configuration.vision == nil {
      model = text
    } else if configuration.text == nil {
      model = vision
    } else {
      model["text_config"] = .object(text)
      model["vision_config"] = .object(vision)
    }
    model["architectures"] = .array([.string(architecture(configuration, kind))])
    // Older releases know this name alone, and all since read it.
    model["torch_dtype"] = .string(dtype(types))
    return .object(model)
  }

  /// The type that holds all values.
  private static func dtype(_ types: Set<ElementType>) -> String {
    let names: [ElementType: String] = [
      .float16: "float16", .bfloat16: "bfloat16", .float32: "float32", .float64: "float64",
    ]
    let found = types.filter { names[$0] != nil }
    if found.count == 1, let only = found.first, let name = names[only] { return name }
    return found.contains(.float64) ? "float64" : "float32"
  }

  /// `preprocessor_config.json`; `nil` for what no image processor does.
  private static func processor(_ preprocessing: PreprocessingConfiguration, _ kind: Class) -> JSONValue? {
    let filters: [PreprocessingConfiguration.Interpolation: Int] = [.bilinear: 2, .bicubic: 3]
    guard let filter = filters[preprocessing.interpolation] else { return nil }
    let side: JSONValue = .whole(preprocessing.imageSize)
    let square: JSONValue = .object(["height": side, "width": side])
    let crops = preprocessing.resize == .shortestSide
    guard crops || preprocessing.resize == .squash else { return nil }
    let processor =
      switch kind {
      case .clip: "CLIPImageProcessor"
      // SigLIP's own has no crop.
      case .siglip: crops ? "CLIPImageProcessor" : "SiglipImageProcessor"
      case .chinese: "ChineseCLIPImageProcessor"
      }
    return .present([
      "image_processor_type": .string(processor),
      "do_convert_rgb": .bool(true),
      "do_resize": .bool(true),
      "size": crops ? .object(["shortest_edge": side]) : square,
      "resample": .whole(filter),
      "do_center_crop": processor == "SiglipImageProcessor" ? nil : .bool(crops),
      "crop_size": crops ? square : nil,
      "do_rescale": .bool(true),
      "rescale_factor": .number(1.0 / 255),
      "do_normalize": .bool(true),
      "image_mean": .array(preprocessing.mean.map { .number($0) }),
      "image_std": .array(preprocessing.standardDeviation.map { .number($0) }),
    ])
  }
}

extension Obstacles {
  fileprivate mutating func requireActivation(_ blocks: TransformerConfiguration, _ tower: String) {
    let known = TransformerConfiguration.huggingFaceActivations
    require(
      known[blocks.activation] != nil, "\(tower).activation", blocks.activation.rawValue,
      known.keys.map(\.rawValue).sorted().joined(separator: ", "))
  }

  fileprivate mutating func requireText(_ text: TextConfiguration, _ isSigLIP: Bool, _ isBERT: Bool) {
    requireActivation(text.transformer, "text")
    guard !isBERT else { return requireBERT(text) }
    requireTextOfCLIP(text, layerScale: false)
    require(
      text.isCausal == !isSigLIP, "text.mask", text.isCausal ? "causal" : "all", isSigLIP ? "none" : "causal")
    // transformers takes 2 for the old mistake, and pools at the largest token.
    let pooling: [TextConfiguration.Pooling] = isSigLIP ? [.lastToken] : [.largestToken, .endToken]
    require(
      pooling.contains(text.pooling) && (text.pooling != .endToken || text.endToken != 2), "text.pooling",
      text.pooling.rawValue + (text.endToken.map { " (\($0))" } ?? ""),
      pooling.map(\.rawValue).joined(separator: " or ") + (isSigLIP ? "" : " (not 2)"))
    let projections: [ProjectionKind] = isSigLIP ? [.linear] : [.matrix, .none]
    require(
      projections.contains(text.projection), "text.projection", text.projection.rawValue,
      projections.map(\.rawValue).joined(separator: " or "))
  }

  private mutating func requireBERT(_ text: TextConfiguration) {
    require(
      text.transformer.block == BlockConfiguration(norms: .after), "text.block", "\(text.transformer.block)",
      "BERT's blocks, norms after the branches")
    require(text.maskedToken != nil, "text.maskedToken", "absent", "a mask over padding")
    require(!text.isCausal, "text.mask", "causal", "none beside padding's")
    require(text.hasEmbeddingNorm, "text.hasEmbeddingNorm", "false", "a norm over embeddings")
    require(!text.hasFinalNorm, "text.hasFinalNorm", "true", "no norm after the blocks")
    require(text.pooling == .firstToken, "text.pooling", text.pooling.rawValue, "first-token")
    require(text.projection == .matrix, "text.projection", text.projection.rawValue, "matrix")
  }

  fileprivate mutating func requireVision(_ vision: VisionTransformerConfiguration, isSigLIP: Bool) {
    requireActivation(vision.transformer, "vision")
    guard isSigLIP else {
      requireVisionOfCLIP(vision, layerScale: false)
      require(vision.hasPreNorm, "vision.hasPreNorm", "false", "a norm before the blocks")
      require(vision.pooling == .classToken, "vision.pooling", vision.pooling.rawValue, "class-token")
      return require(
        vision.projection != .linear, "vision.projection", vision.projection.rawValue, "matrix or none")
    }
    requirePlain(vision.transformer.block, "vision", layerScale: false)
    require(!vision.hasClassToken, "vision.hasClassToken", "true", "no class token")
    require(vision.hasPatchBias, "vision.hasPatchBias", "false", "a bias in the patch embedding")
    require(!vision.hasPreNorm, "vision.hasPreNorm", "true", "no norm before the blocks")
    require(vision.pooling == .attention, "vision.pooling", vision.pooling.rawValue, "attention")
    require(
      vision.finalNorm == .beforePooling, "vision.finalNorm", vision.finalNorm.rawValue, "before-pooling")
    require(vision.projection == .none, "vision.projection", vision.projection.rawValue, "none")
  }
}

extension TransformerConfiguration {
  /// transformers' names of activations.
  fileprivate static let huggingFaceActivations: [Activation: String] = [
    .quickGELU: "quick_gelu", .gelu: "gelu", .geluTanh: "gelu_pytorch_tanh",
  ]

  fileprivate var huggingFace: [String: JSONValue] {
    [
      "hidden_size": .whole(width), "num_hidden_layers": .whole(layers), "num_attention_heads": .whole(heads),
      "intermediate_size": .whole(mlpWidth), "layer_norm_eps": .number(normEpsilon),
      "hidden_act": .string(Self.huggingFaceActivations[activation] ?? ""),
    ]
  }
}

extension VisionTransformerConfiguration {
  fileprivate var huggingFace: [String: JSONValue] {
    transformer.huggingFace.merging([
      "image_size": .whole(patchSize * grid + margin), "patch_size": .whole(patchSize), "num_channels": .whole(3),
    ]) { $1 }
  }
}

extension TextConfiguration {
  fileprivate var huggingFace: [String: JSONValue] {
    var values = transformer.huggingFace
    values["vocab_size"] = .whole(vocabularySize)
    values["max_position_embeddings"] = .whole(positionCount ?? contextLength)
    if pooling == .largestToken { values["eos_token_id"] = .whole(2) }
    if pooling == .endToken, let endToken { values["eos_token_id"] = .whole(endToken) }
    if tokenTypes > 0 { values["type_vocab_size"] = .whole(tokenTypes) }
    if let maskedToken { values["pad_token_id"] = .whole(maskedToken) }
    return values
  }
}
