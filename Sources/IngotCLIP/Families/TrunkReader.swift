// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Configurations of OpenCLIP's models whose image tower is one of timm's convolutional ones (`open_clip/timm_model.py`).
///
/// In order of authority: what the person said, the registry or OpenCLIP's configuration file.
struct TrunkReader {
  /// Reads the image tower, and how wide the embeddings are.
  typealias ImageTower = (inout TrunkReader) throws(CheckpointError) -> (VisionConfiguration, embeddingWidth: Int)

  let evidence: ModelEvidence
  var sizes: SizeReader
  var constants = ConstantSettler()
  /// OpenCLIP's `model_cfg`, and where it was found.
  let model: ConfigReader?
  let source: ConstantSource

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
  ///
  /// - Parameters:
  ///   - evidence: what is known of the model.
  ///   - family: whose keys it has.
  ///   - mapping: the family's table.
  ///   - isCausal: whether the texts of all published models with such an image tower are; counts where nothing is beside the weights.
  ///   - imageTower: reads the image tower.
  /// - Returns: the configuration.
  /// - Throws: as `Family.configuration(of:)`.
  static func configuration(
    _ evidence: ModelEvidence, _ family: Family, _ mapping: KeyMapping, isCausal: Bool, _ imageTower: ImageTower
  ) throws(CheckpointError) -> CLIPConfiguration {
    var reader = try TrunkReader(evidence, mapping)
    return try reader.read(family, isCausal: isCausal, imageTower)
  }

  private mutating func read(
    _ family: Family, isCausal: Bool, _ imageTower: ImageTower
  ) throws(CheckpointError) -> CLIPConfiguration {
    try model?.requireKnown(OpenCLIPConfig.knownModel)
    let text = try textTower(isCausal: isCausal)
    let (vision, embeddingWidth) = try imageTower(&self)
    try sizes.finish()
    try constants.finish(family.title)
    try require(text, embeddingWidth)
    // OpenCLIP's own default, unless a file or the registry says otherwise.
    let preprocessing = try PreprocessingConfiguration.settle(
      evidence, imageSize: vision.imageSize, standard: .openAI(imageSize: vision.imageSize), code: source, &constants)
    let configuration = CLIPConfiguration(
      family: family.name, embeddingWidth: embeddingWidth, vision: vision, text: text, preprocessing: preprocessing,
      similarity: sizes.has("logit_bias") ? .sigmoid : .softmax, sources: constants.sources)
    try configuration.validate()
    return configuration
  }

  private mutating func textTower(isCausal: Bool) throws(CheckpointError) -> TextConfiguration {
    var tower = TextConfiguration.openAI
    tower.isCausal = isCausal
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
      remedy:
        "--activation gelu or quick-gelu says it, --model NAME says everything, or put open_clip_config.json beside the weights"
    )
    var sized = sizes.sized(tower)
    let width = sized.transformer.width
    let divided = width % NativeConstants.headWidth == 0 ? width / NativeConstants.headWidth : nil
    sized.transformer.heads = constants.settle(
      "text.heads", [(evidence.options.textHeads, .option), (heads, source), (divided, .family)], placeholder: 1,
      remedy: "--text-heads N says it")
    for key in ["text.normEpsilon", "text.pooling"] { constants.note(key, model == nil ? .family : source) }
    constants.note("text.mask", model == nil ? .registry : source)
    return sized
  }

  /// What the configuration says of timm's model.
  ///
  /// - Parameter prefix: what the model's name begins with.
  /// - Returns: its name and the side of its images; `nil` without a configuration.
  /// - Throws: `mismatch` for a model of another name, `unsupported` for another pooling.
  func trunk(named prefix: String) throws(CheckpointError) -> (name: String, imageSize: Int)? {
    guard let vision = try model?.object("vision_cfg") else { return nil }
    try vision.requireKnown(Self.knownVision)
    let name = try vision.string("timm_model_name") ?? "nothing"
    guard name.hasPrefix(prefix) else {
      throw CheckpointError(
        .mismatch, .clip, subject: "timm_model_name", "\(vision.place) says \(name), the tensors are a \(prefix)…")
    }
    let pool = try vision.string("timm_pool") ?? "avg"
    guard ["", "avg"].contains(pool) else {
      throw CheckpointError(.unsupported, .clip, subject: "timm_pool", "\(vision.place) says \(pool) of \(name)")
    }
    return (name, try vision.integer("image_size") ?? 224)
  }

  /// Settles the side of images.
  mutating func imageSize(_ said: Int?) -> Int {
    constants.settle(
      "vision.imageSize", [(evidence.options.imageSize, .option), (said, source)], placeholder: 32,
      remedy: "--image-size N says it, --model NAME says everything, or put open_clip_config.json beside the weights")
  }

  /// Compares the sizes that the configuration states with those of the tensors.
  private func require(_ text: TextConfiguration, _ embeddingWidth: Int) throws(CheckpointError) {
    guard let model else { return }
    try model.require("embed_dim", equals: embeddingWidth)
    guard let reader = try model.object("text_cfg") else { return }
    try reader.require("context_length", equals: text.contextLength)
    try reader.require("vocab_size", equals: text.vocabularySize)
    try reader.require("width", equals: text.transformer.width)
    try reader.require("layers", equals: text.transformer.layers)
  }

  /// Those without effect on inference are dropout and whether timm loads weights of its own.
  private static let knownVision: Set<String> = [
    "image_size", "timm_model_name", "timm_model_pretrained", "timm_pool", "timm_proj", "timm_proj_bias", "timm_drop",
    "timm_drop_path",
  ]
}
