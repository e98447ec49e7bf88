// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Families of convolutional towers without a text tower: what their code fixes, to which the sizes are read off the shapes.
struct FeatureTower: Sendable {
  /// The description without sizes: one stage of one channel.
  let tower: ConvolutionalConfiguration
  /// How their code prepares images of a size.
  let preprocessing: @Sendable (Int) -> PreprocessingConfiguration
  /// The constants that no shape reveals, by their paths.
  let constants: [String]

  private static let anyStage = ConvolutionalConfiguration.Stage(blocks: 1, width: 1, innerWidth: 1)
  /// The side of the images that all of them were published for.
  private static let imageSize = 224

  /// A description of the first published kind: a stem of 7 × 7, bottlenecks, batch norms.
  private static func bottlenecks(
    epsilon: Double, _ placement: ConvolutionalConfiguration.StridePlacement, border: PoolingBorder,
    hasBias: Bool = false
  ) -> ConvolutionalConfiguration {
    ConvolutionalConfiguration(
      imageSize: imageSize,
      stem: ConvolutionalConfiguration.Stem(width: 1, kernel: 7, stride: 2, padding: 3, poolingBorder: border),
      stages: [anyStage], block: .bottleneck, normalization: .batchNorm, normEpsilon: epsilon,
      stridePlacement: placement, hasConvolutionBias: hasBias)
  }

  /// `torchvision/models/resnet.py`: PyTorch's default epsilon, the stride in the convolution of 3.
  static let torchvision = FeatureTower(
    tower: bottlenecks(epsilon: 1e-5, .second, border: .nothing),
    preprocessing: PreprocessingConfiguration.torchvisionResNet,
    constants: ["activation", "normEpsilon", "stride", "stemPadding", "pooling"])

  /// `keras/applications/resnet.py`: epsilon 1.001e-5, the stride in the first convolution, `ZeroPadding2D` before the pooling.
  static let keras = FeatureTower(
    tower: bottlenecks(epsilon: 1.001e-5, .first, border: .zeros, hasBias: true),
    preprocessing: PreprocessingConfiguration.kerasResNet,
    constants: ["activation", "normEpsilon", "stride", "stemPadding", "pooling"])

  /// `resnet.py` of SimCLRv2-Pytorch, `BATCH_NORM_EPSILON`.
  static let simclr = FeatureTower(
    tower: bottlenecks(epsilon: 1e-5, .second, border: .nothing), preprocessing: PreprocessingConfiguration.simclr,
    constants: ["activation", "normEpsilon", "stride", "stemPadding", "pooling"])

  /// `bit_pytorch/models.py`: weights standardised with 1e-10, zeros around the map before the pooling.
  static let bit = FeatureTower(
    tower: ConvolutionalConfiguration(
      imageSize: imageSize,
      stem: ConvolutionalConfiguration.Stem(
        width: 1, kernel: 7, stride: 2, padding: 3, hasNorm: false, poolingBorder: .zeros),
      stages: [anyStage], block: .preactivation, normalization: .groupNorm, normEpsilon: 1e-5,
      weightStandardizationEpsilon: 1e-10, finalNorm: .beforePooling),
    preprocessing: PreprocessingConfiguration.bit,
    constants: ["activation", "normEpsilon", "stride", "stemPadding", "pooling", "weightStandardization"])

  /// Reads a configuration.
  ///
  /// - Parameters:
  ///   - evidence: what is known of the model.
  ///   - family: whose keys it has.
  ///   - mapping: the family's table.
  /// - Returns: a tower whose embeddings are its features.
  /// - Throws: `mismatch` when the shapes do not describe such a tower.
  @Sendable func configuration(
    _ evidence: ModelEvidence, _ family: Family, _ mapping: KeyMapping
  ) throws(CheckpointError) -> CLIPConfiguration {
    var sizes = SizeReader(evidence.tensors, mapping)
    var constants = ConstantSettler()
    var vision = sizes.sized(tower)
    try sizes.finish()
    for name in self.constants { constants.note("vision.\(name)", .family) }
    vision.imageSize = constants.settle(
      "vision.imageSize", [(evidence.options.imageSize, .option), (tower.imageSize, .family)], placeholder: 1,
      remedy: "--image-size N says it")
    let preprocessing = try PreprocessingConfiguration.settle(
      evidence, imageSize: vision.imageSize, standard: preprocessing(vision.imageSize), code: .family, &constants)
    let configuration = CLIPConfiguration(
      family: family.name, embeddingWidth: vision.featureWidth, vision: .convolutional(vision), text: nil,
      preprocessing: preprocessing, similarity: .none, sources: constants.sources)
    try configuration.validate()
    return configuration
  }
}

extension SizeReader {
  /// A convolutional tower of the sizes found.
  ///
  /// - Parameter tower: says what is not a size.
  /// - Returns: the tower.
  mutating func sized(_ tower: ConvolutionalConfiguration) -> ConvolutionalConfiguration {
    var sized = tower
    let stem = "vision.stem.conv.weight"
    sized.stem.width = extent(stem, axis: 0, rank: 4)
    sized.stem.kernel = extent(stem, axis: 2, rank: 4)
    let block = "vision.stages.{s<Z}.{i<S}."
    let (outer, inner) =
      tower.block == .convNext
      ? ("\(block)mlp.down.weight", "\(block)mlp.up.weight") : ("\(block)conv3.weight", "\(block)conv1.weight")
    let rank = tower.block == .convNext ? 2 : 4
    sized.stages = []
    // A stage is there when its first block is; the first stage always is, so that its absence is said.
    while sized.stages.isEmpty || has(inner, ["s": sized.stages.count, "i": 0]) {
      let indices: [Character: Int] = ["s": sized.stages.count, "i": 0]
      sized.stages.append(
        ConvolutionalConfiguration.Stage(
          blocks: count(of: "vision.stages.", at: indices), width: extent(outer, axis: 0, rank: rank, indices),
          innerWidth: extent(inner, axis: 0, rank: rank, indices)))
    }
    if tower.block == .convNext {
      sized.depthwiseKernel = extent("\(block)depthwise.weight", axis: 3, rank: 4, ["s": 0, "i": 0])
      sized.hasLayerScale = has("\(block)layer_scale", ["s": 0, "i": 0])
    }
    return sized
  }
}
