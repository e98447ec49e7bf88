// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads JSON front to back, without a tree: annotations of a gigabyte take no more memory than what is kept of them.
///
/// Objects and arrays are entered and left step by step; what the caller does not want is passed over by its brackets.
struct JSONScanner: ~Escapable {
  private let bytes: RawSpan
  private let subject: String
  /// Where the next byte is.
  private(set) var position = 0
  /// For each open object or array, what closes it, and whether an element came already.
  private var open: [(end: UInt8, hasElement: Bool)] = []

  /// Values may be nested so deep.
  private static let deepest = 64
  /// The longest string that is read: captions and names.
  private static let longestString = 1 << 20

  /// Starts at the first byte.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, subject: String) {
    self.bytes = bytes
    self.subject = subject
  }

  /// A fault where the scanner is.
  func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
    CheckpointError(code, .dataset, at: position, subject: subject, detail)
  }

  /// Enters an object, `{`.
  @_lifetime(self: copy self)
  mutating func enterObject(_ what: String) throws(CheckpointError) { try enter("{", "}", what) }

  /// Enters an array, `[`.
  @_lifetime(self: copy self)
  mutating func enterArray(_ what: String) throws(CheckpointError) { try enter("[", "]", what) }

  /// The next key of the object entered last; its value must be read or passed over next.
  ///
  /// - Returns: `nil` when the object ends here, and is left.
  @_lifetime(self: copy self)
  mutating func nextKey() throws(CheckpointError) -> String? {
    guard try hasNext() else { return nil }
    let key = try string("a key")
    skipSpace()
    guard next == UInt8(ascii: ":") else { throw unexpected("`:` after the key `\(key)`") }
    position += 1
    return key
  }

  /// Whether the array entered last has another element, which must be read or passed over next; else the array is left.
  @_lifetime(self: copy self)
  mutating func nextElement() throws(CheckpointError) -> Bool { try hasNext() }

  /// Reads a string.
  @_lifetime(self: copy self)
  mutating func string(_ what: String) throws(CheckpointError) -> String {
    skipSpace()
    guard next == UInt8(ascii: "\"") else { throw unexpected("\(what), a string") }
    position += 1
    let start = position
    while let byte = next, byte != 0x22, byte != 0x5c, byte >= 0x20 { position += 1 }
    if next == 0x22 {
      guard let text = bytes.extracting(start..<position).utf8String() else {
        throw fault(.malformed, "\(what) is not UTF-8")
      }
      position += 1
      return text
    }
    return try escaped(from: start, what)
  }

  /// Reads a whole number.
  @_lifetime(self: copy self)
  mutating func integer(_ what: String) throws(CheckpointError) -> Int {
    skipSpace()
    let start = position
    while let byte = next, byte > 0x20, !Self.marks.contains(byte) { position += 1 }
    guard let text = bytes.extracting(start..<position).utf8String(), let value = Int(text), text.utf8.first != 0x2b
    else {
      position = start
      throw unexpected("\(what), a whole number")
    }
    return value
  }

  /// Passes over a value of any form.
  @_lifetime(self: copy self)
  mutating func skipValue() throws(CheckpointError) {
    var ends: [UInt8] = []
    repeat {
      skipSpace()
      guard let byte = next else { throw unexpected("the end of a value") }
      switch byte {
      case 0x22: try skipString()
      case 0x7b, 0x5b:
        guard ends.count < Self.deepest else { throw fault(.limit, "values are nested more than \(Self.deepest) deep") }
        ends.append(byte + 2)
        position += 1
      case 0x7d, 0x5d:
        guard ends.popLast() == byte else { throw unexpected("a value") }
        position += 1
      case 0x2c, 0x3a:
        guard !ends.isEmpty else { throw unexpected("a value") }
        position += 1
      default:
        let start = position
        while let byte = next, byte > 0x20, !Self.marks.contains(byte) { position += 1 }
        guard position > start else { throw unexpected("a value") }
      }
    } while !ends.isEmpty
  }

  /// Makes sure that nothing follows.
  @_lifetime(self: copy self)
  mutating func end() throws(CheckpointError) {
    skipSpace()
    guard position == bytes.byteCount else { throw unexpected("the end of the text") }
  }

  private static let marks: Set<UInt8> = [0x22, 0x2c, 0x3a, 0x5b, 0x5d, 0x7b, 0x7d]

  private var next: UInt8? { position < bytes.byteCount ? bytes[byte: position] : nil }

  @_lifetime(self: copy self)
  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 { position += 1 }
  }

  @_lifetime(self: copy self)
  private mutating func enter(_ start: Unicode.Scalar, _ end: Unicode.Scalar, _ what: String) throws(CheckpointError) {
    skipSpace()
    guard let byte = next, UInt32(byte) == start.value else { throw unexpected("\(what), `\(start)`") }
    guard open.count < Self.deepest else { throw fault(.limit, "values are nested more than \(Self.deepest) deep") }
    position += 1
    open.append((UInt8(truncatingIfNeeded: end.value), false))
  }

  @_lifetime(self: copy self)
  private mutating func hasNext() throws(CheckpointError) -> Bool {
    guard let innermost = open.last else { preconditionFailure("an object or array was entered") }
    skipSpace()
    if next == innermost.end {
      position += 1
      open.removeLast()
      return false
    }
    if innermost.hasElement {
      guard next == 0x2c else { throw unexpected("`,` or `\(Unicode.Scalar(innermost.end))`") }
      position += 1
    }
    open[open.count - 1].hasElement = true
    return true
  }

  private func unexpected(_ expected: String) -> CheckpointError {
    guard let byte = next else { return fault(.truncated, "the text ends, expected \(expected)") }
    let found = (0x21..<0x7f).contains(byte) ? "`\(Unicode.Scalar(byte))`" : "byte 0x" + String(byte, radix: 16)
    return fault(.malformed, "found \(found), expected \(expected)")
  }

  @_lifetime(self: copy self)
  private mutating func skipString() throws(CheckpointError) {
    position += 1
    while let byte = next {
      position += byte == 0x5c ? 2 : 1
      if byte == 0x22 { return }
    }
    position = min(position, bytes.byteCount)
    throw unexpected("the closing quotes of a string")
  }

  /// Goes on where the quick way met something other than the closing quotes.
  @_lifetime(self: copy self)
  private mutating func escaped(from start: Int, _ what: String) throws(CheckpointError) -> String {
    var units = bytes.extracting(start..<position).copied()
    while let byte = next {
      guard units.count <= Self.longestString else {
        throw fault(.limit, "\(what) is longer than \(Self.longestString)")
      }
      guard byte >= 0x20 else { throw unexpected("no control character in \(what)") }
      position += 1
      if byte == 0x22 {
        guard let text = String(validating: units, as: UTF8.self) else {
          throw fault(.malformed, "\(what) is not UTF-8")
        }
        return text
      }
      if byte == 0x5c { units += String(Character(try escape())).utf8 } else { units.append(byte) }
    }
    throw unexpected("the closing quotes of \(what)")
  }

  /// Reads what follows a backslash; half a pair of UTF-16 becomes the replacement character.
  @_lifetime(self: copy self)
  private mutating func escape() throws(CheckpointError) -> Unicode.Scalar {
    let simple: [UInt8: Unicode.Scalar] = [
      0x22: "\"", 0x5c: "\\", 0x2f: "/", 0x62: "\u{8}", 0x66: "\u{c}", 0x6e: "\n", 0x72: "\r", 0x74: "\t",
    ]
    if let byte = next, let scalar = simple[byte] {
      position += 1
      return scalar
    }
    let first = try codeUnit()
    if UTF16.isLeadSurrogate(first), next == 0x5c, position + 1 < bytes.byteCount, bytes[byte: position + 1] == 0x75 {
      let before = position
      position += 1
      let second = try codeUnit()
      if UTF16.isTrailSurrogate(second) {
        let value = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
        return Unicode.Scalar(value) ?? "\u{fffd}"
      }
      position = before
    }
    return Unicode.Scalar(first) ?? "\u{fffd}"
  }

  @_lifetime(self: copy self)
  private mutating func codeUnit() throws(CheckpointError) -> UInt16 {
    guard next == 0x75 else { throw unexpected("one of \" \\ / b f n r t u after a backslash") }
    let start = position + 1
    guard start + 4 <= bytes.byteCount, let digits = bytes.extracting(start..<start + 4).utf8String(),
      let value = UInt16(digits, radix: 16), digits.utf8.first != 0x2b
    else { throw unexpected("four hexadecimal digits after \\u") }
    position = start + 4
    return value
  }
}
