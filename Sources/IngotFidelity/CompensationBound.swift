// SPDX-License-Identifier: Apache-2.0

import IngotFile
import IngotQuantization
import IngotTensor

extension Provenance {
  /// Whether integers were rounded with compensation.
  var isCompensated: Bool { steps.contains { $0.rounding == WeightRounding.gptq.rawValue } }
}

/// What is believed of integers that were rounded with compensation: single ones may be some steps away from the nearest, but a channel's errors
/// are together not much larger than those of roundings.
enum CompensationBound {
  /// The largest root mean square of a tensor's errors, and of a channel's, over that of errors spread evenly within half a step.
  ///
  /// Compensation makes 2 to 3 of it in products of transformers, up to 7 where inputs have much in common (after a ReLU). Exchanged channels make
  /// more than 100 in int8 and more than 30 in int6; in int4 they make 7, and only blocks' outputs tell.
  private static let (tensorLimit, channelLimit) = (12.0, 24.0)

  /// How much of the bound the worst channel uses.
  ///
  /// - Parameters:
  ///   - tensor: stored as integers.
  ///   - expected: what the integers were made of.
  ///   - found: what they stand for.
  ///   - steps: the distance between neighbouring values, for each.
  /// - Returns: the share, beyond 1 where the bound is broken, and the place of that channel's first value.
  static func share(
    of tensor: TensorDescriptor, _ expected: [Float], _ found: [Float], _ steps: [Float]
  ) -> (share: Double, place: Int) {
    guard let axis = tensor.encoding.axis, !found.isEmpty else { return (0, 0) }
    let channels = tensor.shape[axis]
    let inner = tensor.shape.extents[(axis + 1)...].reduce(1, *)
    var sums = [Double](repeating: 0, count: channels)
    for index in found.indices {
      let error = Double(expected[index]) - Double(found[index])
      guard error != 0 else { continue }
      let distance = error / Double(steps[index])
      sums[index / inner % channels] += distance * distance
    }
    let length = Double(found.count / channels)
    var worst = (share: (12 * sums.reduce(0, +) / Double(found.count)).squareRoot() / tensorLimit, place: 0)
    for (channel, sum) in sums.enumerated() {
      let share = (12 * sum / length).squareRoot() / channelLimit
      // Written so that NaN stays.
      if !(share <= worst.share) { worst = (share, channel * inner) }
    }
    return worst
  }
}
