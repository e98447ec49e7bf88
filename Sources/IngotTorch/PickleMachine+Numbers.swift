// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Integers of any length, and the arguments that are written as a line of text.
extension PickleMachine {
  /// A two's complement integer of any length.
  static func integer(littleEndian bytes: [UInt8]) -> PickleArena.Node {
    guard let last = bytes.last else { return .int(0) }
    let fill: UInt8 = last & 0x80 == 0 ? 0 : 0xff
    guard bytes.count <= 8 || bytes[8...].allSatisfy({ $0 == fill }) && (bytes[7] ^ fill) & 0x80 == 0 else {
      return .largeInt
    }
    var value: UInt64 = 0
    for index in 0..<8 { value |= UInt64(index < bytes.count ? bytes[index] : fill) << (8 * UInt64(index)) }
    return .int(Int(Int64(bitPattern: value)))
  }

  mutating func execute(_ opcode: Opcode, line range: Range<Int>) throws(CheckpointError) {
    switch opcode {
    case .string: return try string(range)
    case .unicode:
      let scalars = range.count <= PickleArena.longestName ? EscapedText.scalars(cursor.bytes(in: range)) : nil
      let text = scalars.map { String(String.UnicodeScalarView($0)) }
      return try pushText(text, PickleBlob(range: range, form: .rawUnicode))
    default: break
    }
    guard let text = text(try shortLine(range)) else { throw fault(.malformed, "the line is not UTF-8") }
    switch opcode {
    case .float:
      guard let value = Double(text) else { throw fault(.malformed, "found \(text.prefix(40)), expected a number") }
      push(.double(value))
    case .int, .long:
      if opcode == .int, text == "00" || text == "01" { return push(.bool(text == "01")) }
      let digits = opcode == .long && text.hasSuffix("L") ? String(text.dropLast()) : text
      if let value = Int(digits) {
        push(.int(value))
      } else if digits.drop(while: { $0 == "-" }).allSatisfy(\.isNumber), digits.count > 18 {
        push(.largeInt)
      } else {
        throw fault(.malformed, "found \(text.prefix(40)), expected an integer")
      }
    case .persid:
      push(.text(text))
      let identifier = try pop()
      push(.persistent(identifier))
    default:
      guard let index = UInt64(text) else { throw fault(.malformed, "found \(text.prefix(40)), expected a memo index") }
      if opcode == .get { try recall(index) } else { try remember(index) }
    }
  }

  /// A string of Python 2 in quotes.
  private mutating func string(_ range: Range<Int>) throws(CheckpointError) {
    guard range.count >= 2, let quote = cursor.bytes(in: range.lowerBound..<range.lowerBound + 1).first,
      cursor.bytes(in: range.upperBound - 1..<range.upperBound).first == quote,
      quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
    else { throw fault(.malformed, "the string has no quotes") }
    let inner = range.lowerBound + 1..<range.upperBound - 1
    guard inner.count <= PickleArena.longestName else {
      return try pushText(nil, PickleBlob(range: inner, form: .escapedBytes))
    }
    guard let decoded = EscapedText.bytes(cursor.bytes(in: inner)) else {
      throw fault(.malformed, "the string has an escape that is not Python's")
    }
    try pushText(text(decoded), PickleBlob(range: inner, form: .escapedBytes))
  }
}
