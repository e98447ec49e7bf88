// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads the one kind of Python literal that array headers are: a dict of texts, bools and tuples of integers.
///
/// Nothing is evaluated.
struct PythonLiteral {
  enum Value: Hashable {
    case text(String)
    case bool(Bool)
    case integers([Int])
    /// A list, as structured types have; its content is not looked at.
    case structure
  }

  private let text: [UInt8]
  private let base: Int
  private let subject: String
  private var place = 0

  init(_ text: [UInt8], base: Int, subject: String) {
    self.text = text
    self.base = base
    self.subject = subject
  }

  private func fault(_ detail: String) -> CheckpointError {
    CheckpointError(.malformed, .numpy, at: base + place, subject: subject, "header: \(detail)")
  }

  private var next: UInt8? { place < text.count ? text[place] : nil }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x0a { place += 1 }
  }

  private mutating func accept(_ character: Character) -> Bool {
    skipSpace()
    guard next == character.asciiValue else { return false }
    place += 1
    return true
  }

  private mutating func expect(_ character: Character) throws(CheckpointError) {
    guard accept(character) else {
      let found = next.map { "byte \($0)" } ?? "the end"
      throw fault("found \(found), expected \(character)")
    }
  }

  /// The whole header: one dict, and nothing after it but blanks.
  mutating func dictionary() throws(CheckpointError) -> [String: Value] {
    var fields: [String: Value] = [:]
    try expect("{")
    while !accept("}") {
      let key = try string()
      try expect(":")
      guard fields.updateValue(try value(), forKey: key) == nil else { throw fault("\(key.prefix(40)) is given twice") }
      if accept("}") { break }
      try expect(",")
    }
    skipSpace()
    guard place == text.count else { throw fault("\(text.count - place) bytes follow the dict, expected only blanks") }
    return fields
  }

  private mutating func value() throws(CheckpointError) -> Value {
    skipSpace()
    switch next {
    case UInt8(ascii: "'"), UInt8(ascii: "\""): return .text(try string())
    case UInt8(ascii: "("): return .integers(try integers())
    case UInt8(ascii: "["):
      try skipList()
      return .structure
    default: return .bool(try bool())
    }
  }

  private mutating func string() throws(CheckpointError) -> String {
    skipSpace()
    guard let quote = next, quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"") else {
      throw fault("expected a text in quotes")
    }
    place += 1
    guard let end = text[place...].firstIndex(of: quote) else { throw fault("a text has no end") }
    let bytes = text[place..<end]
    guard bytes.allSatisfy({ (0x20..<0x7f).contains($0) && $0 != UInt8(ascii: "\\") }) else {
      throw fault("a text has characters that no type's name has")
    }
    place = end + 1
    return String(decoding: bytes, as: UTF8.self)
  }

  private mutating func bool() throws(CheckpointError) -> Bool {
    for (word, value) in [("True", true), ("False", false)] where text[place...].starts(with: word.utf8) {
      place += word.utf8.count
      return value
    }
    throw fault("expected a text, a tuple, True or False")
  }

  /// `(2, 3)`, `(3,)`, `()`; Python 2 wrote `(3L,)`.
  private mutating func integers() throws(CheckpointError) -> [Int] {
    var values: [Int] = []
    try expect("(")
    while !accept(")") {
      skipSpace()
      let start = place
      if next == UInt8(ascii: "-") { place += 1 }
      while let byte = next, (0x30...0x39).contains(byte) { place += 1 }
      guard let value = Int(String(decoding: text[start..<place], as: UTF8.self)) else {
        throw fault(
          "found \(String(decoding: text[start..<min(place + 1, text.count)], as: UTF8.self)), expected an integer below 2^63"
        )
      }
      guard value >= 0 else { throw fault("the extent \(value) is negative") }
      values.append(value)
      if next == UInt8(ascii: "L") { place += 1 }
      if accept(")") { break }
      try expect(",")
    }
    return values
  }

  /// Passes over a list by its brackets; brackets within texts do not count.
  private mutating func skipList() throws(CheckpointError) {
    var depth = 0
    var quote: UInt8?
    while let byte = next {
      place += 1
      if let open = quote {
        if byte == open { quote = nil }
        continue
      }
      switch byte {
      case UInt8(ascii: "'"), UInt8(ascii: "\""): quote = byte
      case UInt8(ascii: "["), UInt8(ascii: "("): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: ")"):
        depth -= 1
        if depth == 0 { return }
      default: break
      }
    }
    throw fault("a list has no end")
  }
}
