// SPDX-License-Identifier: Apache-2.0
// The strict form is ported from ftfy 6.3.1, Copyright 2023 Robyn Speer, Apache License 2.0; see NOTICE.

/// Replaces HTML's character references in two ways: ftfy's cautious one and Python's `html.unescape`.
enum HTMLEntities {
  private static let longestStrictName = 24
  private static let longestName = 32
  /// The longest name that HTML allows without a semicolon.
  private static let longestOpenName = standard.keys.filter { !$0.hasSuffix(";") }.map(\.utf8.count).max() ?? 0

  /// Reads a generated table: a name and its value, divided by commas.
  static func makeNames(_ text: String) -> [String: [Unicode.Scalar]] {
    let rows = TableText.rows(dividedByCommas: text).map { ($0[0], $0.dropFirst().map(TableText.scalar)) }
    return Dictionary(uniqueKeysWithValues: rows.map { (String($0), $1) })
  }

  /// Replaces references that end in a semicolon and are known as a whole, as `ftfy.fixes.unescape_html` does.
  static func unescapeStrictly(_ text: inout [Unicode.Scalar]) {
    replace(in: &text) { text, start in
      let digits = text[start...].first == "#" ? start + 1 : start
      let end = run(in: text, from: digits, atMost: longestStrictName) { isDigit($0) || isLetter($0) }
      guard end > digits, end < text.count, text[end] == ";" else { return nil }
      if digits == start {
        let name = text[start...end]
        return (value(of: name, in: standard) ?? value(of: name, in: capitals)).map { ($0, end + 1) }
      }
      // What is not a number to its end stays, and so does a reference to a semicolon.
      guard let number = number(in: text, at: digits), number.end == end else { return nil }
      let value = value(ofNumber: number.value)
      return value == [";"] ? nil : (value, end + 1)
    }
  }

  /// Replaces all that a browser would take for a reference, as Python's `html.unescape` does.
  static func unescape(_ text: inout [Unicode.Scalar]) {
    replace(in: &text) { text, start in
      if text[start...].first == "#" {
        guard let number = number(in: text, at: start + 1) else { return nil }
        let hasSemicolon = number.end < text.count && text[number.end] == ";"
        return (value(ofNumber: number.value), number.end + (hasSemicolon ? 1 : 0))
      }
      var end = run(in: text, from: start, atMost: longestName) { !endsName($0) }
      guard end > start else { return nil }
      if end < text.count, text[end] == ";" { end += 1 }
      if let value = value(of: text[start..<end], in: standard) { return (value, end) }
      for length in stride(from: min(end - start - 1, longestOpenName), to: 1, by: -1) {
        if let value = value(of: text[start..<start + length], in: standard) {
          return (value + text[start + length..<end], end)
        }
      }
      return (["&"] + text[start..<end], end)
    }
  }

  /// Calls `reference` for each ampersand, with the place after it, and puts what it returns in the place of both.
  private static func replace(
    in text: inout [Unicode.Scalar],
    _ reference: (_ text: [Unicode.Scalar], _ start: Int) -> (value: [Unicode.Scalar], end: Int)?
  ) {
    guard var index = text.firstIndex(of: "&") else { return }
    var result = Array(text[..<index])
    result.reserveCapacity(text.count)
    while index < text.count {
      if text[index] == "&", let (value, end) = reference(text, index + 1) {
        result += value
        index = end
      } else {
        result.append(text[index])
        index += 1
      }
    }
    text = result
  }

  /// The number that starts at `start` with its end: decimal digits, or an x and hexadecimal ones.
  private static func number(in text: [Unicode.Scalar], at start: Int) -> (value: UInt32, end: Int)? {
    guard start < text.count else { return nil }
    let radix: UInt32 = text[start] == "x" || text[start] == "X" ? 16 : 10
    let first = radix == 16 ? start + 1 : start
    var (value, end): (UInt32, Int) = (0, first)
    while end < text.count, let digit = Character(text[end]).hexDigitValue, text[end].isASCII, digit < radix {
      // Beyond the last scalar all numbers mean the same.
      value = min(value * radix + UInt32(digit), 0x110000)
      end += 1
    }
    return end > first ? (value, end) : nil
  }

  /// What a numeric reference stands for, by the rules of the HTML standard as Python applies them.
  private static func value(ofNumber number: UInt32) -> [Unicode.Scalar] {
    switch number {
    case 0: return ["\u{FFFD}"]
    case 0x0D: return ["\r"]
    case 0x80...0x9F: return [SingleByteEncoding.windows1252.scalars[Int(number)]]
    case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0xFDD0...0xFDEF: return []
    case _ where number & 0xFFFE == 0xFFFE && number <= 0x10FFFF: return []
    default: return [Unicode.Scalar(number) ?? "\u{FFFD}"]
    }
  }

  private static func run(
    in text: [Unicode.Scalar], from start: Int, atMost count: Int, while condition: (Unicode.Scalar) -> Bool
  ) -> Int {
    var end = start
    while end < text.count, end - start < count, condition(text[end]) { end += 1 }
    return end
  }

  private static func isDigit(_ scalar: Unicode.Scalar) -> Bool { ("0"..."9").contains(scalar) }

  private static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
    ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar)
  }

  private static func endsName(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "\t", "\n", "\u{C}", " ", "<", "&", "#", ";": true
    default: false
    }
  }

  private static func value(
    of name: ArraySlice<Unicode.Scalar>, in names: [String: [Unicode.Scalar]]
  ) -> [Unicode.Scalar]? {
    // Strings compare by canonical equivalence, so that the Kelvin sign, for one, would pass for a K.
    guard name.allSatisfy(\.isASCII) else { return nil }
    var view = String.UnicodeScalarView()
    view.append(contentsOf: name)
    return names[String(view)]
  }
}
