// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TrunkReader {
  /// timm's ConvNeXt (`timm/models/convnext.py`): GELU, and an epsilon that depends on the model's name only.
  static func convNeXt(
    _ evidence: ModelEvidence, _ family: Family, _ mapping: KeyMapping
  ) throws(CheckpointError) -> CLIPConfiguration {
    try configuration(evidence, family, mapping, isCausal: true) { reader throws(CheckpointError) in
      try reader.convNeXt()
    }
  }

  private mutating func convNeXt() throws(CheckpointError) -> (VisionConfiguration, embeddingWidth: Int) {
    let trunk = try trunk(named: "convnext_")
    var vision = sizes.sized(
      ConvolutionalConfiguration(
        imageSize: 1, stem: ConvolutionalConfiguration.Stem(width: 1, kernel: 4, stride: 4, padding: 0), stages: [],
        block: .convNext, normalization: .layerNorm, normEpsilon: 1e-6, activation: .gelu, hasConvolutionBias: true,
        finalNorm: .afterPooling))
    // A patch of the stem is as wide as it is far from the next.
    vision.stem.stride = vision.stem.kernel
    func epsilon(_ isLargest: Bool) -> Double { isLargest ? Self.xxlargeEpsilon : Self.convNeXtEpsilon }
    vision.normEpsilon = constants.settle(
      "vision.normEpsilon",
      [
        (trunk.map { epsilon($0.name.hasPrefix("convnext_xxlarge")) }, source),
        (epsilon(vision.stages.map(\.width) == Self.xxlargeWidths), .registry),
      ], placeholder: 1, remedy: "--model NAME says it")
    for key in ["vision.activation", "vision.pooling"] { constants.note(key, .family) }
    vision.imageSize = imageSize(trunk?.imageSize)
    if sizes.has("vision.head.mlp.up.weight") {
      vision.headMLP = ConvolutionalConfiguration.HeadMLP(
        width: sizes.extent("vision.head.mlp.up.weight", axis: 0, rank: 2),
        hasOutputBias: sizes.has("vision.head.mlp.down.bias"))
      return (.convolutional(vision), sizes.extent("vision.head.mlp.down.weight", axis: 0, rank: 2))
    }
    vision.projection = sizes.has("vision.projection_bias") ? .linear : .matrix
    return (.convolutional(vision), sizes.extent("vision.projection", axis: 1, rank: 2))
  }

  /// timm's `convnext_xxlarge` is made with `norm_eps` 1e-5, all others with 1e-6.
  private static let convNeXtEpsilon = 1e-6
  private static let xxlargeEpsilon = 1e-5
  private static let xxlargeWidths = [384, 768, 1536, 3072]
}
