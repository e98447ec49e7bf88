// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Configurations of checkpoints with OpenAI's keys, and of OpenCLIP's models with its own text tower and any image tower.
///
/// In order of authority: what the person said, OpenCLIP's configuration file or the registry, OpenAI's marks.
struct NativeReader {
  private let evidence: ModelEvidence
  private let title: String
  private var sizes: SizeReader
  private var constants = ConstantSettler()

  private init(_ evidence: ModelEvidence, _ mapping: KeyMapping, title: String) {
    self.evidence = evidence
    self.title = title
    sizes = SizeReader(evidence.tensors, mapping)
  }

  /// Reads a configuration.
  static func configuration(
    _ evidence: ModelEvidence, _ family: Family, _ mapping: KeyMapping
  ) throws(CheckpointError) -> CLIPConfiguration {
    if evidence.options.model == nil, evidence.files.openCLIP == nil, evidence.trainedModel != nil {
      // A run's name is no more than a hint: when the sizes are not those of the model it names, it says nothing.
      do {
        var reader = NativeReader(evidence, mapping, title: family.title)
        return try reader.read(family)
      } catch  where error.code == .mismatch {
        var evidence = evidence
        evidence.runName = nil
        return try configuration(evidence, family, mapping)
      }
    }
    var reader = NativeReader(evidence, mapping, title: family.title)
    return try reader.read(family)
  }

  private mutating func read(_ family: Family) throws(CheckpointError) -> CLIPConfiguration {
    let config = try OpenCLIPConfig(evidence)
    let marks: ConstantSource = evidence.bearsOpenAIMarks ? .fingerprint : .family
    // What a model is in code that has no settings for it.
    let code: ConstantSource = config.map(\.source) ?? marks
    let openAIActivation: Activation? = evidence.bearsOpenAIMarks ? .quickGELU : nil
    let candidates: [(value: Activation?, source: ConstantSource)] = [
      (evidence.options.activation, .option), (config?.activation, code), (openAIActivation, .fingerprint),
      (family.code.activation, .family),
    ]
    let remedy =
      "--activation gelu or quick-gelu says it, --model NAME says everything, or put open_clip_config.json beside the weights"
    let text: TextConfiguration
    switch family.code.text {
    case .bert: text = bertTower()
    case .clip:
      var tower = config?.text ?? TextConfiguration.openAI
      tower.transformer.activation = constants.settle(
        "text.activation",
        candidates.map { ($0.source == code ? config?.textActivation ?? $0.value : $0.value, $0.source) },
        placeholder: .gelu, remedy: remedy)
      tower.transformer.block.hasLayerScale = sizes.has("text.blocks.{i<N}.attention.layer_scale")
      if sizes.has("text.projection_bias"), tower.projection == .matrix { tower.projection = .linear }
      var sized = sizes.sized(tower)
      sized.transformer.heads = heads(
        "text", width: sized.transformer.width, option: evidence.options.textHeads, config: config?.textHeads,
        code: code)
      text = sized
    }
    let isTransformer = sizes.hasAny("vision.blocks.") || sizes.has("vision.class_embedding")
    var vision: VisionConfiguration
    if family.code.hasTimmTower {
      vision = .transformer(timmTower(config, remedy: remedy))
    } else if isTransformer {
      var tower = config?.vision ?? VisionTransformerConfiguration.openAI
      tower.transformer.block.hasLayerScale = sizes.has("vision.blocks.{i<L}.attention.layer_scale")
      tower.transformer.activation = constants.settle(
        "vision.activation",
        candidates.map { ($0.source == code ? config?.visionActivation ?? $0.value : $0.value, $0.source) },
        placeholder: .gelu, remedy: remedy)
      var sized = sizes.sized(tower)
      sized.transformer.heads = heads(
        "vision", width: sized.transformer.width, option: evidence.options.visionHeads,
        config: config.map { max(1, sized.transformer.width / $0.visionHeadWidth) }, code: code)
      vision = .transformer(sized)
    } else {
      let headWidth = config?.visionHeadWidth ?? NativeConstants.headWidth
      let option = evidence.options.visionHeads
      constants.note("vision.heads", option == nil ? code : .option)
      vision = .residualNetwork(sizes.residualNetwork { option ?? max(1, $0 * 32 / headWidth) })
    }
    for key in ["text.normEpsilon", "text.pooling", "text.mask", "vision.normEpsilon", "vision.pooling"] {
      constants.note(key, code)
    }
    let embeddingWidth =
      text.projection == .none ? text.transformer.width : sizes.extent("text.projection", axis: 1, rank: 2)
    try sizes.finish()
    try constants.finish(title)
    if let config, (config.timm == nil) == family.code.hasTimmTower {
      throw CheckpointError(
        .mismatch, .clip, subject: "timm_model_name",
        "the configuration \(config.timm == nil ? "names no" : "names an") image tower of timm, the tensors are those of \(title)"
      )
    }
    try config?.require(embeddingWidth: embeddingWidth, text: text, vision: vision)
    if let config { vision = try config.sized(vision) }
    let preprocessing = try PreprocessingConfiguration.settle(
      evidence, imageSize: vision.imageSize, standard: family.code.preprocessing(vision.imageSize), code: code,
      &constants)
    let configuration = CLIPConfiguration(
      family: family.name, embeddingWidth: embeddingWidth, vision: vision, text: text, preprocessing: preprocessing,
      similarity: sizes.has("logit_bias") ? .sigmoid : .softmax, sources: constants.sources)
    try configuration.validate()
    return configuration
  }

  /// Chinese-CLIP's text tower, whose constants are those of its code (`cn_clip/clip/model_configs/RoBERTa-*.json`).
  private mutating func bertTower() -> TextConfiguration {
    constants.note("text.activation", .family)
    var sized = sizes.sized(TextConfiguration.bert).withChineseContext
    sized.transformer.heads = constants.settle(
      "text.heads",
      [
        (evidence.options.textHeads, .option), (NativeConstants.publishedBERTHeads[sized.transformer.width], .registry),
      ],
      placeholder: 1, remedy: "--text-heads N says it: the text tower is \(sized.transformer.width) wide")
    return sized
  }

  /// An image tower of timm: its parts are read off the tensors, its constants from the table of timm's models.
  private mutating func timmTower(_ config: OpenCLIPConfig?, remedy: String) -> VisionTransformerConfiguration {
    var tower = config?.vision ?? VisionTransformerConfiguration.openAI
    let known: ConstantSource = .registry
    tower.transformer.activation = constants.settle(
      "vision.activation", [(evidence.options.activation, .option), (config?.timm?.activation, known)],
      placeholder: .gelu, remedy: remedy)
    tower.transformer.normEpsilon = constants.settle(
      "vision.normEpsilon", [(config?.timm?.normEpsilon, known)], placeholder: 1e-6, remedy: remedy)
    tower.hasClassToken = sizes.has("vision.class_embedding")
    tower.hasPatchBias = sizes.has("vision.patch_embedding.bias")
    tower.hasPreNorm = sizes.has("vision.pre_norm.weight")
    tower.finalNorm =
      evidence.tensors.contains { $0.name == "visual.trunk.fc_norm.weight" } ? .afterPooling : .beforePooling
    tower.projection =
      !sizes.has("vision.projection") ? .none : sizes.has("vision.projection_bias") ? .linear : .matrix
    tower.transformer.block.hasLayerScale = sizes.has("vision.blocks.{i<L}.attention.layer_scale")
    tower.transformer.block.hasAttentionInnerNorm = sizes.has("vision.blocks.{i<L}.attention.inner_norm.weight")
    tower.transformer.block.hasMLPInnerNorm = sizes.has("vision.blocks.{i<L}.mlp.inner_norm.weight")
    tower.transformer.block.mlp = sizes.has("vision.blocks.{i<L}.mlp.gate.weight") ? .gated : .plain
    tower.transformer.block.attentionBias =
      sizes.has("vision.blocks.{i<L}.attention.query_value_bias") ? .queryAndValue : .all
    var sized = sizes.sized(tower)
    sized.transformer.heads = constants.settle(
      "vision.heads", [(evidence.options.visionHeads, .option), (config?.timm?.heads, known)], placeholder: 1,
      remedy: remedy)
    return sized
  }

  private mutating func heads(
    _ tower: String, width: Int, option: Int?, config: Int?, code: ConstantSource
  ) -> Int {
    // OpenAI's loader divides the width by 64 whatever the checkpoint; OpenCLIP published image towers that this does not fit.
    let published = tower == "vision" && code == .family ? NativeConstants.publishedVisionHeads[width] : nil
    let divided = width % NativeConstants.headWidth == 0 ? width / NativeConstants.headWidth : nil
    return constants.settle(
      "\(tower).heads", [(option, .option), (config, code), (published, .registry), (divided, code)], placeholder: 1,
      remedy:
        "--\(tower)-heads N says it: the \(tower) tower is \(width) wide, OpenAI's are multiples of \(NativeConstants.headWidth)"
    )
  }
}

extension TextConfiguration {
  /// OpenAI's text tower; the sizes are to be filled in.
  static let openAI = TextConfiguration(
    vocabularySize: 1, contextLength: 1, transformer: .openAI, pooling: .largestToken)
}

extension VisionTransformerConfiguration {
  /// OpenAI's image tower; the sizes are to be filled in.
  static let openAI = VisionTransformerConfiguration(patchSize: 1, grid: 1, transformer: .openAI)
}

extension TransformerConfiguration {
  /// OpenAI's blocks; the sizes are to be filled in.
  static let openAI = TransformerConfiguration(
    width: 1, layers: 1, heads: 1, mlpWidth: 1, activation: .quickGELU, normEpsilon: NativeConstants.normEpsilon)
}
