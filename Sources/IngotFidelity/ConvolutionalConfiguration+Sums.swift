// SPDX-License-Identifier: Apache-2.0

import IngotCLIP

extension ConvolutionalConfiguration {
  /// Products that are summed one after the other on the way through a stage; the stem comes before stage 0.
  func sumLength(ofStage stage: Int) -> Int {
    let width = stages[stage].width
    let innerWidth = stages[stage].innerWidth
    let before = stage == 0 ? stem.width : stages[stage - 1].width
    let start = stage == 0 ? 3 * stem.kernel * stem.kernel : 0
    let blocks = stages[stage].blocks
    switch block {
    case .convNext:
      // Between stages a convolution of 2 × 2; in a block the depthwise one, the norm, the products of the MLP.
      return start + (stage == 0 ? 0 : 4 * before)
        + blocks * (depthwiseKernel * depthwiseKernel + 2 * width + innerWidth)
    case .bottleneck, .preactivation:
      // The first block takes the output of the stage before, the others that of their own stage.
      return start + before + (blocks - 1) * width + blocks * (9 + 1) * innerWidth
    }
  }

  /// The same for what follows the last stage.
  var headSumLength: Int { 2 * featureWidth + (headMLP?.width ?? 0) }
}

extension MobileConfiguration {
  /// Products that are summed one after the other on the way through a stage; the stem comes before stage 0.
  func sumLength(ofStage stage: Int) -> Int {
    let description = stages[stage]
    let width = description.width
    // Kernels of 3 and 7; an excitation on the way into the stage; the products of attention and of the MLP.
    let entrance =
      stage == 0 ? 3 * 9 + 9 + stemWidth : 49 + width + (description.excitationWidth > 0 ? 2 * width : 0)
    let side = imageSize >> (stage + 2)
    let mixer = description.mixer == .convolution ? 9 : 2 * width + headWidth + side * side
    return entrance + 49 + description.blocks * (mixer + 49 + width + description.innerWidth)
  }

  /// The same for what follows the last stage.
  var headSumLength: Int { 9 + 3 * finalWidth + finalExcitationWidth }
}
