// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Encodes one text after another, keeping its working memory and the ids of words it has seen.
///
/// What it remembers changes no id.
struct TokenizerSession {
  private let rules: Tokenizer.Rules
  private let model: Tokenizer.Model
  private let leadCount: Int
  /// Whether the steps are those that `TextCleaner` does at once.
  private let isOpenAI: Bool
  /// `nil` where one text is all that will be encoded.
  private var cache: WordCache?
  private var merger: WordMerger?
  private var unigram = UnigramModel.Scratch()
  private var pairs = CharacterPairModel.Scratch()
  /// Whether the last part was nothing but a mark of a space.
  private var isLoneSpace = false

  /// How many texts will be encoded.
  enum Extent { case oneText, manyTexts }

  init(_ tokenizer: Tokenizer, _ extent: Extent) {
    self.init(tokenizer.rules, tokenizer.model, leadCount: tokenizer.leadCount, extent)
  }

  init(_ rules: Tokenizer.Rules, _ model: Tokenizer.Model, leadCount: Int, _ extent: Extent) {
    cache = extent == .manyTexts ? WordCache() : nil
    self.rules = rules
    self.model = model
    self.leadCount = leadCount
    isOpenAI = rules.cleaning == TextStep.openAICleaning && rules.steps.isEmpty && rules.marks.marks.isEmpty
    if case .bytePair(let model) = model { merger = WordMerger(model.merges) }
  }

  /// The ids of a text, without those of a row's start and end.
  mutating func encode(_ text: String) -> [Int32] {
    var ids: [Int32] = []
    encode(text, into: &ids)
    return ids
  }

  private mutating func encode(_ text: String, into ids: inout [Int32]) {
    if isOpenAI {
      return encodePart(TextCleaner.clean(text), isFirst: true, into: &ids)
    }
    var scalars = Array(text.unicodeScalars)
    for step in rules.cleaning { step.apply(to: &scalars) }
    var parts: [MarkTable.Part] = []
    rules.marks.divide(scalars) { parts.append($0) }
    for (place, part) in parts.enumerated() {
      switch part {
      case .mark(let id):
        // transformers drops a mark of a space by itself before a special token.
        if place == 1, !rules.lead.isEmpty, isLoneSpace { ids.removeLast() }
        ids.append(id)
      case .text(let range):
        let isFirst = range.lowerBound == 0
        encode(range == scalars.indices ? scalars : Array(scalars[range]), isFirst: isFirst, into: &ids)
      }
    }
  }

  private mutating func encode(_ part: [Unicode.Scalar], isFirst: Bool, into ids: inout [Int32]) {
    var text = part
    guard rules.lead.isEmpty else { return encodeLed(part, into: &ids) }
    for step in rules.steps { step.apply(to: &text) }
    var parts: [MarkTable.Part] = []
    rules.marks.divideNormalized(text) { parts.append($0) }
    for part in parts {
      switch part {
      case .mark(let id): ids.append(id)
      case .text(let range):
        encodePart(
          range == text.indices ? text : Array(text[range]), isFirst: isFirst && range.lowerBound == 0, into: &ids)
      }
    }
  }

  /// Encodes a part with the lead before it, and drops as many ids as the lead has.
  private mutating func encodeLed(_ part: [Unicode.Scalar], into ids: inout [Int32]) {
    var text = part
    for step in rules.steps.dropLast() { step.apply(to: &text) }
    text.insert(contentsOf: rules.lead, at: 0)
    rules.steps.last?.apply(to: &text)
    let isSpace = text.count == rules.lead.count + 1 && text.last == SentencePieceNormalizer.mark
    let count = ids.count
    encodePart(text, isFirst: true, into: &ids)
    if ids.count - count >= leadCount { ids.removeSubrange(count..<count + leadCount) }
    isLoneSpace = isSpace && ids.count - count == 1
  }

  /// Appends the ids of a part that all steps have been applied to.
  mutating func encodePart(_ text: [Unicode.Scalar], isFirst: Bool, into ids: inout [Int32]) {
    switch model {
    case .bytePair(let model):
      guard case .clip(let pattern) = rules.division else { return }
      var scanner = WordScanner(text, pattern)
      while let token = scanner.next() {
        switch token {
        case .start: ids.append(model.startToken)
        case .end: ids.append(model.endToken)
        case .word(let range): encode(text[range], with: model, into: &ids)
        }
      }
    case .wordPiece(let model):
      rules.division.forEachWord(of: text, isFirst: isFirst) { word in
        remember(word, into: &ids) { _, ids in model.encode(word, into: &ids) }
      }
    case .unigram(let model):
      rules.division.forEachWord(of: text, isFirst: isFirst) { word in
        remember(word, into: &ids) { session, ids in model.encode(word, into: &ids, &session.unigram) }
      }
    case .characterPair(let model):
      rules.division.forEachWord(of: text, isFirst: isFirst) { word in
        remember(word, into: &ids) { session, ids in model.encode(word, into: &ids, &session.pairs) }
      }
    }
  }

  private mutating func encode(
    _ word: ArraySlice<Unicode.Scalar>, with model: BytePairTokenizer, into ids: inout [Int32]
  ) {
    remember(word, into: &ids) { session, ids in
      session.merger?.merge(word)
      for symbol in session.merger?.symbols ?? [] { ids.append(model.ids[Int(symbol)]) }
    }
  }

  /// Appends what is remembered of a word, or what `body` makes of it.
  private mutating func remember(
    _ word: ArraySlice<Unicode.Scalar>, into ids: inout [Int32], _ body: (inout Self, inout [Int32]) -> Void
  ) {
    guard word.count <= WordCache.longestWord, let hash = cache?.hash(word) else { return body(&self, &ids) }
    if cache?.append(word, hash, to: &ids) == true { return }
    let count = ids.count
    body(&self, &ids)
    cache?.insert(word, hash, ids[count...])
  }

  /// A row of the model's input.
  mutating func row(
    for text: String, _ contextLength: Int, _ overflow: Tokenizer.Overflow?
  ) throws(CheckpointError) -> [Int32] {
    let frame = rules.frame
    let least = frame.truncation == .replacesLast ? 1 : frame.start.count + frame.end.count
    guard contextLength >= max(least, 1) else {
      throw CheckpointError(
        .limit, .tokenizer, "the context length is \(contextLength), at least \(max(least, 1)) is needed")
    }
    var row = frame.start
    row.reserveCapacity(contextLength + 16)
    encode(text, into: &row)
    let length = row.count + frame.end.count
    if length > contextLength {
      let choice = overflow ?? (frame.options.contains(.truncatesByDefault) ? .truncate : .refuse)
      guard choice == .truncate else {
        throw CheckpointError(
          .limit, .tokenizer,
          "the text needs \(length) tokens with start and end, the model takes \(contextLength)")
      }
    }
    finish(&row, contextLength)
    return row
  }

  private func finish(_ row: inout [Int32], _ contextLength: Int) {
    let frame = rules.frame
    switch frame.truncation {
    case .replacesLast:
      row += frame.end
      if row.count > contextLength {
        row.removeSubrange(contextLength...)
        if let last = frame.end.last { row[contextLength - 1] = last }
      }
    case .cutsText:
      let room = contextLength - frame.end.count
      if row.count > room { row.removeSubrange(room...) }
      if !(frame.options.contains(.endsOnce) && !frame.end.isEmpty && row.suffix(frame.end.count) == frame.end[...]) {
        row += frame.end
      }
    }
    if frame.options.contains(.zeroesEnd), let end = frame.end.first {
      for index in row.indices where row[index] == end { row[index] = 0 }
    }
    let padding = repeatElement(frame.pad, count: contextLength - row.count)
    if frame.options.contains(.padsLeft) { row.insert(contentsOf: padding, at: 0) } else { row += padding }
  }
}
