// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension FormatKind {
  /// A JPEG, PNG or PPM file, or the pixels from one.
  public static let image = FormatKind(rawValue: "image")
}
