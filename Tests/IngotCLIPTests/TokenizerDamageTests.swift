// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// Damaged files of every form are refused with a reason, and never followed.
@Suite struct TokenizerDamageTests {
  private static func model(_ bytes: [UInt8]) throws -> SentencePieceFile {
    try bytes.withRawSpan { try SentencePieceFile($0) }
  }

  private static func document(_ text: String) throws -> Tokenizer {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(text.utf8), to: "tokenizer.json")
    _ = try folder.write(Array(#"{"pad_token": "<pad>"}"#.utf8), to: "tokenizer_config.json")
    return try Tokenizer(contentsOf: folder.url.path)
  }

  @Test func `a truncated SentencePiece model is refused, or is one of fewer pieces`() throws {
    let whole = try TokenizerFixtures.bytes("kinds/siglip-identity/spiece.model")
    let count = try Self.model(whole).pieces.count
    #expect(count == 1200)
    for length in stride(from: 0, to: whole.count, by: 61) {
      // The pieces go first: what is cut between two of them is a smaller model.
      guard let found = try? Self.model(Array(whole[..<length])) else { continue }
      #expect(found.pieces.count <= count)
    }
    #expect(throws: CheckpointError(.missing, .tokenizer, subject: "<unk>", "")) { try Self.model([]) }
    #expect(throws: CheckpointError.self) { try Self.model(Array(whole[..<(whole.count - 3)])) }
  }

  @Test func `a mutated SentencePiece model never traps`() throws {
    var generator = SeededGenerator(seed: 0x51_61_11)
    let whole = try TokenizerFixtures.bytes("kinds/siglip-bytes/spiece.model")
    var refused = 0
    for _ in 0..<400 {
      var bytes = whole
      for _ in 0..<3 {
        bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      guard let file = try? Self.model(bytes) else {
        refused += 1
        continue
      }
      var text = Array("A Photo of™ é ｆｕｌｌ a\u{301} cat".unicodeScalars)
      SentencePieceNormalizer(map: file.map, options: file.options, protected: []).apply(to: &text)
      file.map?.applyAsLibrary(to: &text)
      var ids: [Int32] = []
      var scratch = UnigramModel.Scratch()
      UnigramModel(file.pieces, unknown: file.unknown, byteIDs: file.byteIDs, arithmetic: .single)
        .encode(text[...], into: &ids, &scratch)
      #expect(ids.allSatisfy { $0 >= 0 && $0 < file.pieces.count })
    }
    #expect(refused > 20)
  }

  struct Wire: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let bytes: [UInt8]
    let code: CheckpointError.Code
  }

  /// A piece with a type: field 1, then field 3.
  private static func piece(_ text: String, _ kind: UInt8 = 1) -> [UInt8] {
    let content = [0x0A, UInt8(text.utf8.count)] + Array(text.utf8) + [0x18, kind]
    return [0x0A, UInt8(content.count)] + content
  }

  static let wires = [
    Wire(testDescription: "a field longer than the file", bytes: [0x0A, 0xFF, 0x01, 0x00], code: .truncated),
    Wire(
      testDescription: "a length of 2^63", bytes: [0x0A] + [UInt8](repeating: 0xFF, count: 9) + [0x01], code: .truncated
    ),
    Wire(testDescription: "a number of 70 bits", bytes: [0x0A] + [UInt8](repeating: 0xFF, count: 10), code: .malformed),
    Wire(testDescription: "a group", bytes: [0x0B], code: .malformed),
    Wire(testDescription: "a piece that is a number", bytes: [0x08, 0x01], code: .malformed),
    Wire(testDescription: "an empty piece", bytes: [0x0A, 0x00], code: .malformed),
    Wire(testDescription: "a piece that is not UTF-8", bytes: [0x0A, 0x03, 0x0A, 0x01, 0xFF], code: .malformed),
    Wire(testDescription: "an unknown type", bytes: piece("a", 9), code: .unsupported),
    Wire(
      testDescription: "a score that is no number", bytes: [0x0A, 0x08, 0x0A, 0x01, 0x61, 0x15, 0, 0, 0xC0, 0x7F],
      code: .malformed),
    Wire(testDescription: "no unknown piece", bytes: piece("a"), code: .missing),
    Wire(testDescription: "two unknown pieces", bytes: piece("a", 2) + piece("b", 2), code: .corrupt),
    Wire(testDescription: "a piece twice", bytes: piece("u", 2) + piece("a") + piece("a"), code: .corrupt),
    Wire(testDescription: "a byte that is none", bytes: piece("u", 2) + piece("<0xGG>", 6), code: .malformed),
    Wire(
      testDescription: "bytes of which one is there",
      bytes: piece("u", 2) + piece("<0x41>", 6) + [0x12, 0x03, 0x98, 0x02, 0x01], code: .missing),
    Wire(
      testDescription: "a model of no known type", bytes: piece("u", 2) + [0x12, 0x02, 0x18, 0x09], code: .unsupported),
    Wire(
      testDescription: "a map that is too short", bytes: piece("u", 2) + [0x1A, 0x04, 0x12, 0x02, 0x01, 0x00],
      code: .malformed),
    Wire(
      testDescription: "a double array larger than the map",
      bytes: piece("u", 2) + [0x1A, 0x08, 0x12, 0x06, 0xFC, 0xFF, 0xFF, 0xFF, 0, 0], code: .malformed),
  ]

  @Test(arguments: wires)
  func `a SentencePiece model with a fault says which`(_ wire: Wire) {
    let error = #expect(throws: CheckpointError.self) { try Self.model(wire.bytes) }
    #expect(error?.code == wire.code, "\(error.map(String.init(describing:)) ?? "")")
  }

  struct Edit: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let find: String
    let replacement: String
    let code: CheckpointError.Code

    init(_ description: String, _ find: String, _ replacement: String, _ code: CheckpointError.Code) {
      (testDescription, self.find, self.replacement, self.code) = (description, find, replacement, code)
    }
  }

  private static let small = """
    {"version": "1.0", "truncation": null, "padding": null,
     "added_tokens": [{"id": 0, "content": "<pad>", "single_word": false, "lstrip": false, "rstrip": false, "normalized": false}],
     "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Split", "pattern": {"String": " "}, "behavior": "MergedWithPrevious"},
     "post_processor": {"type": "BertProcessing", "sep": ["b", 2], "cls": ["a", 1]},
     "model": {"type": "BPE", "unk_token": "a", "vocab": {"<pad>": 0, "a": 1, "b": 2, "ab": 3}, "merges": ["a b"]}}
    """

  static let edits = [
    Edit("no model", "\"model\":", "\"other\":", .malformed),
    Edit("an unknown model", "\"BPE\"", "\"WordLevel\"", .unsupported),
    Edit("an id twice", "\"b\": 2", "\"b\": 1", .mismatch),
    Edit("a token twice", "\"b\": 2", "\"a\": 2", .corrupt),
    Edit("a gap of ids", "\"ab\": 3", "\"ab\": 300000", .mismatch),
    Edit("a huge id", "\"ab\": 3", "\"ab\": 3e300", .malformed),
    Edit("a negative id", "\"ab\": 3", "\"ab\": -3", .malformed),
    Edit("no vocabulary", "{\"<pad>\": 0, \"a\": 1, \"b\": 2, \"ab\": 3}", "{}", .missing),
    Edit("an unknown token that is missing", "\"unk_token\": \"a\"", "\"unk_token\": \"?\"", .missing),
    Edit("a merge of one part", "\"a b\"", "\"ab\"", .malformed),
    Edit("a merge of strangers", "\"a b\"", "\"a c\"", .missing),
    Edit("a merge twice", "[\"a b\"]", "[\"a b\", [\"a\", \"b\"]]", .corrupt),
    Edit("dropout", "\"unk_token\": \"a\"", "\"dropout\": 0.1, \"unk_token\": \"a\"", .unsupported),
    Edit("an unknown normalizer", "\"Lowercase\"", "\"NFKC\"", .unsupported),
    Edit(
      "an unknown pattern", "{\"type\": \"Lowercase\"}",
      "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \"x+\"}, \"content\": \"\"}", .unsupported),
    Edit("an unknown division", "\"MergedWithPrevious\"", "\"Isolated\"", .unsupported),
    Edit("an unknown post-processor", "\"BertProcessing\"", "\"Other\"", .unsupported),
    Edit("ends without ids", "[\"b\", 2]", "[]", .malformed),
    Edit("a token of single words", "\"single_word\": false", "\"single_word\": true", .unsupported),
    Edit("an added token without id", "{\"id\": 0, ", "{", .malformed),
    Edit(
      "growth", "{\"type\": \"Lowercase\"}",
      "{\"type\": \"Sequence\", \"normalizers\": ["
        + [String](
          repeating: "{\"type\": \"Replace\", \"pattern\": {\"String\": \"a\"}, \"content\": \"aaaaaaaa\"}", count: 4
        ).joined(separator: ",") + "]}", .limit),
    Edit("too deep", "{\"type\": \"Lowercase\"}", String(repeating: "[", count: 100), .limit),
    Edit("a control in a string", "\"a b\"", "\"a\u{1}b\"", .malformed),
    Edit("no end", "[\"a b\"]}}", "[\"a b\"]}", .malformed),
  ]

  @Test(arguments: edits)
  func `a tokenizer.json with a fault says which`(_ edit: Edit) throws {
    #expect(Self.small.contains(edit.find))
    let error = #expect(throws: CheckpointError.self) {
      try Self.document(Self.small.replacing(edit.find, with: edit.replacement))
    }
    #expect(error?.code == edit.code, "\(error.map(String.init(describing:)) ?? "")")
  }

  @Test func `the file that the faults are made in is right`() throws {
    #expect(try Self.document(Self.small).tokens(for: "ABAB c", contextLength: 8) == [1, 3, 3, 1, 1, 2, 0, 0])
  }

  @Test(arguments: ["siglip-fast", "gemma", "bert-cased", "clip"])
  func `every truncation of a tokenizer.json is refused`(_ name: String) throws {
    let whole = try TokenizerFixtures.bytes("kinds/\(name)/tokenizer.json")
    for length in stride(from: 0, to: whole.count - 1, by: 487) {
      #expect(throws: CheckpointError.self, "\(length) bytes") {
        try TokenizerDocument(Array(whole[..<length]))
      }
    }
  }

  static let vocabularies: [(String, String, CheckpointError.Code)] = [
    ("a token twice", "[PAD]\n[UNK]\n[CLS]\n[SEP]\na\na \n", .corrupt), ("nothing", "", .missing),
    ("no unknown", "[PAD]\n[CLS]\n[SEP]\n", .missing), ("no end", "[PAD]\n[CLS]\n[UNK]\n", .missing),
  ]

  @Test(arguments: vocabularies)
  func `a vocab.txt with a fault says which`(_ name: String, _ text: String, _ code: CheckpointError.Code) throws {
    let folder = try TemporaryFolder()
    _ = try folder.write(Array(text.utf8), to: "vocab.txt")
    let error = #expect(throws: CheckpointError.self) {
      try Tokenizer(contentsOf: folder.url.path, hints: TokenizerHints(library: .chineseCLIP))
    }
    #expect(error?.code == code, "\(name)")
    _ = try folder.write([0xFF, 0x0A], to: "vocab.txt")
    #expect(throws: CheckpointError(.malformed, .tokenizer, subject: "vocab.txt", "")) {
      try Tokenizer(contentsOf: folder.url.path, hints: TokenizerHints(library: .chineseCLIP))
    }
  }

  static let sections = ["clip-exclamation", "siglip-identity", "gemma", "bert", "t5-old-open-clip"]

  @Test(arguments: sections)
  func `every truncation of a section is refused`(_ name: String) throws {
    let whole = try #require(TokenizerKind.all.first { $0.name == name }).tokenizer().serialized()
    for length in stride(from: 0, to: whole.count, by: max(1, whole.count / 300)) {
      #expect(throws: CheckpointError.self, "\(length) bytes") {
        try Array(whole[..<length]).withRawSpan { try Tokenizer(serialized: $0) }
      }
    }
    #expect(throws: CheckpointError.self) { try (whole + [0]).withRawSpan { try Tokenizer(serialized: $0) } }
  }

  @Test(arguments: sections)
  func `a mutated section is refused, or read and written as the same bytes`(_ name: String) throws {
    var generator = SeededGenerator(seed: 0x70_6B_6E)
    let whole = try #require(TokenizerKind.all.first { $0.name == name }).tokenizer().serialized()
    for trial in 0..<300 {
      var bytes = whole
      // Rules go first and are short: half of the changes are made there.
      let places = trial % 2 == 0 ? 0..<min(200, whole.count) : whole.indices
      bytes[Int.random(in: places, using: &generator)] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
      guard let tokenizer = try? bytes.withRawSpan({ try Tokenizer(serialized: $0) }) else { continue }
      #expect(tokenizer.serialized() == bytes)
      let row = try? tokenizer.tokens(for: "A Photo of™ é 日本 a\u{301} cat", contextLength: 64, overflow: .truncate)
      #expect(row == nil || row?.count == 64)
    }
  }
}
