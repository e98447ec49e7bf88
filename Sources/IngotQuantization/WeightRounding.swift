// SPDX-License-Identifier: Apache-2.0

/// How weights become integers once their scales are chosen: `Formats/numerics.md`, section "Rounding with compensation".
public enum WeightRounding: String, Sendable, Hashable, Codable, CaseIterable {
  /// Each weight becomes the integer that is nearest to it.
  case nearest
  /// Block by block and input by input: what rounding adds to products is taken back by what is rounded later (`CompensatedRounding`).
  case gptq
}
