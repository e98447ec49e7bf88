// SPDX-License-Identifier: Apache-2.0

/// The name of a file format, as it appears in error messages and reports.
///
/// Each reader adds its own name in an extension; this layer knows none of them.
public struct FormatKind: RawRepresentable, Hashable, Sendable {
  /// The name as printed, for example `safetensors`.
  public let rawValue: String

  /// Makes a kind from its printed name.
  public init(rawValue: String) {
    self.rawValue = rawValue
  }
}
