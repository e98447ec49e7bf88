// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension BytePairTokenizer {
  private static let startName = Array("<|startoftext|>".utf8)
  private static let endName = Array("<|endoftext|>".utf8)

  /// Reads a vocabulary in the form of Hugging Face's CLIP models: a table of ids and a list of merges.
  ///
  /// - Parameters:
  ///   - vocabularyJSON: `vocab.json`, one object of tokens and their ids.
  ///   - merges: `merges.txt`, a header line and one merge a line.
  /// - Throws: `malformed` for a file that does not follow its grammar, with offset or line; `missing` for a byte, a merge or a
  ///   mark that has no id; `mismatch` when there are other tokens or the ids are not those from 0 on.
  public init(vocabularyJSON: RawSpan, merges: RawSpan) throws(CheckpointError) {
    let vocabulary = try Self.readMerges(merges.copied())
    try self.init(vocabulary, table: VocabularyTable(json: vocabularyJSON.copied()).ids)
  }

  /// Reads a vocabulary whose tokens are known by id.
  ///
  /// - Parameters:
  ///   - tokens: distinct tokens, in the order of their ids.
  ///   - merges: a header line and one merge a line.
  /// - Throws: as the initializer for `vocab.json`.
  init(tokens: [[UInt8]], merges: [UInt8]) throws(CheckpointError) {
    let vocabulary = try Self.readMerges(merges)
    var table: [[UInt8]: Int32] = [:]
    for (id, token) in tokens.enumerated() { table[token] = Int32(id) }
    try self.init(vocabulary, table: table)
  }

  private static func readMerges(_ bytes: [UInt8]) throws(CheckpointError) -> Vocabulary {
    var vocabulary = Vocabulary()
    var lines = try LineReader(bytes)
    _ = try readHeader(&lines)
    while let line = lines.readLine() {
      if line.isEmpty && lines.isAtEnd { break }
      try vocabulary.addMerge(line, number: lines.number, at: lines.offset)
    }
    return vocabulary
  }

  private init(_ vocabulary: Vocabulary, table: [[UInt8]: Int32]) throws(CheckpointError) {
    let names = vocabulary.spellings + [Self.startName, Self.endName]
    var ids: [Int32] = []
    ids.reserveCapacity(names.count)
    for name in names {
      guard let id = table[name] else {
        throw CheckpointError(
          .missing, .tokenizer, subject: String(decoding: name, as: UTF8.self), "the token has no id in vocab.json")
      }
      ids.append(id)
    }
    guard table.count == names.count else {
      let known = Set(names)
      let other = table.keys.filter { !known.contains($0) }.map { String(decoding: $0, as: UTF8.self) }.min() ?? ""
      throw CheckpointError(
        .mismatch, .tokenizer, subject: other,
        "vocab.json has \(table.count) tokens, the merges make \(names.count) with bytes and marks")
    }
    try Self.requirePermutation(ids)
    self.init(merges: MergeTable(vocabulary.pairs), ids: ids)
  }

  /// Checks that the ids are all those from 0 on, each once.
  static func requirePermutation(_ ids: [Int32]) throws(CheckpointError) {
    var isUsed = [Bool](repeating: false, count: ids.count)
    for id in ids {
      guard id >= 0, id < ids.count, !isUsed[Int(id)] else {
        throw CheckpointError(
          .mismatch, .tokenizer,
          id >= 0 && id < ids.count
            ? "two tokens have the id \(id)"
            : "a token has the id \(id), with \(ids.count) tokens the largest is \(ids.count - 1)")
      }
      isUsed[Int(id)] = true
    }
  }
}
