// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// Vocabularies in Hugging Face's form, and finding any form by its path.
@Suite struct TokenizerHuggingFaceTests {
  private let table: String
  private let merges: [UInt8]

  init() throws {
    table = String(decoding: try TokenizerFixtures.bytes("small/vocab.json"), as: UTF8.self)
    merges = try TokenizerFixtures.bytes("small/merges.txt")
  }

  private func read(_ table: String, _ merges: [UInt8]) throws -> BytePairTokenizer {
    try Array(table.utf8).withRawSpan { table in
      try merges.withRawSpan { try BytePairTokenizer(vocabularyJSON: table, merges: $0) }
    }
  }

  @Test func `ids come from the table`() throws {
    let samples = try TokenizerFixtures.lines(
      TokenizerFixtures.Sample.self, at: TokenizerFixtures.path("small/huggingface.jsonl"))
    #expect(try TokenizerFixtures.differences(samples, read(table, merges)) == [])
  }

  @Test func `a table written with letters instead of escapes is the same`() throws {
    let names = ByteAlphabet.spellings.map { String(decoding: $0, as: UTF8.self) }
    let all = names + names.map { $0 + "</w>" } + ["th", "<|startoftext|>", "<|endoftext|>"]
    let members = all.enumerated().map { index, name in
      let escaped = name.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
      return " \"\(escaped)\" :\t\(index)"
    }
    let tokenizer = try read("\n{" + members.joined(separator: ",\r\n") + "}\n", Array("#version: 0.2\nt h\n".utf8))
    #expect(tokenizer.ids == Array(0..<515))
    #expect(tokenizer.encode("th") == [83, 71 + 256])
    #expect(tokenizer.encode("tho")[0] == 512)
  }

  struct Damage: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let find: String
    let replacement: String
    let error: CheckpointError

    init(
      _ description: String, _ find: String, _ replacement: String, _ code: CheckpointError.Code,
      _ subject: String? = "vocab.json"
    ) {
      (testDescription, self.find, self.replacement) = (description, find, replacement)
      error = CheckpointError(code, .tokenizer, subject: subject, "")
    }
  }

  static let damages = [
    Damage("no object", "{", "[", .malformed),
    Damage("no end", "}", "", .malformed),
    Damage("something after the end", "}", "} x", .malformed),
    Damage("a comma too many", "}", ",}", .malformed),
    Damage("an id in quotes", "\"!\": ", "\"!\": \"", .malformed),
    Damage("a negative id", "\"!\": ", "\"!\": -", .malformed),
    Damage("a leading zero", "\"!\": ", "\"!\": 0", .malformed),
    Damage("a fraction", "\"!\": ", "\"!\": 1.", .malformed),
    Damage("a large id", "\"!\": ", "\"!\": 99999999999", .overflow),
    Damage("an id beyond the last", "\"!\": ", "\"!\": 9", .mismatch, nil),
    Damage("a token twice", "{", "{\"!\": 0, ", .malformed),
    Damage("a token twice, once escaped", "{", "{\"\\u0021\": 0, ", .malformed),
    Damage("an unknown escape", "\"!\"", "\"\\q\"", .malformed),
    Damage("half a surrogate pair", "\"!\"", "\"\\ud83d\"", .malformed),
    Damage("a wrong surrogate pair", "\"!\"", "\"\\ud83d\\u0041\"", .malformed),
    Damage("a short escape", "\"!\"", "\"\\u00\"", .malformed),
    Damage("a control character", "\"!\"", "\"\n\"", .malformed),
    Damage("a byte without id", "\"!\"", "\"other\"", .missing, "!"),
    Damage("a merge without id", "\"the</w>\"", "\"other\"", .missing, "the</w>"),
    Damage("no mark of the start", "\"<|startoftext|>\"", "\"<|start|>\"", .missing, "<|startoftext|>"),
    Damage("no mark of the end", "\"<|endoftext|>\"", "\"<|end|>\"", .missing, "<|endoftext|>"),
    Damage("a token that no merge makes", "{", "{\"other\": 1114, ", .mismatch, "other"),
  ]

  @Test(arguments: damages)
  func `a damaged table is refused`(_ damage: Damage) throws {
    // The braces are tokens too.
    let range = try #require(damage.find == "}" ? table.ranges(of: "}").last : table.firstRange(of: damage.find))
    var damaged = table
    damaged.replaceSubrange(range, with: damage.replacement)
    #expect(throws: damage.error) { try read(damaged, merges) }
  }

  @Test func `two tokens with one id are refused`() throws {
    let id = try #require(table.firstMatch(of: /"!": (\d+)/)?.output.1)
    let damaged = table.replacing(/"a": \d+/, with: "\"a\": \(id)")
    let error = #expect(throws: CheckpointError.self) { try read(damaged, merges) }
    #expect(error == CheckpointError(.mismatch, .tokenizer, ""))
    #expect(error?.detail == "two tokens have the id \(id)")
  }

  @Test func `a list of merges may end in a line feed once`() throws {
    #expect(try read(table, Array(merges.dropLast())).merges == read(table, merges).merges)
    #expect(throws: CheckpointError(.malformed, .tokenizer, "")) { try read(table, merges + [0x0A]) }
  }

  @Test func `every truncated table is refused`() throws {
    let bytes = Array(table.utf8)
    for count in stride(from: 0, to: bytes.count, by: 53) {
      #expect(throws: CheckpointError.self, "\(count) bytes") {
        try read(String(decoding: bytes[..<count], as: UTF8.self), merges)
      }
    }
  }

  @Test(arguments: ["small", "small/vocab.json", "small/bpe.txt", "small/bpe.txt.gz", "small/merges.txt", ""])
  func `a vocabulary is found by its path`(_ name: String) throws {
    // On its own merges.txt ends in a line feed, with which OpenAI's reader would count one merge more.
    if name.hasSuffix("merges.txt") {
      #expect(throws: CheckpointError.self) { try BytePairTokenizer.load(path: TokenizerFixtures.path(name)) }
      return
    }
    let tokenizer = try BytePairTokenizer.load(path: TokenizerFixtures.path(name))
    #expect(tokenizer.vocabularySize == (name.isEmpty ? 49408 : 1114))
    let isShuffled = name == "small" || name.hasSuffix("json")
    #expect((tokenizer.startToken != tokenizer.vocabularySize - 2) == isShuffled)
  }

  @Test func `a missing file, a folder without a vocabulary and a missing list of merges are named`() throws {
    let folder = try TemporaryFolder()
    let missing = #expect(throws: FileError.self) { try BytePairTokenizer.load(path: folder.path("none")) }
    #expect(missing?.code == .inputMissing)
    #expect(missing?.path == folder.path("none"))
    let empty = #expect(throws: FileError.self) { try BytePairTokenizer.load(path: folder.url.path) }
    #expect(empty?.path == folder.url.path)
    let path = try folder.write(Array(table.utf8), to: "vocab.json")
    let half = #expect(throws: FileError.self) { try BytePairTokenizer.load(path: path) }
    #expect(half?.path == folder.path("merges.txt"))
  }
}
