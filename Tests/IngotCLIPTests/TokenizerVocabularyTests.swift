// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// Lists of merges in OpenAI's form, good and bad.
@Suite struct TokenizerVocabularyTests {
  private static func read(_ text: String) throws -> BytePairTokenizer {
    try Array(text.utf8).withRawSpan { try BytePairTokenizer(openAIVocabulary: $0) }
  }

  @Test(arguments: ["small/bpe.txt", "small/bpe.txt.gz"])
  func `a small vocabulary gives the ids of the original, compressed or not`(_ name: String) throws {
    let tokenizer = try TokenizerFixtures.bytes(name).withRawSpan { try BytePairTokenizer(openAIVocabulary: $0) }
    let samples = try TokenizerFixtures.lines(
      TokenizerFixtures.Sample.self, at: TokenizerFixtures.path("small/openai.jsonl"))
    #expect(tokenizer.vocabularySize == 512 + 600 + 2)
    #expect(TokenizerFixtures.differences(samples, tokenizer) == [])
  }

  @Test func `lines after the last merge that counts are not looked at`() throws {
    let bytes = try TokenizerFixtures.bytes("bpe_simple_vocab_16e6.txt.gz")
    let tokenizer = try bytes.withRawSpan { try BytePairTokenizer(openAIVocabulary: $0) }
    #expect(tokenizer.merges.pairs.count == 48_894)
  }

  @Test func `a list without merges still has an id for each byte`() throws {
    let tokenizer = try Self.read("#version: 0.2")
    #expect(tokenizer.vocabularySize == 514)
    // "a" is the 65th printable byte from "!" on; at the end of a word it is 256 higher.
    #expect(tokenizer.encode("aa") == [64, 64 + 256])
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let text: String
    let code: CheckpointError.Code
    let place: String
    let offset: Int?

    init(_ description: String, _ text: String, _ code: CheckpointError.Code, _ place: String, at offset: Int? = nil) {
      (testDescription, self.text, self.code, self.place, self.offset) = (description, text, code, place, offset)
    }
  }

  static let damages = [
    Damage("nothing", "", .malformed, "line 1", at: 0),
    Damage("no header", "t h\nth e", .malformed, "line 1", at: 0),
    Damage("one symbol", "#version\nt h\nth", .malformed, "line 3: found 1 symbols", at: 13),
    Damage("three symbols", "#version\nt h e", .malformed, "line 2: found 3 symbols", at: 9),
    Damage("an empty line within", "#version\nt h\n\nth e", .malformed, "line 3: found 0 symbols", at: 13),
    Damage("a line feed at the end", "#version\nt h\n", .malformed, "line 3 is empty, after 1 merges", at: 13),
    Damage("an unknown left symbol", "#version\nth e", .malformed, "\"th\"", at: 9),
    Damage("an unknown right symbol", "#version\nt he", .malformed, "\"he\"", at: 9),
    Damage("a letter that stands for no byte", "#version\nt ń", .malformed, "\"ń\"", at: 9),
    Damage("a letter and an accent for one letter", "#version\nt e\u{301}", .malformed, "\"e\u{301}\"", at: 9),
    Damage(
      "the same merge twice", "#version\nt h\na n\nt h", .malformed, "line 4: the merge was there before, on line 2"),
    Damage("two merges for one symbol", "#version\na b\nb c\nab c\na bc", .unsupported, "line 5"),
    Damage(
      "a merge for a byte", "#version\n< /\n</ w\n</w >\na </w>", .malformed, "line 5: the merge makes \"a</w>\""),
    Damage("OpenAI's list cut off", "\"bpe_simple_vocab_16e6.txt#version: 0.2\nt h", .truncated, "found 1", at: 43),
  ]

  @Test(arguments: damages)
  func `a damaged list is refused with its line`(_ damage: Damage) throws {
    let error = #expect(throws: CheckpointError.self) { try Self.read(damage.text) }
    #expect(error == CheckpointError(damage.code, .tokenizer, ""))
    #expect(error?.detail.contains(damage.place) == true, "\(error?.detail ?? "")")
    if let offset = damage.offset { #expect(error?.offset == offset) }
  }

  @Test func `white space around symbols is as in the original`() throws {
    let tokenizer = try Self.read("#version\r\nt\t h\r\n th  e</w> ")
    #expect(tokenizer.encode("the") == [513])
  }

  @Test func `bytes that are not UTF-8 are refused`() {
    let bytes = Array("#version\nt h\n".utf8) + [0xC3]
    let error = #expect(throws: CheckpointError.self) {
      try bytes.withRawSpan { try BytePairTokenizer(openAIVocabulary: $0) }
    }
    #expect(error == CheckpointError(.malformed, .tokenizer, ""))
  }

  @Test func `a truncated compressed list is refused, and no flipped bit changes a vocabulary`() throws {
    let whole = try TokenizerFixtures.bytes("small/bpe.txt.gz")
    for count in stride(from: 0, to: whole.count, by: 7) {
      #expect(throws: CheckpointError.self, "\(count) bytes") {
        try Array(whole[..<count]).withRawSpan { try BytePairTokenizer(openAIVocabulary: $0) }
      }
    }
    // A flip that leaves the content as it was, as in the header's date or from one repetition to another, may pass.
    let right = try whole.withRawSpan { try BytePairTokenizer(openAIVocabulary: $0) }.serialized()
    for place in whole.indices {
      var bytes = whole
      bytes[place] ^= 1 << (place % 8)
      let found = try? bytes.withRawSpan { try BytePairTokenizer(openAIVocabulary: $0) }.serialized()
      #expect(found == nil || found == right, "byte \(place)")
    }
  }

  @Test func `a mutated list is refused or read, and never traps`() throws {
    let whole = try TokenizerFixtures.bytes("small/bpe.txt")
    var generator = SeededGenerator(seed: 0x0B9E)
    for _ in 0..<2000 {
      var bytes = whole
      let place = Int.random(in: 9..<bytes.count, using: &generator)
      bytes[place] = UInt8.random(in: 0...255, using: &generator)
      do {
        let tokenizer = try bytes.withRawSpan { try BytePairTokenizer(openAIVocabulary: $0) }
        #expect(tokenizer.encode("the cat").allSatisfy { $0 < tokenizer.vocabularySize })
      } catch let error as CheckpointError {
        #expect(error.format == .tokenizer)
      }
    }
  }
}
