// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Lists and tables beside pictures are no longer than this.
private let largestText = 1 << 30

/// The lines of a text file, without their ends: line feeds, and carriage returns before them.
///
/// - Parameter path: the file, in UTF-8; a byte order mark is passed over.
/// - Returns: the lines; one that ends the file is not followed by an empty one.
/// - Throws: `FileError`, `malformed` for text that is not UTF-8, `limit` for more than 1 GiB.
func textLines(of path: String) throws -> [String] {
  let file = try MappedFile(path: path)
  guard file.size <= largestText else {
    throw CheckpointError(.limit, .dataset, subject: path, "has \(file.size) bytes, allowed are \(largestText)")
  }
  guard var text = file.bytes.utf8String() else {
    throw CheckpointError(.malformed, .dataset, subject: path, "is not UTF-8")
  }
  if text.unicodeScalars.first == "\u{feff}" { text.unicodeScalars.removeFirst() }
  var lines = text.utf8.split(separator: 0x0a, omittingEmptySubsequences: false).map { line in
    String(decoding: line.last == 0x0d ? line.dropLast() : line, as: UTF8.self)
  }
  if lines.last == "" { lines.removeLast() }
  return lines
}
