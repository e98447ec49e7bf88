// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Everything that is known of a model before a byte of its tensors is read.
public struct ModelEvidence: Sendable {
  /// Its tensors, under the family's keys.
  public var tensors: [TensorDescriptor]
  /// What the person said.
  public var options: ModelOptions
  /// The configuration files beside the weights.
  public var files: ModelFiles
  /// What a training checkpoint is called.
  public var runName: String?

  /// Collects evidence.
  ///
  /// - Parameters:
  ///   - tensors: under the family's keys.
  ///   - options: what the person said.
  ///   - files: the configuration files beside the weights.
  ///   - runName: what a training checkpoint is called.
  public init(
    tensors: [TensorDescriptor], options: ModelOptions = ModelOptions(), files: ModelFiles = ModelFiles(),
    runName: String? = nil
  ) {
    self.tensors = tensors
    self.options = options
    self.files = files
    self.runName = runName
  }

  /// The model of the registry that a training checkpoint names: OpenCLIP's own runs are called `…-model_ViT-B-32-lr_…`.
  var trainedModel: String? {
    guard let runName else { return nil }
    if ModelRegistry.names.contains(runName) { return runName }
    guard let start = runName.firstRange(of: "model_")?.upperBound else { return nil }
    let rest = runName[start...]
    // The longest name that the text goes on with, up to the next part of the run's name.
    return ModelRegistry.names.filter { name in
      rest.hasPrefix(name) && (rest.count == name.count || rest.dropFirst(name.count).hasPrefix("-lr_"))
    }.max { $0.count < $1.count }
  }

  /// Whether the checkpoint bears the marks that only OpenAI's own have: its three integer buffers, or what `convert_weights` leaves,
  /// half-precision products beside float32 norms and embeddings.
  var bearsOpenAIMarks: Bool {
    let types = Dictionary(tensors.map { ($0.name, $0.type) }) { first, _ in first }
    if ["input_resolution", "context_length", "vocab_size"].allSatisfy({ types[$0] != nil }) { return true }
    let halves = ["text_projection", "transformer.resblocks.0.attn.in_proj_weight", "visual.conv1.weight"]
    let singles = ["token_embedding.weight", "positional_embedding", "ln_final.weight", "logit_scale"]
    return halves.allSatisfy { types[$0] == .float16 } && singles.allSatisfy { types[$0] == .float32 }
  }
}

/// What a person may say of a model when its files do not.
public struct ModelOptions: Sendable, Hashable {
  /// The activation of the MLPs.
  public var activation: Activation?
  /// A name of the registry: settles everything at once.
  public var model: String?
  /// Attention heads of the image tower's blocks.
  public var visionHeads: Int?
  /// Attention heads of the text tower's blocks.
  public var textHeads: Int?
  /// Side of the square image, in pixels, for a tower of which no tensor depends on it.
  public var imageSize: Int?

  /// Makes options.
  ///
  /// - Parameters:
  ///   - activation: of the MLPs; `nil` where the files say it.
  ///   - model: a name of the registry.
  ///   - visionHeads: attention heads of the image tower's blocks.
  ///   - textHeads: attention heads of the text tower's blocks.
  ///   - imageSize: side of the square image, in pixels.
  public init(
    activation: Activation? = nil, model: String? = nil, visionHeads: Int? = nil, textHeads: Int? = nil,
    imageSize: Int? = nil
  ) {
    self.activation = activation
    self.model = model
    self.visionHeads = visionHeads
    self.textHeads = textHeads
    self.imageSize = imageSize
  }
}

/// The configuration files that publishers put beside weights.
public struct ModelFiles: Sendable {
  /// Hugging Face's `config.json`.
  public var huggingFace: JSONValue?
  /// OpenCLIP's `open_clip_config.json`, or `config.json` of the same content.
  public var openCLIP: JSONValue?
  /// Hugging Face's `preprocessor_config.json`.
  public var preprocessor: JSONValue?

  /// Makes a collection.
  public init(huggingFace: JSONValue? = nil, openCLIP: JSONValue? = nil, preprocessor: JSONValue? = nil) {
    self.huggingFace = huggingFace
    self.openCLIP = openCLIP
    self.preprocessor = preprocessor
  }
}
