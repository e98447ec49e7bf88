// SPDX-License-Identifier: Apache-2.0
// Ported from ftfy 6.3.1, Copyright 2023 Robyn Speer, Apache License 2.0; see NOTICE.

/// Decodes bytes as UTF-8, all of them or not at all.
enum UTF8Decoding {
  /// Which sequences are accepted.
  enum Form {
    /// Only what the standard allows.
    case strict
    /// Also surrogate pairs in two times three bytes (CESU-8) and the zero byte in two (Java), as ftfy's `utf-8-variants`.
    case variants
  }

  /// The text, or `nil` when some byte does not belong to an accepted sequence.
  static func decode(_ bytes: [UInt8], as form: Form) -> [Unicode.Scalar]? {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      guard
        let (scalar, length) = sequence(in: bytes, at: index)
          ?? (form == .variants ? variant(in: bytes, at: index) : nil)
      else { return nil }
      result.append(scalar)
      index += length
    }
    return result
  }

  /// The standard sequence that starts at `index`.
  private static func sequence(in bytes: [UInt8], at index: Int) -> (Unicode.Scalar, length: Int)? {
    let lead = bytes[index]
    let length: Int
    let smallest: UInt32
    switch lead {
    case 0..<0x80: return (Unicode.Scalar(lead), 1)
    case 0xC2..<0xE0: (length, smallest) = (2, 0x80)
    case 0xE0..<0xF0: (length, smallest) = (3, 0x800)
    case 0xF0..<0xF5: (length, smallest) = (4, 0x10000)
    default: return nil
    }
    guard length <= bytes.count - index else { return nil }
    var value = UInt32(lead) & (0x7F >> UInt32(length))
    for byte in bytes[index + 1..<index + length] {
      guard byte & 0xC0 == 0x80 else { return nil }
      value = value << 6 | UInt32(byte & 0x3F)
    }
    guard value >= smallest, let scalar = Unicode.Scalar(value) else { return nil }
    return (scalar, length)
  }

  /// The non-standard sequence that starts at `index`.
  ///
  /// ftfy's patterns let the end of the text stand in for a last byte, and in Python that end is also just before a final line
  /// break, which is then taken for that byte.
  private static func variant(in bytes: [UInt8], at index: Int) -> (Unicode.Scalar, length: Int)? {
    func isLast(_ byte: UInt8, _ position: Int, among range: ClosedRange<UInt8>) -> Bool {
      range.contains(byte) || byte == UInt8(ascii: "\n") && position == bytes.count - 1
    }
    let rest = bytes[index...].prefix(6)
    if rest.first == 0xC0, rest.count >= 2, isLast(rest[index + 1], index + 1, among: 0x80...0x80) { return ("\0", 2) }
    guard rest.count == 6, rest[index] == 0xED, rest[index + 3] == 0xED,
      (0xA0...0xAF).contains(rest[index + 1]), (0x80...0xBF).contains(rest[index + 2]),
      (0xB0...0xBF).contains(rest[index + 4]), isLast(rest[index + 5], index + 5, among: 0x80...0xBF)
    else { return nil }
    let high = UInt32(rest[index + 1] & 0x0F) << 16 | UInt32(rest[index + 2] & 0x3F) << 10
    let low = UInt32(rest[index + 4] & 0x0F) << 6 | UInt32(rest[index + 5] & 0x3F)
    return Unicode.Scalar(high + low + 0x10000).map { ($0, 6) }
  }
}
