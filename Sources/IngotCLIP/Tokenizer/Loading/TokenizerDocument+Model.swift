// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The model, the added tokens, and what goes around a text.
extension TokenizerDocument {
  private var modelValue: OrderedJSON { document["model"] ?? .null }

  /// The model of the file.
  func model() throws(CheckpointError) -> Tokenizer.Model {
    switch modelType {
    case "BPE": return isCLIP ? .bytePair(try bytePair()) : .characterPair(try characterPair())
    case "Unigram": return .unigram(try unigram())
    case "WordPiece": return .wordPiece(try wordPiece())
    default: throw Self.fault(.unsupported, "model", "the model \"\(modelType)\" is not supported")
    }
  }

  /// The merges as pairs of tokens.
  private func mergePairs() throws(CheckpointError) -> [([UInt8], [UInt8])] {
    var pairs: [([UInt8], [UInt8])] = []
    for (rank, value) in (modelValue["merges"]?.array ?? []).enumerated() {
      let parts: [[UInt8]]
      if let text = value.bytes {
        parts = text.split(separator: 0x20, omittingEmptySubsequences: false).map { Array($0) }
      } else {
        parts = (value.array ?? []).compactMap(\.bytes)
      }
      guard parts.count == 2 else {
        throw Self.fault(.malformed, "merges", "merge \(rank) has \(parts.count) parts, expected 2")
      }
      pairs.append((parts[0], parts[1]))
    }
    return pairs
  }

  private func refuseDropout() throws(CheckpointError) {
    if let dropout = modelValue["dropout"]?.number, dropout != 0 {
      throw Self.fault(.unsupported, "model", "a dropout of \(dropout) makes ids random")
    }
  }

  /// CLIP's byte pairs.
  func bytePair() throws(CheckpointError) -> BytePairTokenizer {
    try refuseDropout()
    var lines = "#version: 0.2\n"
    for (left, right) in try mergePairs() {
      lines += String(decoding: left, as: UTF8.self) + " " + String(decoding: right, as: UTF8.self) + "\n"
    }
    let tokens = try Self.tokens(of: modelValue["vocab"], "vocab")
    return try BytePairTokenizer(tokens: tokens, merges: Array(lines.utf8))
  }

  private func characterPair() throws(CheckpointError) -> CharacterPairModel {
    try refuseDropout()
    for name in ["continuing_subword_prefix", "end_of_word_suffix"] as [StaticString] {
      if let affix = modelValue[name]?.text, !affix.isEmpty {
        throw Self.fault(.unsupported, "model", "\(name) \"\(affix)\" is not supported for this model")
      }
    }
    let tokens = try Self.tokens(of: modelValue["vocab"], "vocab")
    var ids: [[UInt8]: Int32] = [:]
    ids.reserveCapacity(tokens.count)
    for (id, token) in tokens.enumerated() { ids[token] = Int32(id) }
    var merges: [CharacterPairModel.Merge] = []
    var seen = Set<UInt64>()
    for (rank, (left, right)) in try mergePairs().enumerated() {
      func id(_ token: [UInt8]) throws(CheckpointError) -> Int32 {
        guard let id = ids[token] else {
          throw Self.fault(
            .missing, "merges", "merge \(rank) has \"\(String(decoding: token, as: UTF8.self))\", which is no token")
        }
        return id
      }
      let merge = CharacterPairModel.Merge(left: try id(left), right: try id(right), result: try id(left + right))
      guard seen.insert(UInt64(merge.left) << 32 | UInt64(merge.right)).inserted else {
        throw Self.fault(.corrupt, "merges", "merge \(rank) was there before")
      }
      merges.append(merge)
    }
    var options: CharacterPairModel.Options = []
    if modelValue["byte_fallback"]?.bool == true { options.insert(.bytes) }
    if modelValue["fuse_unk"]?.bool == true { options.insert(.fuses) }
    if modelValue["ignore_merges"]?.bool == true { options.insert(.wholeWordsFirst) }
    return CharacterPairModel(tokens: tokens, merges: merges, unknown: try unknownToken(ids), options: options)
  }

  private func unknownToken(_ ids: [[UInt8]: Int32]) throws(CheckpointError) -> Int32? {
    guard let token = modelValue["unk_token"]?.bytes else { return nil }
    guard let id = ids[token] else {
      throw Self.fault(.missing, "unk_token", "\"\(String(decoding: token, as: UTF8.self))\" is not in the vocabulary")
    }
    return id
  }

  private func unigram() throws(CheckpointError) -> UnigramModel {
    guard let entries = modelValue["vocab"]?.array, !entries.isEmpty else {
      throw Self.fault(.missing, "vocab", "there is no vocabulary")
    }
    var pieces: [UnigramModel.Piece] = []
    var ids: [[UInt8]: Int32] = [:]
    for (index, entry) in entries.enumerated() {
      guard let pair = entry.array, pair.count == 2, let text = pair[0].bytes, let score = pair[1].number else {
        throw Self.fault(.malformed, "vocab", "entry \(index) is not a piece with its score")
      }
      guard ids.updateValue(Int32(index), forKey: text) == nil else {
        throw Self.fault(.corrupt, "vocab", "the piece \"\(String(decoding: text, as: UTF8.self))\" occurs twice")
      }
      guard !text.isEmpty else { throw Self.fault(.malformed, "vocab", "piece \(index) is empty") }
      pieces.append(UnigramModel.Piece(text: text, score: score, kind: .normal))
    }
    guard let unknown = modelValue["unk_id"]?.id, Int(unknown) < pieces.count else {
      throw Self.fault(.missing, "unk_id", "no piece is for the unknown")
    }
    var bytes: [Int32] = []
    if modelValue["byte_fallback"]?.bool == true {
      bytes = (0...255 as ClosedRange<UInt8>).map { ids[Array(CharacterPairModel.byteToken($0).utf8)] ?? -1 }
      if bytes.contains(-1) {
        guard bytes.allSatisfy({ $0 == -1 }) else {
          throw Self.fault(.missing, "vocab", "some bytes have a piece and others have none")
        }
        bytes = []
      }
    }
    return UnigramModel(pieces, unknown: unknown, byteIDs: bytes, arithmetic: .double)
  }

  private func wordPiece() throws(CheckpointError) -> WordPieceModel {
    let tokens = try Self.tokens(of: modelValue["vocab"], "vocab")
    let name = modelValue["unk_token"]?.text ?? "[UNK]"
    guard let unknown = tokens.firstIndex(of: Array(name.utf8)) else {
      throw Self.fault(.missing, "unk_token", "\"\(name)\" is not in the vocabulary")
    }
    return WordPieceModel(
      tokens: tokens, unknown: Int32(unknown),
      prefix: modelValue["continuing_subword_prefix"]?.scalars ?? Array("##".unicodeScalars),
      longestWord: Int(modelValue["max_input_chars_per_word"]?.id ?? 100))
  }

  // MARK: Around the text

  /// The added tokens.
  func marks(steps: [TextStep]) throws(CheckpointError) -> MarkTable {
    var marks: [MarkTable.Mark] = []
    for (index, value) in (document["added_tokens"]?.array ?? []).enumerated() {
      guard let id = value["id"]?.id, let text = value["content"]?.scalars, !text.isEmpty else {
        throw Self.fault(.malformed, "added_tokens", "token \(index) has no content or no id")
      }
      guard value["single_word"]?.bool != true else {
        throw Self.fault(
          .unsupported, "added_tokens", "token \(index) is found in single words only, which is not supported")
      }
      var options: MarkTable.Options = []
      if value["lstrip"]?.bool == true { options.insert(.stripsLeft) }
      if value["rstrip"]?.bool == true { options.insert(.stripsRight) }
      if value["normalized"]?.bool == true { options.insert(.normalized) }
      marks.append(MarkTable.Mark(text: text, id: id, options: options))
    }
    return MarkTable(marks, space: .libraryWhiteSpace, steps: steps)
  }

  /// Start and end of `post_processor`.
  func ends() throws(CheckpointError) -> (start: [Int32], end: [Int32]) {
    guard let value = document["post_processor"], value != .null else { return ([], []) }
    switch value["type"]?.text ?? "" {
    case "RobertaProcessing", "BertProcessing":
      guard let start = value["cls"]?.array?.last?.id, let end = value["sep"]?.array?.last?.id else {
        throw Self.fault(.malformed, "post_processor", "the ids of start and end are missing")
      }
      return ([start], [end])
    case "TemplateProcessing": return try Self.template(value)
    case let type:
      throw Self.fault(.unsupported, "post_processor", "the post-processor \"\(type)\" is not supported")
    }
  }

  private static func template(_ value: OrderedJSON) throws(CheckpointError) -> (start: [Int32], end: [Int32]) {
    var (start, end): ([Int32], [Int32]) = ([], [])
    var sequences = 0
    for part in value["single"]?.array ?? [] {
      if part["Sequence"] != nil {
        sequences += 1
        continue
      }
      guard let name = part["SpecialToken"]?["id"]?.bytes,
        let special = value["special_tokens"]?.members?.first(where: { $0.name == name })?.value,
        let ids = special["ids"]?.array?.compactMap(\.id), !ids.isEmpty
      else { throw fault(.malformed, "post_processor", "a part of the template has no id") }
      if sequences == 0 { start += ids } else { end += ids }
    }
    guard sequences == 1 else {
      throw fault(.malformed, "post_processor", "the template has the text \(sequences) times, expected once")
    }
    return (start, end)
  }
}
