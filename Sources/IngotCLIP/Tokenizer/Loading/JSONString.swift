// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads the strings of JSON documents (RFC 8259, section 7) as bytes, so that texts which Unicode calls equivalent stay apart.
struct JSONString {
  private let bytes: [UInt8]
  private var index: Int
  /// The document's name, for errors.
  private let subject: String

  /// Reads what follows an opening quotation mark.
  ///
  /// - Parameters:
  ///   - bytes: the document, valid UTF-8.
  ///   - index: behind the mark; then behind the closing one.
  ///   - subject: the document's name, for errors.
  /// - Returns: the text, in UTF-8.
  /// - Throws: `malformed`, with the place.
  static func read(_ bytes: [UInt8], at index: inout Int, of subject: String) throws(CheckpointError) -> [UInt8] {
    var reader = JSONString(bytes: bytes, index: index, subject: subject)
    let text = try reader.read()
    index = reader.index
    return text
  }

  private mutating func read() throws(CheckpointError) -> [UInt8] {
    var result: [UInt8] = []
    while let byte = peek() {
      index += 1
      switch byte {
      case UInt8(ascii: "\""): return result
      case UInt8(ascii: "\\"): result += UTF8.encode(try readEscape()) ?? UTF8.encodedReplacementCharacter
      case 0..<0x20: throw fault("a control character within a string")
      default: result.append(byte)
      }
    }
    throw fault("the file ends within a string")
  }

  private mutating func readEscape() throws(CheckpointError) -> Unicode.Scalar {
    guard let byte = peek() else { throw fault("the file ends within a string") }
    index += 1
    switch Unicode.Scalar(byte) {
    case "\"", "\\", "/": return Unicode.Scalar(byte)
    case "b": return "\u{8}"
    case "f": return "\u{C}"
    case "n": return "\n"
    case "r": return "\r"
    case "t": return "\t"
    case "u": return try readUnicodeEscape()
    default: throw fault("a backslash before \"\(Unicode.Scalar(byte))\"")
    }
  }

  private mutating func readUnicodeEscape() throws(CheckpointError) -> Unicode.Scalar {
    let first = try readFourDigits()
    if let scalar = Unicode.Scalar(first) { return scalar }
    if first < 0xDC00, bytes[index...].starts(with: Array("\\u".utf8)) {
      index += 2
      let second = try readFourDigits()
      if (0xDC00...0xDFFF).contains(second),
        let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
      {
        return scalar
      }
    }
    throw fault("half of a surrogate pair")
  }

  private mutating func readFourDigits() throws(CheckpointError) -> UInt32 {
    let digits = bytes[index...].prefix(4)
    guard digits.count == 4, digits.allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit }),
      let value = UInt32(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw fault("\\u without four hexadecimal digits") }
    index += 4
    return value
  }

  private func peek() -> UInt8? { index < bytes.count ? bytes[index] : nil }

  private func fault(_ detail: String) -> CheckpointError {
    CheckpointError(.malformed, .tokenizer, at: index, subject: subject, detail)
  }
}
