// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension Tokenizer {
  /// The longest word that `cn_clip` divides; that of transformers is 100.
  private static let longestWordOfChineseCLIP = 200
  private static let longestWord = 100

  /// BERT's tokenizer of the lines of `vocab.txt`.
  static func wordPieces(
    _ tokens: [[UInt8]], _ settings: TokenizerSettings
  ) throws(CheckpointError) -> Tokenizer {
    func id(_ name: StaticString, _ usual: String) throws(CheckpointError) -> (text: String, id: Int32) {
      let text = settings.special(name) ?? usual
      guard let id = tokens.firstIndex(of: Array(text.utf8)) else {
        throw CheckpointError(
          .missing, .tokenizer, subject: "vocab.txt", "none of the \(tokens.count) tokens is \"\(text)\"")
      }
      return (text, Int32(id))
    }
    let isBERT = settings.tokenizerClass == "BertTokenizer"
    let isKnownModel = ["chinese_clip", "bert"].contains(settings.modelType) && settings.tokenizerClass == nil
    let library = settings.library ?? (isBERT || isKnownModel ? .transformers : nil)
    let (unknown, start, end) = (
      try id("unk_token", "[UNK]"), try id("cls_token", "[CLS]"), try id("sep_token", "[SEP]")
    )
    func model(longestWord: Int) -> Model {
      .wordPiece(
        WordPieceModel(
          tokens: tokens, unknown: unknown.id, prefix: Array("##".unicodeScalars), longestWord: longestWord))
    }
    var frame = RowFrame(
      start: [start.id], end: [end.id], pad: 0, truncation: .cutsText, options: .truncatesByDefault)
    switch library {
    case .chineseCLIP:
      let cleaning: [TextStep] = [.clean(.controlsAndFormats), .spaceIdeographs(.original), .divideAsBERT]
      return Tokenizer(
        Rules(cleaning: cleaning, marks: .none, steps: [], lead: [], division: .whiteSpace, frame: frame),
        model(longestWord: longestWordOfChineseCLIP))
    case .transformers, .openCLIP:
      let pad = try id("pad_token", "[PAD]")
      frame.pad = pad.id
      if settings.padsLeft == true { frame.options.insert(.padsLeft) }
      if library == .openCLIP, settings.stripsSeparator { frame.options.insert(.zeroesEnd) }
      let steps = bertSteps(settings)
      var marks = [unknown, start, end, pad]
      if let mask = try? id("mask_token", "[MASK]") { marks.append(mask) }
      let table = MarkTable(
        marks.map { MarkTable.Mark(text: Array($0.text.unicodeScalars), id: $0.id, options: []) },
        space: .libraryWhiteSpace, steps: steps)
      let cleaning = library == .openCLIP ? TextStep.openCLIPCleaning(settings.cleaning ?? .whitespace) : []
      return Tokenizer(
        Rules(cleaning: cleaning, marks: table, steps: steps, lead: [], division: .bert, frame: frame),
        model(longestWord: longestWord))
    case nil: throw undetermined("vocab.txt", [.chineseCLIP, .transformers, .openCLIP])
    default: throw unsupported("vocab.txt", library)
    }
  }

  private static func bertSteps(_ settings: TokenizerSettings) -> [TextStep] {
    let lowercase = settings.configuration["do_lower_case"]?.bool ?? true
    var steps: [TextStep] = [.libraryClean]
    if settings.configuration["tokenize_chinese_chars"]?.bool ?? true { steps.append(.spaceIdeographs(.library)) }
    if settings.configuration["strip_accents"]?.bool ?? lowercase { steps.append(.libraryRemoveAccents) }
    if lowercase { steps.append(.libraryLowerCase) }
    return steps
  }
}

extension Tokenizer.Model {
  /// The id of a token, by its spelling.
  func id(of token: [UInt8]) -> Int32? {
    switch self {
    case .bytePair(let model): model.id(of: token)
    case .characterPair(let model): model.tokens.firstIndex(of: token).map { Int32($0) }
    case .unigram(let model): model.pieces.firstIndex { $0.text == token }.map { Int32($0) }
    case .wordPiece(let model): model.tokens.firstIndex(of: token).map { Int32($0) }
    }
  }
}

extension BytePairTokenizer {
  /// The id of a token as vocabulary files spell it.
  func id(of token: [UInt8]) -> Int32? {
    switch String(decoding: token, as: UTF8.self) {
    case "<|startoftext|>": return startToken
    case "<|endoftext|>": return endToken
    default: break
    }
    var spellings = ByteAlphabet.spellings + ByteAlphabet.spellings.map { $0 + ByteAlphabet.wordEnd }
    for pair in merges.pairs { spellings.append(spellings[Int(pair.left)] + spellings[Int(pair.right)]) }
    return spellings.firstIndex(of: token).map { ids[$0] }
  }
}
