// SPDX-License-Identifier: Apache-2.0

/// Divides cleaned text into words, as OpenAI's pattern does.
///
///     <|startoftext|>|<|endoftext|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+
///
/// Evaluated by `regex` the pattern ignores case. In lower-case text that matters for one letter, the long s, which passes for
/// an s.
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

  private static let marks: [WordPattern.Spelling: [(mark: [Unicode.Scalar], token: Token)]] = [
    .bars: [(Array("<|startoftext|>".unicodeScalars), .start), (Array("<|endoftext|>".unicodeScalars), .end)],
    .plain: [(Array("<start_of_text>".unicodeScalars), .start), (Array("<end_of_text>".unicodeScalars), .end)],
  ]
  private static let contractions = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"].map { Array($0.unicodeScalars) }
  private static let longS: Unicode.Scalar = "\u{17F}"

  private let text: [Unicode.Scalar]
  private let end: Int
  private let pattern: WordPattern
  private let marks: [(mark: [Unicode.Scalar], token: Token)]
  private var index = 0
  /// The end of a mark that is being divided into letters and signs.
  private var endOfMark = 0

  init(_ text: [Unicode.Scalar], _ pattern: WordPattern = .openAI) {
    self.text = text
    self.pattern = pattern
    end = text.count
    marks = pattern.marks == .none ? [] : Self.marks[pattern.spelling] ?? []
  }

  /// The next word, `nil` at the end of the text.
  mutating func next() -> Token? {
    while index < end {
      let start = index
      let limit = start < endOfMark ? endOfMark : end
      switch wordClass(at: start) {
      case .space, .unmatched:
        index += 1
        continue
      case .letter: skip(.letter, limit)
      case .number: index += 1
      case .symbol:
        if text[start] == "<", start >= endOfMark, let mark = mark() {
          switch (mark, pattern.marks) {
          case (.word, _), (_, .tokens): return mark
          case (_, .words), (_, .none): return .word(start..<index)
          case (_, .divided):
            (endOfMark, index) = (index, start)
            skip(.symbol, endOfMark)
            return .word(start..<index)
          }
        }
        if text[start] == "'", let contraction = Self.contractions.first(where: isNext) {
          index += contraction.count
        } else {
          skip(.symbol, limit)
        }
      }
      return .word(start..<index)
    }
    return nil
  }

  private func wordClass(at index: Int) -> WordClass {
    pattern.engine == .regex ? WordClass(of: text[index]) : LibraryClass.wordClass(of: text[index])
  }

  /// The mark of start or end that follows, which is a word like others when it is spelled with a long s.
  private mutating func mark() -> Token? {
    for (mark, token) in marks where isNext(mark) {
      let range = index..<index + mark.count
      index = range.upperBound
      return text[range].elementsEqual(mark) ? token : .word(range)
    }
    return nil
  }

  private mutating func skip(_ kind: WordClass, _ limit: Int) {
    while index < limit, wordClass(at: index) == kind { index += 1 }
  }

  private func isNext(_ expected: [Unicode.Scalar]) -> Bool {
    guard expected.count <= text.count - index else { return false }
    for (place, wanted) in zip(index..., expected) {
      let found = text[place]
      if found == wanted { continue }
      guard pattern.engine == .regex, ("a"..."z").contains(wanted),
        found == Self.longS && wanted == "s" || found.isASCII && found.value | 0x20 == wanted.value
      else { return false }
    }
    return true
  }
}
