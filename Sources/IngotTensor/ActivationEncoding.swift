// SPDX-License-Identifier: Apache-2.0

/// In which numbers activations enter the products with int8 weights.
///
/// Everything else is computed in float32 either way.
public enum ActivationEncoding: String, Sendable, Hashable, Codable, CaseIterable {
  /// As they are.
  case float32
  /// Rounded to integers, one scale for each row: at most 32,767 in magnitude, less where a sum of so many products would not fit 32 bits
  /// (22,017 for 768 inputs, 5,504 for 3,072). Sums are exact.
  case int16
  /// Rounded to integers of at most 127 in magnitude, one scale for each row. Sums are exact. With AVX-512 VNNI twice as fast as `int16`, and
  /// coarser.
  case int8
}
