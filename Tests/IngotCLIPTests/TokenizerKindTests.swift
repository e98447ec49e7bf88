// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// The ids and rows of every kind are those of the original library, on more than 10,000 texts.
@Suite struct TokenizerKindTests {
  @Test(arguments: TokenizerKind.all)
  func `ids and rows are those of the library`(_ kind: TokenizerKind) throws {
    let (tokenizer, golden, texts) = try (kind.tokenizer(), kind.golden(), TokenizerKind.texts.get())
    #expect(texts.count >= 10_000)
    #expect(golden.digests.count * golden.block >= texts.count)
    #expect(golden.shown.count >= 50)
    for shown in golden.shown {
      #expect(tokenizer.encode(texts[shown.text]) == shown.ids, "text \(shown.text)")
      let row = try tokenizer.tokens(for: texts[shown.text], contextLength: golden.context, overflow: .truncate)
      #expect(row == shown.row, "text \(shown.text)")
    }
    #expect(try TokenizerKind.differingBlocks(tokenizer, golden) == [])
  }

  @Test(arguments: TokenizerKind.all)
  func `a section gives the same tokenizer`(_ kind: TokenizerKind) throws {
    let tokenizer = try kind.tokenizer()
    let bytes = tokenizer.serialized()
    let again = try bytes.withRawSpan { try Tokenizer(serialized: $0) }
    #expect(again.serialized() == bytes)
    #expect(again.vocabularySize == tokenizer.vocabularySize)
    #expect(again.description == tokenizer.description)
    #expect(try TokenizerKind.differingBlocks(again, kind.golden()) == [])
  }

  @Test(arguments: ["openai", "siglip", "gemma", "bert"])
  func `rows do not depend on the number of threads`(_ name: String) throws {
    let kind = try #require(TokenizerKind.all.first { $0.name == name })
    let (tokenizer, texts) = try (kind.tokenizer(), Array(TokenizerKind.texts.get().prefix(3000)))
    let rows = try tokenizer.rows(for: texts, contextLength: 64, overflow: .truncate)
    for threads in [2, 5] {
      let others = try tokenizer.rows(
        for: texts, contextLength: 64, overflow: .truncate, Compute(threads: threads))
      #expect(others == rows, "\(threads) threads")
    }
    #expect(try rows[17] == tokenizer.tokens(for: texts[17], contextLength: 64, overflow: .truncate))
  }

  @Test func `what nobody asks for is what the library does with long texts`() throws {
    let long = String(repeating: "zqx vkw jyp ", count: 40)
    func row(_ name: String, _ overflow: Tokenizer.Overflow?) throws -> [Int32] {
      let kind = try #require(TokenizerKind.all.first { $0.name == name })
      return try kind.tokenizer().tokens(for: long, contextLength: 64, overflow: overflow)
    }
    for name in ["open-clip-lower", "clip", "siglip", "gemma", "bert"] {
      #expect(try row(name, nil) == row(name, .truncate))
      #expect(throws: CheckpointError(.limit, .tokenizer, "")) { try row(name, .refuse) }
    }
    #expect(throws: CheckpointError(.limit, .tokenizer, "")) { try row("openai", nil) }
  }

  @Test func `a batch names the text that is too long`() throws {
    let tokenizer = Tokenizer(try TokenizerFixtures.openAI.get())
    let error = #expect(throws: CheckpointError.self) {
      try tokenizer.rows(for: ["a cat", "a dog", "a photo of a bird"], contextLength: 5)
    }
    #expect(error?.detail.hasPrefix("text 3 of 3: ") == true)
  }
}
