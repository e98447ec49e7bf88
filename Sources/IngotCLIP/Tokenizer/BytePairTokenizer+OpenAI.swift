// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotArchive

extension BytePairTokenizer {
  /// The name in the header line of OpenAI's own vocabulary, whose size is known.
  private static let openAIName = "bpe_simple_vocab_16e6"
  /// OpenAI's file has 3.2 million bytes.
  private static let largestVocabulary = 1 << 26

  /// Reads a vocabulary in the form of OpenAI's `bpe_simple_vocab_16e6.txt.gz`.
  ///
  /// The file is a header line, then one merge a line, the earliest first. As in OpenAI's reader the first 48894 merges count
  /// and later lines are not looked at. A symbol's id is its number; the last two ids are those of start and end.
  ///
  /// - Parameter bytes: the file's contents, compressed with gzip or plain.
  /// - Throws: `malformed` when it is not UTF-8, lacks the header, or a line is not a merge of symbols known by then, with the
  ///   line's number; `truncated` when the header names OpenAI's vocabulary and merges are missing; what `Gzip` throws.
  public init(openAIVocabulary bytes: RawSpan) throws(CheckpointError) {
    let isCompressed = bytes.byteCount >= 2 && bytes[byte: 0] == 0x1F && bytes[byte: 1] == 0x8B
    let text = isCompressed ? try Gzip.decompress(bytes, limit: Self.largestVocabulary) : bytes.copied()
    var lines = try LineReader(text)
    let header = try Self.readHeader(&lines)
    var vocabulary = Vocabulary()
    while vocabulary.pairs.count < Vocabulary.openAIMergeCount, let line = lines.readLine() {
      if line.isEmpty && lines.isAtEnd {
        throw CheckpointError(
          .malformed, .tokenizer, at: lines.offset,
          "line \(lines.number) is empty, after \(vocabulary.pairs.count) merges: OpenAI's reader counts it as one, which "
            + "moves the ids of start and end; a shorter vocabulary must not end in a line feed")
      }
      try vocabulary.addMerge(line, number: lines.number, at: lines.offset)
    }
    if header.contains(Self.openAIName), vocabulary.pairs.count < Vocabulary.openAIMergeCount {
      throw CheckpointError(
        .truncated, .tokenizer, at: text.count,
        "OpenAI's vocabulary has \(Vocabulary.openAIMergeCount) merges, found \(vocabulary.pairs.count)")
    }
    let merges = MergeTable(vocabulary.pairs)
    self.init(merges: merges, ids: (0..<Int32(vocabulary.spellings.count) + 2).map { $0 })
  }

  /// Reads the first line, which both kinds of merge files begin with and whose reader drops unseen.
  static func readHeader(_ lines: inout LineReader) throws(CheckpointError) -> String {
    let header = String(decoding: lines.readLine() ?? [], as: UTF8.self)
    guard header.contains("#version") else {
      throw CheckpointError(
        .malformed, .tokenizer, at: 0,
        "line 1 is \"\(header.prefix(40))\", a list of merges begins with one that holds #version")
    }
    return header
  }
}
