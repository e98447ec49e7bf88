// SPDX-License-Identifier: Apache-2.0

/// Bounds on what a header may ask for: `Formats/safetensors.md`, section 2.
enum Limits {
  /// The size of the length that precedes the header.
  static let prefixSize = 8
  /// Bytes of the header: the reference library's bound.
  static let headerSize = 100_000_000
  /// Far above any model that is kept in one file.
  static let tensorCount = 131_072
  /// What numpy and PyTorch allow.
  static let rank = 64
  /// The key that is not a tensor's name.
  static let metadataKey = "__metadata__"
}
