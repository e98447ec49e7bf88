// SPDX-License-Identifier: Apache-2.0

/// How a text is divided into words, of which each is given to the model by itself: `Formats/tokenizer.md`, section "Words".
enum Division: Sendable, Equatable {
  /// The whole text is one word.
  case none
  /// CLIP's pattern.
  case clip(WordPattern)
  /// Words begin with `SentencePieceNormalizer.mark`, which stands for the space before them.
  case metaspace(Metaspace)
  /// White space divides and is dropped; punctuation marks are words of their own (BERT in `tokenizers`).
  case bert
  /// White space of Python divides and is dropped.
  case whiteSpace
  /// Words end with the space behind them (`Split` on a space, merged with the word before).
  case afterSpaces

  /// `Metaspace` of the library `tokenizers`.
  struct Metaspace: Sendable, Equatable {
    /// Before which words the mark is put where there is none.
    enum Scheme: UInt8, Sendable { case always = 0, first = 1, never = 2 }

    let scheme: Scheme
    /// Whether each mark begins a word.
    let splits: Bool
    /// Whether white space divides the text first, and is dropped.
    let isAfterWhiteSpace: Bool
  }

  /// Calls `body` for each word.
  ///
  /// - Parameters:
  ///   - text: a part of the text, between marks.
  ///   - isFirst: whether the part begins the text.
  ///   - body: gets the words in order.
  func forEachWord(of text: [Unicode.Scalar], isFirst: Bool, _ body: (ArraySlice<Unicode.Scalar>) -> Void) {
    guard !text.isEmpty else { return }
    switch self {
    case .none, .clip: body(text[...])
    case .whiteSpace: text.split(whereSeparator: PythonClass.space.contains).forEach(body)
    case .afterSpaces:
      var start = 0
      for index in text.indices where text[index] == " " {
        body(text[start...index])
        start = index + 1
      }
      if start < text.count { body(text[start...]) }
    case .bert: Self.divideAsBERT(text, body)
    case .metaspace(let metaspace): metaspace.divide(text, isFirst: isFirst, body)
    }
  }

  private static func divideAsBERT(_ text: [Unicode.Scalar], _ body: (ArraySlice<Unicode.Scalar>) -> Void) {
    var start = 0
    for index in text.indices {
      let kind = LibraryClass(of: text[index])
      guard !kind.isDisjoint(with: [.space, .punctuation]) else { continue }
      if start < index { body(text[start..<index]) }
      if !kind.contains(.space) { body(text[index...index]) }
      start = index + 1
    }
    if start < text.count { body(text[start...]) }
  }
}

extension Division.Metaspace {
  func divide(_ text: [Unicode.Scalar], isFirst: Bool, _ body: (ArraySlice<Unicode.Scalar>) -> Void) {
    guard isAfterWhiteSpace else { return divideWord(text[...], isFirst: isFirst, body) }
    var start = 0
    for index in 0...text.count {
      guard index == text.count || LibraryClass(of: text[index]).contains(.space) else { continue }
      if start < index { divideWord(text[start..<index], isFirst: isFirst && start == 0, body) }
      start = index + 1
    }
  }

  private func divideWord(
    _ word: ArraySlice<Unicode.Scalar>, isFirst: Bool, _ body: (ArraySlice<Unicode.Scalar>) -> Void
  ) {
    let mark = SentencePieceNormalizer.mark
    var marked: [Unicode.Scalar] = []
    marked.reserveCapacity(word.count + 1)
    let isPut = scheme == .always || scheme == .first && isFirst
    if isPut, let first = word.first, first != mark, first != " " { marked.append(mark) }
    for scalar in word { marked.append(scalar == " " ? mark : scalar) }
    guard splits else { return body(marked[...]) }
    var start = 0
    for index in marked.indices where index > 0 && marked[index] == mark {
      body(marked[start..<index])
      start = index
    }
    body(marked[start...])
  }
}
