// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The tokenizer of CLIP's text tower: turns text into the numbers of an embedding table's rows.
///
/// It gives the ids that OpenAI's `clip.simple_tokenizer` gives, for every text: cleaning, division into words and the order
/// of merges are specified in `Formats/tokenizer.md`. A tokenizer is a value without mutable state; any number of threads may
/// use one.
public struct BytePairTokenizer: Sendable {
  /// What to do with a text that has more tokens than the model takes.
  public enum Overflow: Sendable {
    /// Throw an error.
    case refuse
    /// Drop the last tokens, and end with the end token.
    case truncate
  }

  /// The merges, by rank.
  let merges: MergeTable
  /// The id of each symbol; then the ids of the start and the end token.
  let ids: [Int32]

  /// Makes a tokenizer of merges and of a permutation of the ids from 0 on.
  init(merges: MergeTable, ids: [Int32]) {
    precondition(
      ids.count == MergeTable.firstMerged + merges.pairs.count + 2, "an id for each symbol and for both ends")
    self.merges = merges
    self.ids = ids
  }

  /// How many ids there are, from 0 on, which is how many rows the embedding table must have: 49408 in OpenAI's vocabulary.
  public var vocabularySize: Int { ids.count }

  /// The id that begins every text: 49406 in OpenAI's vocabulary.
  public var startToken: Int32 { ids[ids.count - 2] }

  /// The id that ends every text: 49407 in OpenAI's vocabulary, the largest of all, by which the text tower finds the end.
  public var endToken: Int32 { ids[ids.count - 1] }

  /// The ids of a text, without those of its start and end.
  ///
  /// Takes time in proportion to the length of the text, but for two factors: the logarithm of the longest word's length, and
  /// how many times over the text's entities are escaped.
  ///
  /// - Parameter text: any text. Cleaning removes control characters, so that the result may be empty for one that is not.
  /// - Returns: as many ids as there are symbols left; each in `0..<vocabularySize`.
  public func encode(_ text: String) -> [Int32] {
    let cleaned = TextCleaner.clean(text)
    var result: [Int32] = []
    result.reserveCapacity(cleaned.count / 2)
    var merger = WordMerger(merges)
    var scanner = WordScanner(cleaned)
    while let token = scanner.next() {
      switch token {
      case .start: result.append(startToken)
      case .end: result.append(endToken)
      case .word(let range):
        merger.merge(cleaned[range])
        for symbol in merger.symbols { result.append(ids[Int(symbol)]) }
      }
    }
    return result
  }

  /// A row of the model's input: the start token, the ids of the text, the end token, then zeros.
  ///
  /// - Parameters:
  ///   - text: any text.
  ///   - contextLength: how many tokens the model takes; OpenAI's take 77. At least 1.
  ///   - overflow: what to do when the text has more tokens than that.
  /// - Returns: exactly `contextLength` ids.
  /// - Throws: `limit` when the text is too long and may not be truncated, or when `contextLength` is not positive.
  public func tokens(
    for text: String, contextLength: Int, overflow: Overflow = .refuse
  ) throws(CheckpointError) -> [Int32] {
    guard contextLength > 0 else {
      throw CheckpointError(.limit, .tokenizer, "the context length is \(contextLength), at least 1 is needed")
    }
    var tokens = [startToken] + encode(text) + [endToken]
    if tokens.count > contextLength {
      guard overflow == .truncate else {
        throw CheckpointError(
          .limit, .tokenizer,
          "the text needs \(tokens.count) tokens with start and end, the model takes \(contextLength)")
      }
      tokens.removeSubrange(contextLength...)
      tokens[contextLength - 1] = endToken
    }
    tokens += repeatElement(0, count: contextLength - tokens.count)
    return tokens
  }
}

extension BytePairTokenizer: CustomStringConvertible {
  /// For example `byte-pair tokenizer of 49408 ids`.
  public var description: String { "byte-pair tokenizer of \(vocabularySize) ids" }
}
