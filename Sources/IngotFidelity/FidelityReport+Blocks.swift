// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

extension FidelityReport.Block {
  /// Judges one part run alone: as a whole, and channel by channel, so that one wrong row of weights shows although it is a small share
  /// of the whole.
  ///
  /// - Parameters:
  ///   - output: what the part computed, and what the reference did.
  ///   - sensitivity: what random errors of the weights' size do.
  ///   - configuration: the model's.
  init(_ output: PartOutput, _ sensitivity: Sensitivity, _ configuration: CLIPConfiguration) {
    let nothing = [Float](repeating: 0, count: output.expected.count)
    let reference = PartOutput(
      part: output.part, found: output.expected, expected: output.expected, channels: output.channels)
    let size = max(output.size, .leastNormalMagnitude)
    var rounding = ErrorModel.roundingError(of: output.part, configuration)
    if case .block = output.part {} else { rounding = max(rounding, ErrorModel.losslessEmbedding) }
    let moved = sensitivity.parts[output.part]
    let error = output.distance(to: output.expected) / size
    let bound = rounding + ErrorModel.lengthSafety * (moved?.length ?? 0) / size
    var worst = 0.0
    if output.channels > 1 {
      let errors = output.channelDistances(to: output.expected)
      let sizes = reference.channelDistances(to: nothing)
      let typicalSize = size / Double(output.channels).squareRoot()
      let typicalMove = (moved?.length ?? 0) / Double(output.channels).squareRoot()
      for c in 0..<output.channels {
        let allowed =
          ErrorModel.channelSafety
          * (rounding * max(sizes[c], typicalSize) + max(moved?.channels[c] ?? 0, typicalMove))
        worst = max(worst, errors[c] / max(allowed, .leastNormalMagnitude))
      }
    }
    self.init(
      name: output.part.name, error: error, bound: bound, worstChannel: worst,
      // Written so that NaN fails.
      passed: error <= bound && worst <= 1)
  }
}
