// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads a table of text row by row, in place: fields between separators, perhaps in quotes (RFC 4180).
///
/// Rows end with a line feed, perhaps after a carriage return; empty lines are passed over. Within quotes everything stands for itself,
/// and two quotes for one.
struct CSVScanner: ~Escapable {
  /// One field, where it stands.
  struct Field {
    /// Without its quotes.
    let range: Range<Int>
    /// Whether two quotes in it stand for one.
    let hasDoubledQuotes: Bool
  }

  private let bytes: RawSpan
  private let separator: UInt8
  private let subject: String
  private var position = 0
  /// The number of the last row read, from 1 on, as an editor counts lines; within quotes it may lag behind.
  private(set) var line = 0

  /// Rows with more fields than this are no table of a dataset.
  private static let mostFields = 1 << 10
  private static let quote = UInt8(ascii: "\"")

  /// Starts at the first byte, or behind a byte order mark.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, separator: Unicode.Scalar = ",", subject: String) {
    self.bytes = bytes
    self.separator = UInt8(truncatingIfNeeded: separator.value)
    self.subject = subject
    if bytes.byteCount >= 3, bytes[byte: 0] == 0xef, bytes[byte: 1] == 0xbb, bytes[byte: 2] == 0xbf { position = 3 }
  }

  /// A fault of the last row.
  func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
    CheckpointError(code, .dataset, at: position, subject: subject, "line \(line): \(detail)")
  }

  /// Reads the next row.
  ///
  /// - Returns: `nil` at the end.
  /// - Throws: `malformed` for quotes that do not end or that text follows, `limit` for too many fields.
  @_lifetime(self: copy self)
  mutating func row() throws(CheckpointError) -> [Field]? {
    repeat {
      guard position < bytes.byteCount else { return nil }
      line += 1
    } while acceptEnd()
    var fields: [Field] = []
    while true {
      guard fields.count < Self.mostFields else { throw fault(.limit, "has more than \(Self.mostFields) fields") }
      fields.append(next == Self.quote ? try quoted() : plain())
      if position < bytes.byteCount, next == separator {
        position += 1
        continue
      }
      guard position == bytes.byteCount || acceptEnd() else {
        throw fault(.malformed, "text follows the quotes of field \(fields.count)")
      }
      return fields
    }
  }

  /// The text of a field.
  ///
  /// - Throws: `malformed` when it is not UTF-8.
  func text(_ field: Field) throws(CheckpointError) -> String {
    guard let text = bytes.extracting(field.range).utf8String() else { throw fault(.malformed, "a field is not UTF-8") }
    guard field.hasDoubledQuotes else { return text }
    var result = ""
    var wasQuote = false
    for character in text.unicodeScalars {
      if character == "\"", wasQuote {
        wasQuote = false
        continue
      }
      wasQuote = character == "\""
      result.unicodeScalars.append(character)
    }
    return result
  }

  private var next: UInt8? { position < bytes.byteCount ? bytes[byte: position] : nil }

  @_lifetime(self: copy self)
  private mutating func acceptEnd() -> Bool {
    guard let byte = next else { return false }
    if byte == 0x0a {
      position += 1
      return true
    }
    guard byte == 0x0d, position + 1 == bytes.byteCount || bytes[byte: position + 1] == 0x0a else { return false }
    position = min(position + 2, bytes.byteCount)
    return true
  }

  @_lifetime(self: copy self)
  private mutating func plain() -> Field {
    let start = position
    while let byte = next, byte != separator, byte != 0x0a { position += 1 }
    // The carriage return before a line feed, or before the end, is part of the line's end.
    if position > start, bytes[byte: position - 1] == 0x0d, next != separator { position -= 1 }
    return Field(range: start..<position, hasDoubledQuotes: false)
  }

  @_lifetime(self: copy self)
  private mutating func quoted() throws(CheckpointError) -> Field {
    position += 1
    let start = position
    var hasDoubled = false
    while let byte = next {
      position += 1
      guard byte == Self.quote else { continue }
      if next == Self.quote {
        hasDoubled = true
        position += 1
        continue
      }
      return Field(range: start..<position - 1, hasDoubledQuotes: hasDoubled)
    }
    throw fault(.malformed, "a field's quotes do not end")
  }
}
