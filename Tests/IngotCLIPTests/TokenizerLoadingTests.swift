// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// Which rules are followed, and what is said when nothing says it.
@Suite struct TokenizerLoadingTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func copy(_ names: [String: String]) throws {
    for (source, name) in names { _ = try folder.write(TokenizerFixtures.bytes(source), to: name) }
  }

  private func write(_ text: String, _ name: String) throws { _ = try folder.write(Array(text.utf8), to: name) }

  private func read(_ hints: TokenizerHints = TokenizerHints()) throws -> Tokenizer {
    try Tokenizer(contentsOf: folder.url.path, hints: hints)
  }

  @Test func `a vocabulary of lines needs to be told whose it is`() throws {
    try copy(["kinds/bert/vocab.txt": "vocab.txt"])
    let error = #expect(throws: CheckpointError.self) { try read() }
    #expect(error == CheckpointError(.undetermined, .tokenizer, subject: "library", ""))
    for library in ["cn-clip", "transformers", "open-clip"] { #expect(error?.detail.contains(library) == true) }
    #expect(try read(TokenizerHints(library: .chineseCLIP)).rules.division == .whiteSpace)
    #expect(try read(TokenizerHints(modelType: "chinese_clip")).rules.division == .bert)
    try write(#"{"tokenizer_class": "BertTokenizer", "do_lower_case": false}"#, "tokenizer_config.json")
    #expect(try read().rules.steps == [.libraryClean, .spaceIdeographs(.library)])
    #expect(throws: FileError.self) { try read(TokenizerHints(library: .openAI)) }
  }

  @Test func `a SentencePiece model needs to be told whose it is`() throws {
    try copy(["kinds/siglip-identity/spiece.model": "spiece.model"])
    let error = #expect(throws: CheckpointError.self) { try read() }
    #expect(error == CheckpointError(.undetermined, .tokenizer, subject: "tokenizer_class", ""))
    #expect(error?.detail.contains("SiglipTokenizer") == true)
    #expect(try read(TokenizerHints(modelType: "siglip")).padToken == 1)
    try write(#"{"tokenizer_class": "XLMRobertaTokenizer"}"#, "tokenizer_config.json")
    #expect(throws: CheckpointError(.undetermined, .tokenizer, subject: "tokenizer_class", "")) { try read() }
    try write(
      #"{"tokenizer_class": "SiglipTokenizer", "pad_token": "<pad>", "padding_side": "left"}"#, "tokenizer_config.json")
    let tokenizer = try read()
    #expect(tokenizer.padToken == 0)
    #expect(try tokenizer.tokens(for: "a", contextLength: 8).first == 0)
  }

  @Test func `padding that nothing names is not guessed`() throws {
    try copy(["kinds/t5-old/tokenizer.json": "tokenizer.json"])
    #expect(throws: CheckpointError(.undetermined, .tokenizer, subject: "pad_token", "")) { try read() }
    try write(#"{"pad_token": {"content": "<pad>", "lstrip": false}}"#, "special_tokens_map.json")
    #expect(try read().padToken == 2)
    try write(#"{"pad_token": "<none>"}"#, "tokenizer_config.json")
    #expect(throws: CheckpointError(.missing, .tokenizer, subject: "pad_token", "")) { try read() }
  }

  @Test func `open_clip's configuration settles cleaning and separator`() throws {
    try copy(["kinds/bert/vocab.txt": "vocab.txt"])
    try write(
      #"{"model_cfg": {"text_cfg": {"hf_tokenizer_name": "bert-base-uncased", "tokenizer_kwargs": {"strip_sep_token": true}}}}"#,
      "open_clip_config.json")
    let tokenizer = try read()
    #expect(tokenizer.rules.cleaning == TextStep.openCLIPCleaning(.whitespace))
    #expect(tokenizer.endToken == nil)
    try write(
      #"{"model_cfg": {"text_cfg": {"hf_tokenizer_name": "x", "tokenizer_kwargs": {"clean": "canonicalize"}}}}"#,
      "open_clip_config.json")
    #expect(try read().rules.cleaning == TextStep.openCLIPCleaning(.canonicalize))
    try write(#"{"model_cfg": {"text_cfg": {"tokenizer_kwargs": {"clean": "other"}}}}"#, "open_clip_config.json")
    #expect(throws: CheckpointError(.unsupported, .tokenizer, subject: "open_clip_config.json", "")) { try read() }
  }

  @Test func `byte pairs of one vocabulary follow whose rules are named`() throws {
    try copy(["small/vocab.json": "vocab.json", "small/merges.txt": "merges.txt"])
    let text = "ΑΣ 日本 Caf\u{65}\u{301} &amp; <|endoftext|> naÃ¯ve"
    var answers: Set<[Int32]> = []
    for library in [TokenizerHints.Library.openAI, .openCLIP, .transformers, .slowTransformersWithoutFtfy] {
      answers.insert(try read(TokenizerHints(library: library)).tokens(for: text, contextLength: 77))
    }
    #expect(answers.count == 4)
    // Repair undoes the entity, so that only marks and padding differ between these.
    let (openAI, slow) = try (
      read(TokenizerHints(library: .openAI)), read(TokenizerHints(library: .slowTransformers))
    )
    #expect(openAI.encode(text) == slow.encode(text))
    #expect(openAI.padToken == 0)
    #expect(slow.padToken == slow.endToken)
    #expect(throws: FileError.self) { try read(TokenizerHints(library: .chineseCLIP)) }
    _ = try folder.write(TokenizerFixtures.bytes("kinds/gemma/tokenizer.json"), to: "tokenizer.json")
    try FileManager.default.removeItem(atPath: folder.path("vocab.json"))
    #expect(throws: CheckpointError(.unsupported, .tokenizer, subject: "library", "")) {
      try read(TokenizerHints(library: .openAI))
    }
  }

  @Test func `truncation on the left is refused`() throws {
    try copy(["kinds/clip/tokenizer.json": "tokenizer.json"])
    try write(#"{"truncation_side": "left"}"#, "tokenizer_config.json")
    #expect(throws: CheckpointError(.unsupported, .tokenizer, subject: "tokenizer_config.json", "")) { try read() }
  }

  @Test func `sections of byte pairs that earlier versions wrote are read`() throws {
    let old = try TokenizerFixtures.openAI.get()
    let tokenizer = try old.serialized().withRawSpan { try Tokenizer(serialized: $0) }
    #expect(tokenizer.serialized() == old.serialized())
    #expect(tokenizer.encode("a photo of a cat") == old.encode("a photo of a cat"))
    #expect(tokenizer.startToken == 49406)
    #expect(tokenizer.endToken == 49407)
    #expect(tokenizer.padToken == 0)
  }
}
