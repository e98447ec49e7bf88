// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension Publication {
  /// A model with OpenCLIP's own towers, and its `open_clip_config.json`.
  static func openCLIP(_ configuration: CLIPConfiguration) throws(CheckpointError) -> Publication {
    var obstacles = Obstacles("OpenCLIP with its own towers")
    obstacles.requireBothTowers(configuration)
    guard let text = configuration.text, let vision = configuration.vision,
      let preprocessing = configuration.preprocessing
    else {
      try obstacles.check()
      preconditionFailure("a tower is absent")
    }
    obstacles.requireTextOfCLIP(text, layerScale: true)
    let quick = text.transformer.activation == .quickGELU
    obstacles.requireOpenCLIP(text.transformer, "text", quick: quick)
    var visionConfig: [String: JSONValue] = ["image_size": .whole(vision.imageSize)]
    if case .transformer(let tower) = vision {
      obstacles.requireVisionOfCLIP(tower, layerScale: true)
      obstacles.requireOpenCLIP(tower.transformer, "vision", quick: quick)
      obstacles.require(
        tower.pooling != .attention, "vision.pooling", tower.pooling.rawValue, "class-token or average")
      obstacles.require(tower.projection == .matrix, "vision.projection", tower.projection.rawValue, "matrix")
      visionConfig.merge(tower.openCLIP) { $1 }
    } else if case .residualNetwork(let tower) = vision {
      let headWidth = tower.featureWidth / tower.heads
      obstacles.requireNativeNorms(tower)
      visionConfig["layers"] = .array(tower.blocks.map { .whole($0) })
      visionConfig["width"] = .whole(tower.width)
      visionConfig["head_width"] = .whole(headWidth)
    } else {
      obstacles.require(false, "vision", "another convolutional tower", "a vision transformer or OpenAI's ResNet")
    }
    let resize = resizeModes[preprocessing.resize]
    obstacles.require(
      [.bicubic, .bilinear].contains(preprocessing.interpolation), "preprocessing.interpolation",
      preprocessing.interpolation.rawValue, "bicubic or bilinear")
    try obstacles.check()
    // `CustomTextCLIP` has a text tower of its own, whose projection may be a layer with bias, or none.
    let isCustom =
      configuration.family == Family.openCLIPCustomText.name || configuration.similarity == .sigmoid
      || text.projection != .matrix
    let model: JSONValue = .present([
      "embed_dim": .whole(configuration.embeddingWidth),
      "quick_gelu": quick ? .bool(true) : nil,
      "custom_text": isCustom ? .bool(true) : nil,
      "init_logit_bias": configuration.similarity == .sigmoid ? .whole(-10) : nil,
      "vision_cfg": .object(visionConfig),
      "text_cfg": .object(text.openCLIP),
    ])
    let pipeline: JSONValue = .present([
      "mean": .array(preprocessing.mean.map { .number($0) }),
      "std": .array(preprocessing.standardDeviation.map { .number($0) }),
      "interpolation": .string(preprocessing.interpolation.rawValue),
      "resize_mode": resize.map { .string($0) },
    ])
    let file = File(name: "open_clip_config.json", content: .object(["model_cfg": model, "preprocess_cfg": pipeline]))
    return Publication(
      naming: .openCLIP, loader: isCustom ? "open_clip.CustomTextCLIP" : "open_clip.CLIP",
      weightsName: "open_clip_model.safetensors", files: [file],
      mapping: isCustom ? customText(text.projection) : KeyMapping.openAI.without { isArchiveNumber($0) })
  }

  /// What OpenAI's archives have beside the weights.
  private static func isArchiveNumber(_ source: String) -> Bool {
    ["input_resolution", "context_length", "vocab_size"].contains(source)
  }

  /// The names of `CustomTextCLIP`: the projection is a matrix, or the weight of a layer.
  private static func customText(_ projection: ProjectionKind) -> KeyMapping {
    KeyMapping.openCLIPCustomText.without {
      $0 == (projection == .linear ? "text.text_projection" : "text.text_projection.weight")
    }
  }

  private static let resizeModes: [PreprocessingConfiguration.Resize: String] = [
    .shortestSide: "shortest", .longestSide: "longest", .squash: "squash",
  ]
}

extension Obstacles {
  /// Requires an activation that OpenCLIP's configuration can say, and the same kind in both towers.
  fileprivate mutating func requireOpenCLIP(_ blocks: TransformerConfiguration, _ tower: String, quick: Bool) {
    let known: [Activation] = quick ? [.quickGELU] : [.gelu, .geluTanh]
    require(
      known.contains(blocks.activation), "\(tower).activation", blocks.activation.rawValue,
      known.map(\.rawValue).joined(separator: " or ") + (tower == "vision" ? ", as the text tower" : ""))
  }
}

extension TransformerConfiguration {
  /// What both kinds of tower say of their blocks, where it is not the default.
  fileprivate var openCLIP: [String: JSONValue] {
    var values: [String: JSONValue] = ["width": .whole(width), "layers": .whole(layers)]
    if mlpWidth != 4 * width { values["mlp_ratio"] = .number(mlpRatio) }
    if activation == .geluTanh { values["act_kwargs"] = .object(["approximate": .string("tanh")]) }
    if normEpsilon != NativeConstants.normEpsilon { values["norm_kwargs"] = .object(["eps": .number(normEpsilon)]) }
    if block.hasLayerScale { values["ls_init_value"] = .number(1e-5) }
    return values
  }

  /// A number that gives the MLP's width when it is multiplied by `width` and the fraction dropped, as OpenCLIP does.
  private var mlpRatio: Double {
    var ratio = Double(mlpWidth) / Double(width)
    while Int(Double(width) * ratio) < mlpWidth { ratio = ratio.nextUp }
    return ratio
  }
}

extension VisionTransformerConfiguration {
  fileprivate var openCLIP: [String: JSONValue] {
    var values = transformer.openCLIP
    values["head_width"] = .whole(transformer.width / transformer.heads)
    values["patch_size"] = .whole(patchSize)
    if !hasPreNorm { values["no_ln_pre"] = .bool(true) }
    if pooling == .average {
      values["pool_type"] = .string("avg")
      if finalNorm == .afterPooling { values["final_ln_after_pool"] = .bool(true) }
    }
    return values
  }
}

extension TextConfiguration {
  fileprivate var openCLIP: [String: JSONValue] {
    var values = transformer.openCLIP
    values["context_length"] = .whole(contextLength)
    values["vocab_size"] = .whole(vocabularySize)
    values["heads"] = .whole(transformer.heads)
    if !isCausal { values["no_causal_mask"] = .bool(true) }
    switch pooling {
    case .largestToken: break
    case .firstToken: values["pool_type"] = .string("first")
    case .lastToken: values["pool_type"] = .string("last")
    case .endToken:
      values["pool_type"] = .string("eos")
      values["eos_id"] = endToken.map { .whole($0) }
    }
    switch projection {
    case .matrix: break
    case .linear: values["proj_bias"] = .bool(true)
    case .none: values["proj_type"] = .string("none")
    }
    return values
  }
}
