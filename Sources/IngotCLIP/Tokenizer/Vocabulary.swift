// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Collects the merges of a vocabulary file, and checks each against those before it.
struct Vocabulary {
  /// The number of merges in OpenAI's vocabulary; its reader takes no more from any file.
  static let openAIMergeCount = 49_152 - 256 - 2

  /// The parts of each merge, by rank.
  private(set) var pairs: [SymbolPair] = []
  /// How each symbol is spelled in vocabulary files, in UTF-8.
  private(set) var spellings: [[UInt8]]
  private var symbols: [[UInt8]: UInt32]

  /// A vocabulary without merges.
  init() {
    spellings = ByteAlphabet.spellings + ByteAlphabet.spellings.map { $0 + ByteAlphabet.wordEnd }
    symbols = Dictionary(uniqueKeysWithValues: zip(spellings, 0...))
  }

  /// Adds the next merge.
  ///
  /// - Parameters:
  ///   - line: the line's bytes: two symbols divided by white space.
  ///   - number: the line's number in the file, counted from 1, for messages.
  ///   - offset: where the line starts in the file, for messages.
  /// - Throws: `malformed` when it is not two known symbols or was there before; `unsupported` when two merges make one symbol.
  mutating func addMerge(_ line: [UInt8], number: Int, at offset: Int) throws(CheckpointError) {
    func error(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
      CheckpointError(code, .tokenizer, at: offset, "line \(number): \(detail)")
    }
    let parts = line.split { $0 == 0x20 || (0x09...0x0D).contains($0) }.map { Array($0) }
    guard parts.count == 2 else { throw error(.malformed, "found \(parts.count) symbols, a merge has 2") }
    guard let left = symbols[parts[0]], let right = symbols[parts[1]] else {
      let unknown = symbols[parts[0]] == nil ? parts[0] : parts[1]
      throw error(
        .malformed, "no byte and no merge before makes the symbol \"\(String(decoding: unknown, as: UTF8.self))\"")
    }
    let spelling = parts[0] + parts[1]
    if let existing = symbols[spelling] {
      let name = String(decoding: spelling, as: UTF8.self)
      guard let rank = Int(exactly: existing).map({ $0 - MergeTable.firstMerged }), rank >= 0 else {
        throw error(.malformed, "the merge makes \"\(name)\", which is a byte")
      }
      if pairs[rank] == SymbolPair(left, right) {
        throw error(.malformed, "the merge was there before, on line \(rank + 2)")
      }
      throw error(.unsupported, "the merge makes \"\(name)\", and so does another one on line \(rank + 2)")
    }
    symbols[spelling] = UInt32(spellings.count)
    spellings.append(spelling)
    pairs.append(SymbolPair(left, right))
  }
}
