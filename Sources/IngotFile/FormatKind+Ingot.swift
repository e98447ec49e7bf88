// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension FormatKind {
  /// The `.ingot` file, `Formats/ingot.md`.
  public static let ingot = FormatKind(rawValue: "ingot")
}
