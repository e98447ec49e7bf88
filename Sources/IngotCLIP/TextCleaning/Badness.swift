// SPDX-License-Identifier: Apache-2.0
// Ported from ftfy 6.3.1, Copyright 2023 Robyn Speer, Apache License 2.0; see NOTICE.

/// ftfy's heuristic for text that was decoded in the wrong encoding: sequences of characters that people seldom write.
///
/// The rules are one regular expression in ftfy, from which an automaton is generated that finds a match in one pass.
enum Badness {
  private static let start: UInt8 = 0
  private static let found: UInt8 = 1

  /// Whether the text holds a sequence that is likely to be mojibake.
  static func isBad(_ text: some Sequence<Unicode.Scalar>) -> Bool {
    var state = start
    for scalar in text {
      state = successors[row: state, column: columns[scalar]]
      if state == found { return true }
    }
    return false
  }
}

/// A rectangle of bytes.
struct ByteGrid: Sendable {
  private let bytes: [UInt8]
  private let width: Int

  /// Reads a generated table: rows of two hexadecimal digits a byte, divided by commas.
  init(_ text: String) {
    let rows = TableText.rows(dividedByCommas: text).map { $0.joined() }
    width = rows[0].utf8.count / 2
    bytes = rows.flatMap { row in
      let digits = row.utf8.map { $0 < 0x41 ? $0 - 0x30 : $0 - 0x41 + 10 }
      return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
  }

  /// The byte in a row and a column.
  subscript(row row: UInt8, column column: UInt8) -> UInt8 {
    bytes[Int(row) * width + Int(column)]
  }
}
