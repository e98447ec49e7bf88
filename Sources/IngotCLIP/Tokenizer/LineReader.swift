// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Goes through the lines of a text file in UTF-8.
struct LineReader {
  /// The number of the line read last, counted from 1.
  private(set) var number = 0
  /// Where the line read last starts.
  private(set) var offset = 0
  private let bytes: [UInt8]
  private var next: Int? = 0

  /// Makes a reader of a whole file.
  ///
  /// - Parameter bytes: the file's contents.
  /// - Throws: `malformed` when they are not UTF-8.
  init(_ bytes: [UInt8]) throws(CheckpointError) {
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw CheckpointError(.malformed, .tokenizer, "the \(bytes.count) bytes of the vocabulary are not valid UTF-8")
    }
    self.bytes = bytes
  }

  /// Whether there are no more lines.
  var isAtEnd: Bool { next == nil }

  /// The next line without its line feed, `nil` after the last.
  ///
  /// After a line feed at the end of the file comes an empty line.
  mutating func readLine() -> [UInt8]? {
    guard let start = next else { return nil }
    let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
    number += 1
    offset = start
    next = end.map { $0 + 1 }
    return Array(bytes[start..<(end ?? bytes.count)])
  }
}
