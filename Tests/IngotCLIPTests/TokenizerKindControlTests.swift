// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// The comparison with the libraries fails where it should: for every kind, a changed vocabulary or step is noticed.
@Suite struct TokenizerKindControlTests {
  private func isNoticed(_ tokenizer: Tokenizer, _ kind: TokenizerKind) throws -> Bool {
    try !TokenizerKind.differingBlocks(tokenizer, kind.golden(), most: 1).isEmpty
  }

  @Test(arguments: TokenizerKind.all)
  func `a changed model is noticed`(_ kind: TokenizerKind) throws {
    let tokenizer = try kind.tokenizer()
    for model in Self.changed(tokenizer.model) {
      #expect(try isNoticed(Tokenizer(tokenizer.rules, model), kind))
    }
  }

  /// Models with one thing wrong.
  private static func changed(_ model: Tokenizer.Model) -> [Tokenizer.Model] {
    switch model {
    case .bytePair(let model):
      var (pairs, ids) = (model.merges.pairs, model.ids)
      pairs.swapAt(0, 1)
      ids.swapAt(64, 256 + 65)
      return [
        .bytePair(BytePairTokenizer(merges: MergeTable(pairs), ids: model.ids)),
        .bytePair(BytePairTokenizer(merges: model.merges, ids: ids)),
      ]
    case .characterPair(let model):
      var merges = model.merges
      merges.removeFirst()
      let unfused = CharacterPairModel(
        tokens: model.tokens, merges: model.merges, unknown: model.unknown, options: [])
      return [
        .characterPair(
          CharacterPairModel(tokens: model.tokens, merges: merges, unknown: model.unknown, options: model.options)),
        .characterPair(unfused),
      ]
    case .unigram(let model):
      var (scores, names) = (model.pieces, model.pieces)
      // A frequent piece becomes a rare one; two of the most frequent change their ids.
      let frequent = model.pieces.indices.filter { model.pieces[$0].kind == .normal && model.pieces[$0].score < 0 }
        .sorted { model.pieces[$0].score > model.pieces[$1].score }
      scores[frequent[2]].score -= 8
      names.swapAt(frequent[2], frequent[5])
      return [scores, names].map {
        .unigram(UnigramModel($0, unknown: model.unknown, byteIDs: model.byteIDs, arithmetic: model.arithmetic))
      }
    case .wordPiece(let model):
      var tokens = model.tokens
      if let first = tokens.firstIndex(of: Array("a".utf8)), let second = tokens.firstIndex(of: Array("e".utf8)) {
        tokens.swapAt(first, second)
      }
      return [
        .wordPiece(
          WordPieceModel(
            tokens: tokens, unknown: model.unknown, prefix: model.prefix, longestWord: model.longestWord)),
        .wordPiece(
          WordPieceModel(
            tokens: model.tokens, unknown: model.unknown, prefix: model.prefix, longestWord: 20_000)),
      ]
    }
  }

  /// Steps that another step of the same kind of tokenizer does again.
  private static func isRepeated(_ step: TextStep, in steps: [TextStep]) -> Bool {
    switch step {
    // What is divided into words drops white space anyway; a normalizer of SentencePiece too.
    case .strip, .joinWords, .collapseSpaces, .libraryStrip: true
    case .replaceRuns(_, _, let replacement): replacement == [" "]
    // Lower case comes again, or nothing of the vocabulary is in capitals.
    case .replace(["_"], _): true
    case .libraryLowerCase, .lowerCase: steps.count { $0 == step } > 1
    // BERT's white space divides; what is removed is unknown, or part of no text between words.
    default: false
    }
  }

  @Test(arguments: TokenizerKind.all)
  func `a step that is left out is noticed`(_ kind: TokenizerKind) throws {
    let tokenizer = try kind.tokenizer()
    let rules = tokenizer.rules
    let cleaningThenSteps = [rules.cleaning, rules.steps]
    for (list, steps) in cleaningThenSteps.enumerated() {
      for (index, step) in steps.enumerated() where !Self.isRepeated(step, in: rules.cleaning + rules.steps) {
        // The lead is put before the last step, which must be there.
        if list == 1, !rules.lead.isEmpty, index == steps.count - 1 { continue }
        var changed = rules
        if list == 0 { changed.cleaning.remove(at: index) } else { changed.steps.remove(at: index) }
        #expect(
          try isNoticed(Tokenizer(changed, tokenizer.model), kind), Comment(rawValue: String("\(step)".prefix(80))))
      }
    }
  }

  @Test(arguments: TokenizerKind.all)
  func `a changed row is noticed`(_ kind: TokenizerKind) throws {
    let tokenizer = try kind.tokenizer()
    var rules = tokenizer.rules
    rules.frame.pad += 1
    #expect(try isNoticed(Tokenizer(rules, tokenizer.model), kind))
    rules = tokenizer.rules
    rules.frame.options.formSymmetricDifference(.padsLeft)
    #expect(try isNoticed(Tokenizer(rules, tokenizer.model), kind))
    rules = tokenizer.rules
    rules.frame.end = []
    #expect(try isNoticed(Tokenizer(rules, tokenizer.model), kind))
    // open_clip's cleaning leaves none of T5's marks in any text.
    if !tokenizer.rules.marks.marks.isEmpty, kind.name != "t5-open-clip" {
      rules = tokenizer.rules
      rules.marks = .none
      #expect(try isNoticed(Tokenizer(rules, tokenizer.model), kind))
    }
  }
}
