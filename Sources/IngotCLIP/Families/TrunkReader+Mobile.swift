// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TrunkReader {
  /// Reads a model with timm's FastViT (`timm/models/fastvit.py`, `fastvit_mci0` to `fastvit_mci4`).
  ///
  /// It has GELU, heads 32 wide, an epsilon of 1e-5 in all norms; its text towers see all tokens.
  static func mobile(
    _ evidence: ModelEvidence, _ family: Family, _ mapping: KeyMapping
  ) throws(CheckpointError) -> CLIPConfiguration {
    try configuration(evidence, family, mapping, isCausal: false) { reader throws(CheckpointError) in
      try reader.mobile()
    }
  }

  private mutating func mobile() throws(CheckpointError) -> (VisionConfiguration, embeddingWidth: Int) {
    let trunk = try trunk(named: "fastvit_mci")
    let isFolded = sizes.has("vision.stem.first.bias")
    let stages = mobileStages()
    let attends = stages.firstIndex { $0.mixer == .attention } ?? 0
    let statistics = "vision.stages.{s<Z}.{i<L}.attention_norm.running_mean"
    let vision = MobileConfiguration(
      imageSize: imageSize(trunk?.imageSize), stemWidth: sizes.extent("vision.stem.first.weight", axis: 0, rank: 4),
      stages: stages, form: isFolded ? .folded : .branches,
      hasStemScale: !isFolded && sizes.has("vision.stem.first.scale.weight"),
      hasLayerNorm: !sizes.has(statistics, ["s": attends, "i": 0]), normEpsilon: 1e-5,
      headWidth: 32, activation: .gelu, finalWidth: sizes.extent("vision.final.weight", axis: 0, rank: 4),
      finalExcitationWidth: sizes.extent("vision.final.excitation.up.weight", axis: 0, rank: 2),
      projection: sizes.has("vision.projection_bias") ? .linear : .matrix)
    for name in ["activation", "pooling", "normEpsilon", "headWidth"] { constants.note("vision.\(name)", .family) }
    return (.mobile(vision), sizes.extent("vision.projection", axis: 1, rank: 2))
  }

  private mutating func mobileStages() -> [MobileConfiguration.Stage] {
    let attention = "vision.stages.{s<Z}.{i<L}.attention.qkv.weight"
    let convolution = "vision.stages.{s<Z}.{i<S}."
    var stages: [MobileConfiguration.Stage] = []
    while true {
      let indices: [Character: Int] = ["s": stages.count, "i": 0, "j": 0]
      let attends = sizes.has(attention, indices)
      // The first stage always is, so that its absence is said.
      guard stages.isEmpty || attends || sizes.has("\(convolution)mixer.weight", indices) else { return stages }
      let block = attends ? "vision.stages.{s<Z}.{i<L}." : convolution
      let excitation = "vision.downsamples.{s<D}.excitation.{j<Q}.up.weight"
      let before: [Character: Int] = ["s": stages.count - 1, "j": 0]
      stages.append(
        MobileConfiguration.Stage(
          blocks: sizes.count(of: block, at: indices),
          width: sizes.extent("\(block)mlp.down.weight", axis: 0, rank: 2, indices),
          innerWidth: sizes.extent("\(block)mlp.up.weight", axis: 0, rank: 2, indices),
          mixer: attends ? .attention : .convolution,
          hasPosition: sizes.has("vision.stages.{s<Z}.position.{j<P}.weight", indices),
          excitationWidth: !stages.isEmpty && sizes.has(excitation, before)
            ? sizes.extent(excitation, axis: 0, rank: 2, before) : 0))
    }
  }
}
