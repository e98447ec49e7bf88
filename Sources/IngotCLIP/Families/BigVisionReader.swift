// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Configurations of SigLIP checkpoints of Google's big_vision: even the heads are in the shapes, all else is fixed by its code
/// (`big_vision/models/proj/image_text/two_towers.py`, `models/vit.py`: flax's `gelu` is the approximation by tanh, its layer norms add 1e-6).
struct BigVisionReader {
  private static let activation = Activation.geluTanh
  private static let normEpsilon = 1e-6

  /// Reads a configuration.
  static func configuration(
    _ evidence: ModelEvidence, _ family: Family, _ mapping: KeyMapping
  ) throws(CheckpointError) -> CLIPConfiguration {
    var sizes = SizeReader(evidence.tensors, mapping)
    var constants = ConstantSettler()
    let defaults = HuggingFaceReader.Defaults.siglip
    let blocks = TransformerConfiguration(
      width: 1, layers: 1, heads: 1, mlpWidth: 1, activation: activation, normEpsilon: normEpsilon)
    var text = defaults.text
    text.transformer = blocks
    text = sizes.sized(text)
    var vision = defaults.vision
    vision.transformer = blocks
    vision = sizes.sized(vision)
    text.transformer.heads = heads(evidence, "params/txt/Encoder_0/", &sizes)
    vision.transformer.heads = heads(evidence, "params/img/Transformer/", &sizes)
    let embeddingWidth = sizes.extent("text.projection", axis: 1, rank: 2)
    try sizes.finish()
    for tower in ["text", "vision"] {
      constants.note("\(tower).heads", .shape)
      for name in ["activation", "normEpsilon", "pooling"] { constants.note("\(tower).\(name)", .family) }
    }
    constants.note("text.mask", .family)
    let imageSize = vision.patchSize * vision.grid
    let preprocessing = try PreprocessingConfiguration.settle(
      evidence, imageSize: imageSize, standard: .siglip(imageSize: imageSize), code: .family, &constants)
    let configuration = CLIPConfiguration(
      family: family.name, embeddingWidth: embeddingWidth, vision: .transformer(vision), text: text,
      preprocessing: preprocessing, similarity: .sigmoid, sources: constants.sources)
    try configuration.validate()
    return configuration
  }

  /// Biases of queries are `[heads, width]` in each block, `[blocks, heads, width]` where all are stacked.
  private static func heads(_ evidence: ModelEvidence, _ tower: String, _ sizes: inout SizeReader) -> Int {
    let end = "/MultiHeadDotProductAttention_0/query/bias"
    for tensor in evidence.tensors where tensor.name.hasPrefix(tower) && tensor.name.hasSuffix(end) {
      let shape = tensor.shape
      if shape.rank >= 2, shape[shape.rank - 2] > 0 { return shape[shape.rank - 2] }
    }
    sizes.note("\(tower)encoderblock\(end) is missing or has no dimension of heads")
    return 1
  }
}
