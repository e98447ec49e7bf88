// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// The form in which an `.ingot` file keeps a tokenizer.
@Suite struct TokenizerSerializedTests {
  private static func read(_ bytes: [UInt8]) throws -> BytePairTokenizer {
    try bytes.withRawSpan { try BytePairTokenizer(serialized: $0) }
  }

  private static func little(_ value: UInt32) -> [UInt8] {
    (0..<4).map { UInt8(truncatingIfNeeded: value >> (8 * $0)) }
  }

  /// A section built by hand, with symbols of two bytes.
  private static func section(
    version: UInt32 = 1, merges: [(UInt16, UInt16)] = [(83, 71), (512, 324)], runs: [(UInt32, UInt32)] = [(0, 516)]
  ) -> [UInt8] {
    let counts = little(version) + little(UInt32(merges.count)) + little(UInt32(runs.count))
    let symbols = merges.flatMap { [$0.0, $0.1] }.flatMap { little(UInt32($0)).prefix(2) }
    return Array("INGOTBPE".utf8) + counts + symbols + runs.flatMap { little($0.0) + little($0.1) }
  }

  @Test func `OpenAI's vocabulary comes back from 195604 bytes`() throws {
    let tokenizer = try TokenizerFixtures.openAI.get()
    let bytes = tokenizer.serialized()
    #expect(bytes.count == 195_604)
    let again = try Self.read(bytes)
    #expect(again.merges == tokenizer.merges)
    #expect(again.ids == tokenizer.ids)
    #expect(again.serialized() == bytes)
    #expect(again.encode("a photo of a cat") == tokenizer.encode("a photo of a cat"))
  }

  @Test func `shuffled ids come back`() throws {
    let tokenizer = try BytePairTokenizer.load(path: TokenizerFixtures.path("small"))
    let again = try Self.read(tokenizer.serialized())
    #expect(again.ids == tokenizer.ids)
    #expect(again.startToken == tokenizer.startToken)
    #expect(again.serialized() == tokenizer.serialized())
  }

  @Test func `a vocabulary of more symbols than two bytes can name comes back`() throws {
    // Every byte with every other, so that there are 65,536 merges.
    let pairs = (0..<256 as Range<UInt32>).flatMap { left in (0..<256).map { SymbolPair(left, UInt32($0)) } }
    let tokenizer = BytePairTokenizer(merges: MergeTable(pairs), ids: (0..<Int32(512 + 65536 + 2)).map { $0 })
    let bytes = tokenizer.serialized()
    #expect(bytes.count == 20 + 8 * 65536 + 8)
    #expect(try Self.read(bytes).merges == tokenizer.merges)
  }

  @Test func `a section written by hand is read as the document says`() throws {
    let tokenizer = try Self.read(Self.section())
    // t and h make symbol 512, which with an e at the end makes 513.
    #expect(tokenizer.encode("the") == [513])
    #expect(tokenizer.encode("th") == [83, 71 + 256])
    #expect(tokenizer.startToken == 514)
    #expect(tokenizer.serialized() == Self.section())
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let code: CheckpointError.Code

    init(_ description: String, _ bytes: [UInt8], _ code: CheckpointError.Code) {
      (testDescription, self.bytes, self.code) = (description, bytes, code)
    }
  }

  static let damages = [
    Damage("another magic", [0x4A] + section().dropFirst(), .malformed),
    Damage("a later version", section(version: 2), .unsupported),
    Damage("bytes at the end", section() + [0], .malformed),
    Damage("a symbol before its merge", section(merges: [(83, 512), (71, 71)]), .malformed),
    Damage("a merge twice", section(merges: [(83, 71), (83, 71)]), .malformed),
    Damage("no runs", section(runs: []), .malformed),
    Damage("a run too short", section(runs: [(0, 515)]), .malformed),
    Damage("a run too long", section(runs: [(0, 517)]), .malformed),
    Damage("a run beyond the last id", section(runs: [(1, 516)]), .malformed),
    Damage("an empty run", section(runs: [(0, 516), (0, 0)]), .malformed),
    Damage("a run that could be one with the next", section(runs: [(0, 500), (500, 16)]), .malformed),
    Damage("an id twice", section(runs: [(0, 500), (0, 16)]), .mismatch),
    Damage("a run of 2^32 - 1", section(runs: [(0, .max)]), .malformed),
    Damage("a run from 2^32 - 1", section(runs: [(.max, 1)]), .malformed),
    Damage(
      "more merges than allowed", Array("INGOTBPE".utf8) + little(1) + little(1 << 20 + 1) + little(1), .limit),
    Damage("merges that are not there", Array("INGOTBPE".utf8) + little(1) + little(1 << 20) + little(1), .truncated),
    Damage("nothing", [], .truncated),
  ]

  @Test(arguments: damages)
  func `a damaged section is refused`(_ damage: Damage) {
    let error = #expect(throws: CheckpointError.self) { try Self.read(damage.bytes) }
    #expect(error == CheckpointError(damage.code, .tokenizer, ""))
    #expect(error?.offset != nil || damage.code == .mismatch)
  }

  @Test func `every truncation is refused`() throws {
    let whole = try BytePairTokenizer.load(path: TokenizerFixtures.path("small")).serialized()
    for count in whole.indices {
      #expect(throws: CheckpointError.self, "\(count) bytes") { try Self.read(Array(whole[..<count])) }
    }
  }

  @Test func `a mutated section is refused, or read and written as the same bytes`() throws {
    let whole = Self.section()
    for place in whole.indices {
      for bit in 0..<8 {
        var bytes = whole
        bytes[place] ^= 1 << bit
        guard let tokenizer = try? Self.read(bytes) else { continue }
        #expect(tokenizer.serialized() == bytes, "bit \(bit) of byte \(place)")
      }
    }
  }
}
