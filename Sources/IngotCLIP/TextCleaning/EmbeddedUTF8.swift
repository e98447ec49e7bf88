// SPDX-License-Identifier: Apache-2.0
// Ported from ftfy 6.3.1, Copyright 2023 Robyn Speer, Apache License 2.0; see NOTICE.

/// Finds UTF-8 that was read in another encoding inside text that was not (`decode_inconsistent_utf8` in ftfy).
enum EmbeddedUTF8 {
  /// What a scalar may stand for.
  private struct Clue: OptionSet {
    let rawValue: UInt8
    static let firstOfTwo = Clue(rawValue: 1)
    static let firstOfThree = Clue(rawValue: 2)
    static let firstOfFour = Clue(rawValue: 4)
    static let continuation = Clue(rawValue: 8)
    static let strictContinuation = Clue(rawValue: 16)
  }

  /// Repairs each such stretch by itself, with `repair`, where it is bad and shorter than the text.
  static func decode(
    _ text: [Unicode.Scalar], repair: ([Unicode.Scalar]) -> [Unicode.Scalar]
  ) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      let end = endOfStretch(in: text, at: index)
      if end == index {
        result.append(text[index])
        index += 1
        continue
      }
      let stretch = text[index..<end]
      result += stretch.count < text.count && Badness.isBad(stretch) ? repair(Array(stretch)) : Array(stretch)
      index = end
    }
    return result
  }

  /// The end of the sequences that follow each other from `start`, or `start` when there is none.
  ///
  /// After a scalar that looks like a continuation nothing starts: a part of a garbled text would make it worse.
  private static func endOfStretch(in text: [Unicode.Scalar], at start: Int) -> Int {
    if start > 0, clue(text[start - 1]).contains(.strictContinuation) { return start }
    var end = start
    while let length = sequence(in: text, at: end) { end += length }
    return end
  }

  private static func sequence(in text: [Unicode.Scalar], at index: Int) -> Int? {
    guard index < text.count else { return nil }
    let first = clue(text[index])
    for (kind, length) in [(Clue.firstOfTwo, 2), (.firstOfThree, 3), (.firstOfFour, 4)] where first.contains(kind) {
      let rest = text[(index + 1)...].prefix(length - 1)
      if rest.count == length - 1, rest.allSatisfy({ clue($0).contains(.continuation) }) { return length }
    }
    return nil
  }

  private static func clue(_ scalar: Unicode.Scalar) -> Clue {
    Clue(rawValue: clues[scalar])
  }
}
