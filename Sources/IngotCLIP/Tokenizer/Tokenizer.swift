// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The tokenizer of a text tower: turns text into the numbers of an embedding table's rows.
///
/// One type for all kinds: CLIP's byte pairs in its variants, SentencePiece's unigram models, byte pairs of scalars, BERT's word
/// pieces. It gives the ids that the original library gives, for every text; `Formats/tokenizer.md` says which library and which
/// steps. A tokenizer is a value without mutable state; any number of threads may use one.
public struct Tokenizer: Sendable {
  /// What to do with a text that has more tokens than the model takes.
  public typealias Overflow = BytePairTokenizer.Overflow

  /// What turns a word into ids.
  enum Model: Sendable {
    case bytePair(BytePairTokenizer)
    case characterPair(CharacterPairModel)
    case unigram(UnigramModel)
    case wordPiece(WordPieceModel)
  }

  /// All that is done with a text around the model.
  struct Rules: Sendable {
    /// Steps before marks are sought.
    var cleaning: [TextStep]
    var marks: MarkTable
    /// Steps for each part of the text between marks.
    var steps: [TextStep]
    /// What is put before each part, and taken off again as so many ids.
    ///
    /// That is how transformers keeps `sentencepiece` from treating the beginning of a part as that of a text.
    var lead: [Unicode.Scalar]
    var division: Division
    var frame: RowFrame
  }

  let rules: Rules
  let model: Model
  /// How many ids `rules.lead` has by itself.
  let leadCount: Int
  /// How many ids there are, from 0 on, which is how many rows the embedding table must have at least.
  public let vocabularySize: Int

  init(_ rules: Rules, _ model: Model) {
    self.rules = rules
    self.model = model
    let named = rules.marks.marks.map(\.id) + rules.frame.start + rules.frame.end + [rules.frame.pad]
    vocabularySize = max(model.count, Int(named.max() ?? 0) + 1)
    var ids: [Int32] = []
    if !rules.lead.isEmpty {
      var session = TokenizerSession(rules, model, leadCount: 0, .oneText)
      var lead = rules.lead
      rules.steps.last?.apply(to: &lead)
      session.encodePart(lead, isFirst: true, into: &ids)
    }
    leadCount = ids.count
  }

  /// Makes OpenAI's tokenizer of its vocabulary.
  public init(_ openAI: BytePairTokenizer) {
    self.init(.openAI(openAI), .bytePair(openAI))
  }

  /// The ids of a text, without those of a row's start and end, and without regard to any model's length.
  ///
  /// - Parameter text: any text.
  /// - Returns: ids, each in `0..<vocabularySize`.
  public func encode(_ text: String) -> [Int32] {
    var session = TokenizerSession(self, .oneText)
    return session.encode(text)
  }

  /// A row of the model's input, as the original library makes it: start, the ids of the text, end, and padding.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - contextLength: how many tokens the model takes; at least as many as start and end.
  ///   - overflow: what to do when the text has more tokens than that; when nobody says, what the original library does.
  /// - Returns: exactly `contextLength` ids.
  /// - Throws: `limit` when the text is too long and may not be truncated, or `contextLength` is too small for any text.
  public func tokens(
    for text: String, contextLength: Int, overflow: Overflow? = nil
  ) throws(CheckpointError) -> [Int32] {
    var session = TokenizerSession(self, .oneText)
    return try session.row(for: text, contextLength, overflow)
  }

  /// The id that fills rows.
  public var padToken: Int32 { rules.frame.pad }

  /// The id that ends the text in a row, if there is one.
  public var endToken: Int32? { rules.frame.options.contains(.zeroesEnd) ? nil : rules.frame.end.last }

  /// The id that begins a row, if there is one.
  public var startToken: Int32? { rules.frame.start.first }
}

extension Tokenizer.Model {
  /// How many ids the model has.
  var count: Int {
    switch self {
    case .bytePair(let model): model.vocabularySize
    case .characterPair(let model): model.tokens.count
    case .unigram(let model): model.pieces.count
    case .wordPiece(let model): model.tokens.count
    }
  }
}

extension Tokenizer: CustomStringConvertible {
  /// For example `byte-pair tokenizer of 49408 ids`.
  public var description: String {
    let kind =
      switch model {
      case .bytePair: "byte-pair"
      case .characterPair: "byte-pair (scalars)"
      case .unigram: "unigram"
      case .wordPiece: "word-piece"
      }
    return "\(kind) tokenizer of \(vocabularySize) ids"
  }
}
