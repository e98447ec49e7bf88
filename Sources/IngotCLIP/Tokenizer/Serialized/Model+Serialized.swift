// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension Tokenizer.Model {
  private enum Code: UInt8 { case bytePair = 1, characterPair, unigram, wordPiece }

  /// Writes the model: its code, then its tables.
  func write(to writer: inout SectionWriter) {
    switch self {
    case .bytePair(let model):
      writer.number(Code.bytePair.rawValue)
      writer.blob(model.serialized())
    case .characterPair(let model):
      writer.number(Code.characterPair.rawValue)
      writer.number(model.options.rawValue)
      writer.number(model.unknown ?? -1)
      writer.count(model.tokens.count)
      for token in model.tokens { writer.blob(token) }
      writer.count(model.merges.count)
      for merge in model.merges {
        writer.number(merge.left)
        writer.number(merge.right)
      }
    case .unigram(let model):
      writer.number(Code.unigram.rawValue)
      writer.number(model.arithmetic.rawValue)
      writer.number(model.unknown)
      writer.number(UInt8(model.byteIDs.isEmpty ? 0 : 1))
      writer.count(model.pieces.count)
      for piece in model.pieces {
        writer.number(piece.kind.rawValue)
        if model.arithmetic == .single {
          writer.number(Float(piece.score).bitPattern)
        } else {
          writer.number(piece.score.bitPattern)
        }
        writer.blob(piece.text)
      }
    case .wordPiece(let model):
      writer.number(Code.wordPiece.rawValue)
      writer.number(model.unknown)
      writer.count(model.longestWord)
      writer.text(model.prefix)
      writer.count(model.tokens.count)
      for token in model.tokens { writer.blob(token) }
    }
  }

  /// Reads a model.
  init(from reader: inout SectionReader) throws(CheckpointError) {
    switch try reader.choice(Code.self, "the model") {
    case .bytePair: self = .bytePair(try Self.readBytePair(&reader))
    case .characterPair: self = .characterPair(try Self.readCharacterPair(&reader))
    case .unigram: self = .unigram(try Self.readUnigram(&reader))
    case .wordPiece:
      let unknown = try reader.id("the id of the unknown")
      let longest = Int(try reader.number(UInt32.self, "the longest word"))
      let prefix = try reader.text("a prefix")
      let tokens = try Self.readTokens(&reader, allowsGaps: true)
      guard Int(unknown) < tokens.count else {
        throw reader.fault(.mismatch, "the unknown has the id \(unknown), there are \(tokens.count)")
      }
      self = .wordPiece(WordPieceModel(tokens: tokens, unknown: unknown, prefix: prefix, longestWord: longest))
    }
  }

  private static func readBytePair(_ reader: inout SectionReader) throws(CheckpointError) -> BytePairTokenizer {
    let blob = try reader.blob("byte pairs")
    let result = blob.withRawSpan { span -> Result<BytePairTokenizer, CheckpointError> in
      do throws(CheckpointError) {
        return .success(try BytePairTokenizer(serialized: span))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Distinct tokens; one may be empty, where a vocabulary has an empty line.
  private static func readTokens(
    _ reader: inout SectionReader, allowsGaps: Bool
  ) throws(CheckpointError) -> [[UInt8]] {
    let count = try reader.count("tokens", size: 4)
    guard count <= Tokenizer.largestVocabulary else {
      throw reader.fault(.limit, "\(count) tokens, allowed are \(Tokenizer.largestVocabulary)")
    }
    var tokens: [[UInt8]] = []
    tokens.reserveCapacity(count)
    var seen = Set<[UInt8]>(minimumCapacity: count)
    for index in 0..<count {
      let token = try reader.textBytes("a token")
      guard seen.insert(token).inserted else { throw reader.fault(.corrupt, "token \(index) was there before") }
      guard allowsGaps || !token.isEmpty else { throw reader.fault(.malformed, "token \(index) is empty") }
      tokens.append(token)
    }
    return tokens
  }

  private static func readCharacterPair(_ reader: inout SectionReader) throws(CheckpointError) -> CharacterPairModel {
    let options = try reader.options(CharacterPairModel.Options.all, "options of a model")
    let unknown = try reader.number(Int32.self, "the id of the unknown")
    let tokens = try readTokens(&reader, allowsGaps: true)
    guard unknown >= -1, Int(unknown) < tokens.count else {
      throw reader.fault(.mismatch, "the unknown has the id \(unknown), there are \(tokens.count)")
    }
    var ids: [[UInt8]: Int32] = [:]
    ids.reserveCapacity(tokens.count)
    for (id, token) in tokens.enumerated() { ids[token] = Int32(id) }
    var merges: [CharacterPairModel.Merge] = []
    var seen = Set<UInt64>()
    for rank in 0..<(try reader.count("merges", size: 8)) {
      let left = try reader.id("part of a merge")
      let right = try reader.id("part of a merge")
      guard Int(left) < tokens.count, Int(right) < tokens.count,
        let result = ids[tokens[Int(left)] + tokens[Int(right)]]
      else {
        throw reader.fault(.malformed, "merge \(rank) of \(left) and \(right) makes no token")
      }
      guard seen.insert(UInt64(left) << 32 | UInt64(right)).inserted else {
        throw reader.fault(.corrupt, "merge \(rank) was there before")
      }
      merges.append(CharacterPairModel.Merge(left: left, right: right, result: result))
    }
    return CharacterPairModel(
      tokens: tokens, merges: merges, unknown: unknown < 0 ? nil : unknown, options: options)
  }

  private static func readUnigram(_ reader: inout SectionReader) throws(CheckpointError) -> UnigramModel {
    let arithmetic = try reader.choice(UnigramModel.Arithmetic.self, "arithmetic")
    let unknown = try reader.id("the id of the unknown")
    let hasBytes = try reader.flag("whether bytes have pieces")
    let count = try reader.count("pieces", size: 9)
    guard count <= Tokenizer.largestVocabulary, Int(unknown) < count else {
      throw reader.fault(.mismatch, "\(count) pieces, of which \(unknown) is for the unknown")
    }
    var pieces: [UnigramModel.Piece] = []
    var ids: [[UInt8]: Int32] = [:]
    for index in 0..<count {
      let kind = try reader.choice(UnigramModel.Kind.self, "the kind of a piece")
      let score =
        arithmetic == .single
        ? Double(Float(bitPattern: try reader.number(UInt32.self, "a score")))
        : Double(bitPattern: try reader.number(UInt64.self, "a score"))
      let text = try reader.textBytes("a piece")
      guard score.isFinite, !text.isEmpty else {
        throw reader.fault(.malformed, "piece \(index) is empty or has no score")
      }
      guard ids.updateValue(Int32(index), forKey: text) == nil else {
        throw reader.fault(.corrupt, "piece \(index) was there before")
      }
      pieces.append(UnigramModel.Piece(text: text, score: score, kind: kind))
    }
    var bytes: [Int32] = []
    if hasBytes {
      bytes = (0...255 as ClosedRange<UInt8>).compactMap { ids[Array(CharacterPairModel.byteToken($0).utf8)] }
      guard bytes.count == 256 else { throw reader.fault(.missing, "\(bytes.count) of 256 bytes have pieces") }
    }
    return UnigramModel(pieces, unknown: unknown, byteIDs: bytes, arithmetic: arithmetic)
  }
}
