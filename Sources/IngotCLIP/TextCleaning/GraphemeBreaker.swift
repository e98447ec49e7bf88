// SPDX-License-Identifier: Apache-2.0

/// Finds the ends of user-perceived characters (extended grapheme clusters, UAX #29), with tables of its own.
///
/// The system's own division depends on the version of the system; ids must not.
struct GraphemeBreaker {
  private enum Kind: UInt8 {
    case other = 0
    case carriageReturn, lineFeed, control, extend, joiner, regionalIndicator, prepend, spacingMark
    case leading, vowel, trailing, syllable, closedSyllable
  }

  private static let picture: UInt8 = 16
  private static let conjunct: UInt8 = 96
  private static let consonant: UInt8 = 32
  private static let conjunctExtend: UInt8 = 64

  private let text: [Unicode.Scalar]

  init(_ text: [Unicode.Scalar]) {
    self.text = text
  }

  /// The end of the cluster that begins at `start`, which must be a place of a scalar.
  func end(from start: Int) -> Int {
    var index = start
    var previous = Self.properties(text[start])
    var isAfterPicture = previous & Self.picture != 0
    var isAfterPictureAndJoiner = false
    var isAfterConsonant = previous & Self.conjunct == Self.consonant
    var hasLinker = false
    var indicators = Self.kind(previous) == .regionalIndicator ? 1 : 0
    while index + 1 < text.count {
      let next = Self.properties(text[index + 1])
      let (left, right) = (Self.kind(previous), Self.kind(next))
      let joinsConjunct = isAfterConsonant && hasLinker && next & Self.conjunct == Self.consonant
      let joinsPicture = isAfterPictureAndJoiner && next & Self.picture != 0
      let joinsFlag = left == .regionalIndicator && right == .regionalIndicator && indicators % 2 == 1
      guard Self.joins(left, right) || joinsConjunct || joinsPicture || joinsFlag else { break }
      isAfterPictureAndJoiner = isAfterPicture && right == .joiner
      isAfterPicture = next & Self.picture != 0 || isAfterPicture && right == .extend
      indicators = right == .regionalIndicator ? indicators + 1 : 0
      switch next & Self.conjunct {
      case Self.consonant: (isAfterConsonant, hasLinker) = (true, false)
      case Self.conjunct: hasLinker = isAfterConsonant
      case Self.conjunctExtend: break
      default: if right != .joiner { isAfterConsonant = false }
      }
      previous = next
      index += 1
    }
    return index + 1
  }

  /// Rules GB3 to GB9b, which need no more than two scalars.
  private static func joins(_ left: Kind, _ right: Kind) -> Bool {
    switch (left, right) {
    case (.carriageReturn, .lineFeed): return true
    case (.carriageReturn, _), (.lineFeed, _), (.control, _): return false
    case (_, .carriageReturn), (_, .lineFeed), (_, .control): return false
    case (.leading, .leading), (.leading, .vowel), (.leading, .syllable), (.leading, .closedSyllable): return true
    case (.syllable, .vowel), (.vowel, .vowel), (.syllable, .trailing), (.vowel, .trailing): return true
    case (.closedSyllable, .trailing), (.trailing, .trailing): return true
    case (_, .extend), (_, .joiner), (_, .spacingMark), (.prepend, _): return true
    default: return false
    }
  }

  private static func kind(_ properties: UInt8) -> Kind { Kind(rawValue: properties & 0xF) ?? .other }

  private static func properties(_ scalar: Unicode.Scalar) -> UInt8 {
    if scalar.value >= 0xAC00, scalar.value < 0xAC00 + 11172 {
      return ((scalar.value - 0xAC00) % 28 == 0 ? Kind.syllable : .closedSyllable).rawValue
    }
    return ScalarTable.graphemeBreaks[scalar]
  }
}
