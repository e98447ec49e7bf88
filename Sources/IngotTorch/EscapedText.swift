// SPDX-License-Identifier: Apache-2.0

/// The two ways in which protocol 0 writes what does not fit a line (CPython's `Lib/pickle.py`, `load_string` and `load_unicode`).
enum EscapedText {
  private static let backslash = UInt8(ascii: "\\")
  /// `\n` and its kin (Python's string literals).
  private static let letters: [UInt8: UInt8] = [
    UInt8(ascii: "\\"): 0x5c, UInt8(ascii: "'"): 0x27, UInt8(ascii: "\""): 0x22, UInt8(ascii: "a"): 7,
    UInt8(ascii: "b"): 8, UInt8(ascii: "f"): 12, UInt8(ascii: "n"): 10, UInt8(ascii: "r"): 13, UInt8(ascii: "t"): 9,
    UInt8(ascii: "v"): 11,
  ]

  /// A string of Python 2 without its quotes.
  ///
  /// - Returns: `nil` when an escape is not one of Python's.
  static func bytes(_ line: [UInt8]) -> [UInt8]? {
    var out: [UInt8] = []
    var index = 0
    while index < line.count {
      guard line[index] == backslash else {
        out.append(line[index])
        index += 1
        continue
      }
      guard index + 1 < line.count else { return nil }
      let letter = line[index + 1]
      index += 2
      if let byte = letters[letter] {
        out.append(byte)
      } else if letter == UInt8(ascii: "x") {
        guard let value = number(line, at: index, digits: 2, radix: 16) else { return nil }
        out.append(UInt8(value))
        index += 2
      } else if let byte = octal(line, from: &index, first: letter) {
        out.append(byte)
      } else {
        return nil
      }
    }
    return out
  }

  private static func octal(_ line: [UInt8], from index: inout Int, first: UInt8) -> UInt8? {
    func digit(_ byte: UInt8) -> UInt32? { byte >= 0x30 && byte <= 0x37 ? UInt32(byte - 0x30) : nil }
    guard var value = digit(first) else { return nil }
    for _ in 0..<2 {
      guard index < line.count, let next = digit(line[index]) else { break }
      value = value * 8 + next
      index += 1
    }
    return UInt8(exactly: value)
  }

  /// Text in Python's `raw-unicode-escape`.
  ///
  /// - Returns: `nil` when an escape is cut short or names no character.
  static func scalars(_ line: [UInt8]) -> [Unicode.Scalar]? {
    var out: [Unicode.Scalar] = []
    var index = 0
    while index < line.count {
      guard line[index] == backslash, index + 1 < line.count,
        let digits = [UInt8(ascii: "u"): 4, UInt8(ascii: "U"): 8][line[index + 1]]
      else {
        out.append(Unicode.Scalar(line[index]))
        index += 1
        continue
      }
      guard let value = number(line, at: index + 2, digits: digits, radix: 16), let scalar = Unicode.Scalar(value)
      else { return nil }
      out.append(scalar)
      index += 2 + digits
    }
    return out
  }

  private static func number(_ line: [UInt8], at start: Int, digits: Int, radix: UInt32) -> UInt32? {
    guard start + digits <= line.count else { return nil }
    var value: UInt32 = 0
    for byte in line[start..<start + digits] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue, digit < radix else { return nil }
      value = value * radix + UInt32(digit)
    }
    return value
  }
}
