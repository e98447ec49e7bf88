// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads the few forms of JSON that a header is made of: objects by their punctuation, strings, and numbers that count.
///
/// Whatever is expected is named by the caller, so there is no recursion and no tree: a value of any other form is an error where it starts.
struct HeaderScanner: ~Escapable {
  private let bytes: RawSpan
  /// Added to positions in messages.
  private let base: Int
  private(set) var position = 0
  /// The tensor being described, for messages.
  var subject: String?

  /// Starts at the first byte.
  ///
  /// - Parameters:
  ///   - bytes: the header.
  ///   - base: where it lies in the file.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, base: Int) {
    self.bytes = bytes
    self.base = base
  }

  /// The place in the file of the next byte.
  var place: Int { base + position }

  /// Whether every byte has been read.
  var isAtEnd: Bool { position == bytes.byteCount }

  /// An error at `place`, or where the scanner is.
  func fault(_ code: CheckpointError.Code, at place: Int? = nil, _ detail: String) -> CheckpointError {
    CheckpointError(code, .safetensors, at: place ?? self.place, subject: subject, detail)
  }

  /// Passes over white space.
  @_lifetime(self: copy self)
  mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  /// Passes over white space, and over `character` if it comes next.
  @_lifetime(self: copy self)
  mutating func accept(_ character: Unicode.Scalar) -> Bool {
    skipSpace()
    guard let byte = next, UInt32(byte) == character.value else { return false }
    position += 1
    return true
  }

  /// Passes over white space and `character`.
  ///
  /// - Parameters:
  ///   - character: what must come next.
  ///   - what: its role, for the message.
  /// - Throws: `malformed` when something else comes next.
  @_lifetime(self: copy self)
  mutating func expect(_ character: Unicode.Scalar, _ what: StaticString) throws(CheckpointError) {
    guard accept(character) else { throw unexpected("`\(character)` \(what)") }
  }

  /// Reads a string.
  ///
  /// - Parameter what: its role, for the message.
  /// - Returns: the text, escapes resolved.
  /// - Throws: `malformed` when there is none, or it breaks JSON's rules.
  @_lifetime(self: copy self)
  mutating func string(_ what: StaticString) throws(CheckpointError) -> String {
    try expect("\"", what)
    let start = position
    while let byte = next, byte != 0x22, byte != 0x5C, byte >= 0x20 { position += 1 }
    guard next == 0x22 else { return try stringWithEscapes(from: start, what) }
    defer { position += 1 }
    return try text(bytes.extracting(start..<position).utf8String(), at: start)
  }

  /// Reads a whole number that is not negative.
  ///
  /// - Parameter what: its role, for the message.
  /// - Returns: the number.
  /// - Throws: `malformed` for anything but digits without a leading zero, `overflow` for 2^63 and more.
  @_lifetime(self: copy self)
  mutating func count(_ what: StaticString) throws(CheckpointError) -> Int {
    skipSpace()
    let start = position
    var value = 0
    while let byte = next, (0x30...0x39).contains(byte) {
      guard let sum = value.multiplied(by: 10)?.adding(Int(byte) - 0x30) else {
        let digits = bytes.extracting(start..<min(start + 24, bytes.byteCount)).utf8String() ?? "?"
        throw fault(.overflow, at: base + start, "\(what) starts \(digits), the largest allowed is \(Int.max)")
      }
      value = sum
      position += 1
    }
    guard position > start else { throw unexpected("\(what), a number that is not negative") }
    guard position == start + 1 || bytes[byte: start] != 0x30 else {
      throw fault(.malformed, at: base + start, "\(what) has a leading zero")
    }
    if let byte = next, byte == 0x2E || byte | 0x20 == 0x65 {
      throw fault(.malformed, at: base + start, "\(what) has a fraction or an exponent, it must be a whole number")
    }
    return value
  }

  /// An error that tells what is there instead.
  func unexpected(_ expected: String) -> CheckpointError {
    guard let byte = next else { return fault(.malformed, "the header ends, expected \(expected)") }
    let found = (0x21..<0x7F).contains(byte) ? "`\(Unicode.Scalar(byte))`" : "byte 0x" + String(byte, radix: 16)
    return fault(.malformed, "found \(found), expected \(expected)")
  }
}

extension HeaderScanner {
  /// Reads a whole number, if the value is one; else stays where it was.
  @_lifetime(self: copy self)
  mutating func wholeNumber() -> Int? {
    let start = position
    if let value = try? count("number") {
      skipSpace()
      if next == 0x2C || next == 0x7D || next == nil { return value }
    }
    position = start
    return nil
  }

  /// Passes over a value of any form, by its brackets and strings.
  @_lifetime(self: copy self)
  mutating func skipValue() throws(CheckpointError) {
    var open: [UInt8] = []
    repeat {
      skipSpace()
      guard let byte = next else { throw unexpected("the end of a value") }
      switch byte {
      case 0x22: _ = try string("of a value")
      case 0x7B, 0x5B:
        guard open.count < 64 else { throw fault(.limit, "values are nested more than 64 deep") }
        open.append(byte == 0x7B ? 0x7D : 0x5D)
        position += 1
      case 0x7D, 0x5D:
        guard open.popLast() == byte else { throw unexpected("a value") }
        position += 1
      case 0x2C, 0x3A:
        guard !open.isEmpty else { throw unexpected("a value") }
        position += 1
      default:
        let start = position
        while let byte = next, byte > 0x20, ![0x22, 0x2C, 0x3A, 0x5B, 0x5D, 0x7B, 0x7D].contains(byte) { position += 1 }
        guard position > start else { throw unexpected("a value") }
      }
    } while !open.isEmpty
  }

  private var next: UInt8? {
    position < bytes.byteCount ? bytes[byte: position] : nil
  }

  private func text(_ text: String?, at start: Int) throws(CheckpointError) -> String {
    guard let text else { throw fault(.malformed, at: base + start, "string is not valid UTF-8") }
    return text
  }

  /// Goes on where the quick way met something other than the closing quote.
  @_lifetime(self: copy self)
  private mutating func stringWithEscapes(from start: Int, _ what: StaticString) throws(CheckpointError) -> String {
    var result = bytes.extracting(start..<position).copied()
    while let byte = next {
      if byte == 0x22 {
        position += 1
        return try text(result.withRawSpan { $0.utf8String() }, at: start)
      }
      guard byte >= 0x20 else { throw unexpected("no control character in \(what)") }
      position += 1
      if byte == 0x5C {
        result += try String(Character(escape())).utf8
      } else {
        result.append(byte)
      }
    }
    throw unexpected("the closing `\"` of \(what)")
  }

  /// Reads what follows a backslash.
  @_lifetime(self: copy self)
  private mutating func escape() throws(CheckpointError) -> Unicode.Scalar {
    let simple: [UInt8: Unicode.Scalar] = [
      0x22: "\"", 0x5C: "\\", 0x2F: "/", 0x62: "\u{8}", 0x66: "\u{C}", 0x6E: "\n", 0x72: "\r", 0x74: "\t",
    ]
    if let byte = next, let scalar = simple[byte] {
      position += 1
      return scalar
    }
    guard next == 0x75 else { throw unexpected("one of \" \\ / b f n r t u after a backslash") }
    let start = place - 1
    var value = try codeUnit()
    if UTF16.isLeadSurrogate(value), next == 0x5C {
      position += 1
      let second = try codeUnit()
      if UTF16.isTrailSurrogate(second) {
        return UTF16.decode(UTF16.EncodedScalar([value, second]))
      }
      value = 0xDC00
    }
    guard let scalar = Unicode.Scalar(value) else {
      throw fault(.malformed, at: start, "escape is half of a surrogate pair")
    }
    return scalar
  }

  /// Reads `u` and four hexadecimal digits.
  @_lifetime(self: copy self)
  private mutating func codeUnit() throws(CheckpointError) -> UInt16 {
    guard next == 0x75 else { throw unexpected("`u` after a backslash") }
    position += 1
    var value: UInt16 = 0
    for _ in 0..<4 {
      guard let byte = next, byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else {
        throw unexpected("four hexadecimal digits after \\u")
      }
      value = value << 4 | UInt16(digit)
      position += 1
    }
    return value
  }
}
