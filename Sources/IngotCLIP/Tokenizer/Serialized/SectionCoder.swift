// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Writes the numbers and texts of a section.
struct SectionWriter {
  private(set) var bytes: [UInt8] = []

  mutating func number<T: FixedWidthInteger>(_ value: T) {
    for place in stride(from: 0, to: T.bitWidth, by: 8) { bytes.append(UInt8(truncatingIfNeeded: value >> place)) }
  }

  mutating func count(_ value: Int) { number(UInt32(truncatingIfNeeded: value)) }

  mutating func blob(_ value: [UInt8]) {
    count(value.count)
    bytes += value
  }

  mutating func text(_ value: [Unicode.Scalar]) {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: value)
    blob(Array(String(text).utf8))
  }

  mutating func append(_ value: [UInt8]) { bytes += value }
}

/// Reads what `SectionWriter` writes.
struct SectionReader: ~Escapable {
  private var cursor: ByteCursor

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) { cursor = ByteCursor(bytes, format: .tokenizer) }

  var isAtEnd: Bool { cursor.isAtEnd }
  var remaining: Int { cursor.remaining }

  func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError { cursor.error(code, detail) }

  @_lifetime(self: copy self)
  mutating func number<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, _ what: StaticString
  ) throws(CheckpointError) -> T { try cursor.read(type, what) }

  /// A number of things that take at least `size` bytes each, so that no more is announced than there is.
  @_lifetime(self: copy self)
  mutating func count(_ what: StaticString, size: Int) throws(CheckpointError) -> Int {
    let count = Int(try cursor.read(UInt32.self, what))
    guard count <= cursor.remaining / size else {
      throw cursor.error(.truncated, "\(count) of \(what) need \(count * size) bytes or more, \(cursor.remaining) left")
    }
    return count
  }

  @_lifetime(self: copy self)
  mutating func blob(_ what: StaticString) throws(CheckpointError) -> [UInt8] {
    try cursor.take(try count(what, size: 1), what).copied()
  }

  /// The bytes of a text, which must be UTF-8.
  @_lifetime(self: copy self)
  mutating func textBytes(_ what: StaticString) throws(CheckpointError) -> [UInt8] {
    let bytes = try blob(what)
    guard String(validating: bytes, as: UTF8.self) != nil else {
      throw cursor.error(.malformed, "\(what) is not valid UTF-8")
    }
    return bytes
  }

  @_lifetime(self: copy self)
  mutating func text(_ what: StaticString) throws(CheckpointError) -> [Unicode.Scalar] {
    Array(String(decoding: try textBytes(what), as: UTF8.self).unicodeScalars)
  }

  /// A value of an enumeration with numbered cases.
  @_lifetime(self: copy self)
  mutating func choice<T: RawRepresentable>(
    _ type: T.Type, _ what: StaticString
  ) throws(CheckpointError) -> T where T.RawValue == UInt8 {
    let code = try number(UInt8.self, what)
    guard let value = T(rawValue: code) else {
      throw cursor.error(.unsupported, "\(what) has the code \(code), which is unknown")
    }
    return value
  }

  /// A set of options, of which no other may be there.
  @_lifetime(self: copy self)
  mutating func options<T: OptionSet>(
    _ all: T, _ what: StaticString
  ) throws(CheckpointError) -> T where T.RawValue == UInt8 {
    let bits = try number(UInt8.self, what)
    guard bits & ~all.rawValue == 0 else {
      throw cursor.error(.unsupported, "\(what) has the bits \(bits), known are \(all.rawValue)")
    }
    return T(rawValue: bits)
  }

  @_lifetime(self: copy self)
  mutating func flag(_ what: StaticString) throws(CheckpointError) -> Bool {
    let value = try number(UInt8.self, what)
    guard value <= 1 else { throw cursor.error(.malformed, "\(what) is \(value), expected 0 or 1") }
    return value == 1
  }

  /// An id, which is not negative.
  @_lifetime(self: copy self)
  mutating func id(_ what: StaticString) throws(CheckpointError) -> Int32 {
    let value = try number(Int32.self, what)
    guard value >= 0, value < Tokenizer.largestVocabulary else {
      throw cursor.error(.malformed, "\(what) is \(value), allowed are 0 to \(Tokenizer.largestVocabulary - 1)")
    }
    return value
  }

  @_lifetime(self: copy self)
  mutating func ids(_ what: StaticString) throws(CheckpointError) -> [Int32] {
    var ids: [Int32] = []
    for _ in 0..<(try count(what, size: 4)) { ids.append(try id(what)) }
    return ids
  }
}
