// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension FormatKind {
  /// The safetensors file, `Formats/safetensors.md`.
  public static let safetensors = FormatKind(rawValue: "safetensors")
}
