// SPDX-License-Identifier: Apache-2.0
// Ported from ftfy 6.3.1, Copyright 2023 Robyn Speer, Apache License 2.0; see NOTICE.

/// Puts back bytes of UTF-8 that were lost while it passed as a one-byte encoding.
enum LostBytes {
  private static let space: UInt8 = 0x20
  private static let nonBreaking: UInt8 = 0xA0
  /// What a sloppy encoding writes for U+FFFD.
  private static let substitute: UInt8 = 0x1A
  private static let question = UInt8(ascii: "?")
  private static let continuation: ClosedRange<UInt8> = 0x80...0xBF

  /// Replaces spaces by byte A0 where that makes likely UTF-8, as `ftfy.fixes.restore_byte_a0`.
  static func restoreByteA0(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(space) else { return bytes }
    var result = separatingAGrave(bytes)
    var index = 0
    while index < result.count {
      guard let length = alteredSequence(in: result, at: index) else {
        index += 1
        continue
      }
      for place in index..<index + length where result[place] == space { result[place] = nonBreaking }
      index += length
    }
    return result
  }

  /// Reads a lone C3 before a space as "à" and keeps the space, except in Portuguese words that begin so.
  private static func separatingAGrave(_ bytes: [UInt8]) -> [UInt8] {
    let exceptions = [" ", "quele", "quela", "quilo", "s "].map { Array($0.utf8) }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      let rest = bytes[index...].dropFirst(2)
      if bytes[index] == 0xC3, index + 1 < bytes.count, bytes[index + 1] == space,
        !exceptions.contains(where: { rest.starts(with: $0) })
      {
        result += [0xC3, nonBreaking, space]
        index += 2
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  /// The length of the sequence at `index` that is UTF-8 but for one space (`ALTERED_UTF8_RE` in ftfy).
  private static func alteredSequence(in bytes: [UInt8], at index: Int) -> Int? {
    func byte(_ offset: Int) -> UInt8? { index + offset < bytes.count ? bytes[index + offset] : nil }
    func continues(_ offset: Int) -> Bool { byte(offset).map(continuation.contains) ?? false }
    // Bytes that would make a sequence of three begin with A0 or hold 85 are left out: they give unlikely characters.
    func continuesLikely(_ offset: Int) -> Bool {
      continues(offset) && byte(offset) != 0x85 && byte(offset) != nonBreaking
    }
    switch bytes[index] {
    case 0xC2, 0xC3, 0xC5, 0xCE, 0xD0, 0xD9:
      return byte(1) == space ? 2 : nil
    case 0xE0...0xE3:
      if bytes[index] >= 0xE2, byte(1) == space, continuesLikely(2) { return 3 }
      return continuesLikely(1) && byte(2) == space ? 3 : nil
    case 0xF0:
      let spaces = (1...3).filter { byte($0) == space }
      return spaces.count == 1 && (1...3).allSatisfy { spaces.contains($0) || continues($0) } ? 4 : nil
    default: return nil
    }
  }

  /// Replaces sequences that lack bytes by the UTF-8 of U+FFFD, as `ftfy.fixes.replace_lossy_sequences`.
  static func replaceLossySequences(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.contains(where: { $0 == substitute || $0 == question }) else { return bytes }
    var result: [UInt8] = []
    result.reserveCapacity(bytes.count)
    var index = 0
    while index < bytes.count {
      if let length = lossySequence(in: bytes, at: index) {
        result += [0xEF, 0xBF, 0xBD]
        index += length
      } else {
        result.append(bytes[index])
        index += 1
      }
    }
    return result
  }

  /// The length of the sequence at `index` with a byte lost (`LOSSY_UTF8_RE` in ftfy): a 1A in its place, or one question mark.
  private static func lossySequence(in bytes: [UInt8], at index: Int) -> Int? {
    func byte(_ offset: Int) -> UInt8? { index + offset < bytes.count ? bytes[index + offset] : nil }
    func isLost(_ offset: Int) -> Bool { byte(offset) == substitute || byte(offset) == question }
    func isPresent(_ offset: Int) -> Bool {
      byte(offset).map { continuation.contains($0) || $0 == substitute } ?? false
    }
    func lacksOne(of offsets: ClosedRange<Int>) -> Bool {
      offsets.contains { lost in isLost(lost) && offsets.allSatisfy { $0 == lost || isPresent($0) } }
    }
    switch bytes[index] {
    case substitute: return 1
    case 0xC2...0xC3 where isLost(1): return 2
    case 0xC4...0xDF where byte(1) == substitute: return 2
    case 0xED where isLossySurrogatePair(in: bytes, at: index): return 6
    case 0xE0...0xEF where lacksOne(of: 1...2): return 3
    case 0xF0...0xF4 where lacksOne(of: 1...3): return 4
    default: return nil
    }
  }

  /// Whether six bytes are a surrogate pair that lacks the last byte of one half or of both.
  private static func isLossySurrogatePair(in bytes: [UInt8], at index: Int) -> Bool {
    let pair = Array(bytes[index...].prefix(6))
    guard pair.count == 6, (0xA0...0xAF).contains(pair[1]), pair[3] == 0xED, (0xB0...0xBF).contains(pair[4]) else {
      return false
    }
    let lost = [pair[2], pair[5]].map { $0 == substitute || $0 == question }
    return (lost[0] || lost[1]) && (lost[0] || continuation.contains(pair[2]))
      && (lost[1] || continuation.contains(pair[5]))
  }
}
