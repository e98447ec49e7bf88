// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// How the scales of integers are chosen: `Formats/numerics.md`, section "Scales".
public enum ScaleSearch: String, Sendable, Hashable, Codable, CaseIterable {
  /// The largest magnitude over the largest integer: nothing is clipped.
  case absmax
  /// Of a written grid of clipped ranges, the one with the least squared error of the weights.
  case mse
  /// Of the same grid, the one with the least squared error of the weights' products with the inputs that calibration saw: each error counts
  /// as much as the second moment of the activations that it meets.
  case activation
}
