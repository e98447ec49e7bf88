// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The lines of a UTF-8 file; an empty one at its end is none.
func lines(ofFile path: String) throws -> [String] {
  let file = try MappedFile(path: path)
  guard let text = file.bytes.utf8String() else {
    throw CheckpointError(.malformed, FormatKind(rawValue: "text"), "is not UTF-8")
  }
  var lines = text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  if lines.last == "" { lines.removeLast() }
  return lines
}
