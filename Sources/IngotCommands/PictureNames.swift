// SPDX-License-Identifier: Apache-2.0

/// Whether a file's name is that of a picture that can be read: PNG or JPEG.
func isPicture(_ name: String) -> Bool {
  let lower = name.lowercased()
  return [".png", ".jpg", ".jpeg"].contains { lower.hasSuffix($0) }
}
