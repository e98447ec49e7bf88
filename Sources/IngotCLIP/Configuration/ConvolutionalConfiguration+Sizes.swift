// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension ConvolutionalConfiguration {
  /// Side of the map that the stem gives; 0 or less when the image is too small.
  var stemSide: Int {
    let side = (imageSize + 2 * stem.padding - stem.kernel) / stem.stride + 1
    return stem.poolingBorder == nil ? side : (side - 1) / 2 + 1
  }

  /// Whether the maps between blocks have the same shapes: another padding or border of the stem may leave them as they are.
  public func hasMaps(of other: ConvolutionalConfiguration) -> Bool {
    imageSize == other.imageSize && stages == other.stages && block == other.block && stem.width == other.stem.width
      && stem.kernel == other.stem.kernel && stem.stride == other.stem.stride && stem.hasNorm == other.stem.hasNorm
      && stemSide == other.stemSide
  }

  /// Side of the feature map after a stage.
  func side(afterStage stage: Int) -> Int {
    // A convolution of 3 with padding sees the last odd place, ConvNeXt's of 2 without padding does not.
    (0..<stage).reduce(stemSide) { side, _ in block == .convNext ? side / 2 : (side + 1) / 2 }
  }

  /// Channels that enter a block.
  func inputWidth(stage: Int, block: Int) -> Int {
    if block > 0 || (self.block == .convNext && stage > 0) { return stages[stage].width }
    return stage == 0 ? stem.width : stages[stage - 1].width
  }

  /// Channels that the norm of a bottleneck's convolution sees, 0 to 2.
  func normWidth(_ index: Int, stage: Int, block: Int) -> Int {
    let widths = [inputWidth(stage: stage, block: block), stages[stage].innerWidth, stages[stage].innerWidth]
    return self.block == .preactivation
      ? widths[index] : [stages[stage].innerWidth, widths[1], stages[stage].width][index]
  }

  /// Whether a condition of `Formats/mappings/canonical.md` holds.
  func meets(_ condition: CanonicalSchema.Condition) -> Bool {
    let isBottleneck = block != .convNext
    return switch condition {
    case .convolutional: true
    case .stemBias: hasConvolutionBias
    case .stemNorm: stem.hasNorm
    case .stemStatistics: stem.hasNorm && normalization == .batchNorm
    case .bottleneck: isBottleneck
    case .bottleneckBias: isBottleneck && hasConvolutionBias
    case .bottleneckStatistics: isBottleneck && normalization == .batchNorm
    case .shortcutNorm: block == .bottleneck
    case .shortcutStatistics: block == .bottleneck && normalization == .batchNorm
    case .convNext: block == .convNext
    case .mapLayerScale: block == .convNext && hasLayerScale
    case .mapNorm: finalNorm != .none
    case .mapProjection: headMLP == nil && projection != .none
    case .mapProjectionBias: headMLP == nil && projection == .linear
    case .mapHead: headMLP != nil
    case .mapHeadBias: headMLP?.hasOutputBias == true
    default: false
    }
  }

  /// The value of a symbol of `Formats/mappings/canonical.md`; `nil` for one that such a tower does not have.
  func value(of symbol: Character, at indices: [Character: Int]) -> Int? {
    let (stage, block) = (indices["s"] ?? 0, indices["i"] ?? 0)
    return switch symbol {
    case "B": stem.width
    case "R": stem.kernel
    case "Z": stages.count
    case "D": stages.count - 1
    case "S": stages[stage].blocks
    case "I": inputWidth(stage: stage, block: block)
    case "M": stages[stage].innerWidth
    case "O": stages[stage].width
    case "U": stages[min(stage + 1, stages.count - 1)].width
    case "J": normWidth(0, stage: stage, block: block)
    case "Q": normWidth(2, stage: stage, block: block)
    case "K": depthwiseKernel
    case "H": featureWidth
    case "A": headMLP?.width ?? 0
    default: nil
    }
  }

  /// Checks that every number is in the range that the kernels rely on.
  ///
  /// - Parameter embeddingWidth: of the model.
  /// - Throws: `mismatch`, naming the constant, the value found and the range.
  func validate(embeddingWidth: Int) throws(CheckpointError) {
    func require(_ condition: Bool, _ name: String, _ detail: String) throws(CheckpointError) {
      guard condition else { throw CheckpointError(.mismatch, .clip, subject: "vision.\(name)", detail) }
    }
    func requireRange(_ value: Int, _ range: ClosedRange<Int>, _ name: String) throws(CheckpointError) {
      try require(
        range.contains(value), name, "found \(value), allowed are \(range.lowerBound) to \(range.upperBound)")
    }
    let widths = 1...(1 << 24)
    try requireRange(imageSize, 1...Self.largestImage, "imageSize")
    try requireRange(stem.width, widths, "stem.width")
    try requireRange(stem.kernel, 1...64, "stem.kernel")
    try requireRange(stem.stride, 1...64, "stem.stride")
    try requireRange(stem.padding, 0...(stem.kernel - 1), "stem.padding")
    try requireRange(stages.count, 1...16, "stages")
    for stage in stages {
      try requireRange(stage.blocks, 1...4096, "stages.blocks")
      try requireRange(stage.width, widths, "stages.width")
      try requireRange(stage.innerWidth, widths, "stages.innerWidth")
      if normalization == .groupNorm {
        try require(
          stage.width % Self.groups == 0 && stage.innerWidth % Self.groups == 0 && stem.width % Self.groups == 0,
          "stages.width", "\(Self.groups) groups do not divide \(stage.width) and \(stage.innerWidth)")
      }
    }
    try requireRange(depthwiseKernel, block == .convNext ? 1...63 : 0...0, "depthwiseKernel")
    try require(
      block != .convNext || depthwiseKernel % 2 == 1, "depthwiseKernel", "found \(depthwiseKernel), expected an odd one"
    )
    try require(
      (block == .bottleneck) == (normalization == .batchNorm) && (block == .convNext) == (normalization == .layerNorm),
      "normalization", "found \(normalization.rawValue) in blocks called \(block.rawValue)")
    try require(
      (finalNorm == .afterPooling) == (block == .convNext)
        && (finalNorm == .beforePooling) == (block == .preactivation),
      "finalNorm", "found \(finalNorm.rawValue) after blocks called \(block.rawValue)")
    try require(
      normEpsilon > 0 && normEpsilon < 1, "normEpsilon", "found \(normEpsilon), allowed is 0 to 1")
    let standardization = weightStandardizationEpsilon ?? 1e-10
    try require(
      standardization > 0 && standardization < 1, "weightStandardizationEpsilon",
      "found \(standardization), allowed is 0 to 1")
    if let headMLP { try requireRange(headMLP.width, widths, "headMLP.width") }
    try require(
      headMLP != nil || projection != .none || featureWidth == embeddingWidth, "projection",
      "features of width \(featureWidth) without projection, embeddings are \(embeddingWidth) wide")
    try require(
      imageSize + 2 * stem.padding >= stem.kernel && side(afterStage: stages.count - 1) >= 1, "imageSize",
      "found \(imageSize), too small for \(stages.count) stages")
  }
}
