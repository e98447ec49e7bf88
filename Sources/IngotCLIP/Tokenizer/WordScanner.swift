// SPDX-License-Identifier: Apache-2.0

/// Divides cleaned text into words, as OpenAI's pattern does.
///
///     <|startoftext|>|<|endoftext|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
///
/// The pattern ignores case. In lower-case text that matters for one letter, the long s, which passes for an s.
struct WordScanner {
  /// What the pattern finds.
  enum Token: Equatable {
    /// The mark of a text's start, written out in the text.
    case start
    /// The mark of a text's end, written out in the text.
    case end
    /// A word: its place in the text.
    case word(Range<Int>)
  }

  private static let startMark = Array("<|startoftext|>".unicodeScalars)
  private static let endMark = Array("<|endoftext|>".unicodeScalars)
  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }
  private static let longS: Unicode.Scalar = "\u{17F}"

  private let text: [Unicode.Scalar]
  private var index = 0

  init(_ text: [Unicode.Scalar]) {
    self.text = text
  }

  /// The next word, `nil` at the end of the text.
  mutating func next() -> Token? {
    while index < text.count {
      let start = index
      switch WordClass(of: text[start]) {
      case .space, .unmatched:
        index += 1
        continue
      case .letter: skip(.letter)
      case .number: index += 1
      case .symbol:
        if let mark = mark() { return mark }
        if let contraction = Self.contractions.first(where: isNext) {
          index += contraction.count
        } else {
          skip(.symbol)
        }
      }
      return .word(start..<index)
    }
    return nil
  }

  /// The mark of start or end that follows, which is a word like others when it is spelled with a long s.
  private mutating func mark() -> Token? {
    for (mark, token) in [(Self.startMark, Token.start), (Self.endMark, .end)] where isNext(mark) {
      let range = index..<index + mark.count
      index = range.upperBound
      return text[range].elementsEqual(mark) ? token : .word(range)
    }
    return nil
  }

  private mutating func skip(_ kind: WordClass) {
    while index < text.count, WordClass(of: text[index]) == kind { index += 1 }
  }

  private func isNext(_ expected: [Unicode.Scalar]) -> Bool {
    guard expected.count <= text.count - index else { return false }
    return zip(text[index...], expected).allSatisfy { $0 == $1 || $0 == Self.longS && $1 == "s" }
  }
}
