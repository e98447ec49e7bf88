// SPDX-License-Identifier: Apache-2.0

import IngotTestSupport
import Testing

@testable import IngotCLIP

/// The two ways to merge a word give the same symbols.
@Suite struct TokenizerMergeTests {
  private static func symbols(
    of word: [Unicode.Scalar], _ merge: (inout WordMerger) -> Void
  ) throws -> [UInt32] {
    var merger = WordMerger(try TokenizerFixtures.openAI.get().merges)
    merger.start(word[...])
    merge(&merger)
    return merger.symbols
  }

  @Test(arguments: ["etaoinshrdlu", "a", "ab", "aeiou", "!?.-", "éèà日本"])
  func `scan and queue agree`(_ letters: String) throws {
    var generator = SeededGenerator(seed: 0x70C5)
    for length in 1...150 {
      let word = (0..<length).map { _ in letters.unicodeScalars.randomElement(using: &generator) ?? " " }
      let scanned = try Self.symbols(of: word) { $0.mergeByScan() }
      let queued = try Self.symbols(of: word) { $0.mergeByQueue() }
      #expect(scanned == queued, "\(word)")
    }
  }

  @Test func `symbols spell the word they came from`() throws {
    let merges = try TokenizerFixtures.openAI.get().merges
    func bytes(_ symbol: UInt32) -> [UInt8] {
      guard symbol >= MergeTable.firstMerged else { return [ByteAlphabet.bytes[Int(symbol) % 256]] }
      let pair = merges.pairs[Int(symbol) - MergeTable.firstMerged]
      return bytes(pair.left) + bytes(pair.right)
    }
    let word = "supercalifragilisticexpialidociousé日😀"
    let symbols = try Self.symbols(of: Array(word.unicodeScalars)) { $0.mergeByScan() }
    #expect(symbols.flatMap(bytes) == Array(word.utf8))
    #expect(symbols.count < word.utf8.count)
  }
}
