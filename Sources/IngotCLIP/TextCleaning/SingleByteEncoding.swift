// SPDX-License-Identifier: Apache-2.0
// Ported from ftfy 6.3.1, Copyright 2023 Robyn Speer, Apache License 2.0; see NOTICE.

/// One of the encodings with a byte for each character that text is often wrongly decoded in.
///
/// The "sloppy" forms of the Windows encodings give bytes that stand for nothing the scalar with the same number, as browsers
/// do, and use byte 1A for U+FFFD, the mark of a character that was lost.
struct SingleByteEncoding: Sendable {
  /// ftfy's name for it.
  let name: String
  /// What each of the 256 bytes stands for.
  let scalars: [Unicode.Scalar]
  private let bytes: [Unicode.Scalar: UInt8]

  /// Whether bytes without a meaning stand for themselves.
  var isSloppy: Bool { name.hasPrefix("sloppy") }

  /// Whether a space may be what is left of byte A0, which in Mac Roman it is not: there it is likely to follow a dash.
  var mayHaveLostByteA0: Bool { name != "macroman" }

  /// The Windows encoding for Western Europe.
  static let windows1252: SingleByteEncoding = {
    guard let encoding = all.first(where: { $0.name == "sloppy-windows-1252" }) else {
      preconditionFailure("the generated table holds Windows-1252")
    }
    return encoding
  }()

  private init(name: String, upperHalf: [Unicode.Scalar]) {
    precondition(upperHalf.count == 128, "the upper half of \(name) has 128 entries")
    var scalars = (0..<128).map { Unicode.Scalar(UInt8($0)) } + upperHalf
    if name.hasPrefix("sloppy") { scalars[0x1A] = "\u{FFFD}" }
    self.name = name
    self.scalars = scalars
    bytes = Dictionary(uniqueKeysWithValues: zip(scalars, 0...255))
  }

  /// The bytes of a text, `nil` when one of its scalars has none.
  func encode(_ text: [Unicode.Scalar]) -> [UInt8]? {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    for scalar in text {
      guard let byte = bytes[scalar] else { return nil }
      result.append(byte)
    }
    return result
  }

  /// Reads the generated table: for each encoding its name, then what the bytes 80 to FF stand for.
  static func makeAll(_ text: String) -> [SingleByteEncoding] {
    TableText.rows(dividedByCommas: text).map { fields in
      SingleByteEncoding(name: String(fields[0]), upperHalf: fields.dropFirst().map(TableText.scalar))
    }
  }
}
