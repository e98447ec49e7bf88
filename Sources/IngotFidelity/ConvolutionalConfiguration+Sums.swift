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
