// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// The ids are those of OpenAI's tokenizer.
@Suite struct TokenizerOriginalTests {
  @Test func `every text of the fixtures has the ids of the original`() throws {
    let samples = try TokenizerFixtures.lines(
      TokenizerFixtures.Sample.self, at: TokenizerFixtures.path("texts.jsonl"))
    #expect(samples.count >= 2000)
    #expect(try TokenizerFixtures.differences(samples, TokenizerFixtures.openAI.get()) == [])
  }

  @Test func `rows for a model are those of the original`() throws {
    let tokenizer = try TokenizerFixtures.openAI.get()
    for row in try TokenizerFixtures.lines(TokenizerFixtures.Row.self, at: TokenizerFixtures.path("rows.jsonl")) {
      let overflow: BytePairTokenizer.Overflow = row.overflow == .refuse ? .refuse : .truncate
      let found = try? tokenizer.tokens(for: row.text, contextLength: row.context, overflow: overflow)
      #expect(found == row.row, "\(row.text.prefix(20)), \(row.context) tokens, \(row.overflow)")
    }
  }

  @Test func `a text that is too long is refused with both numbers`() throws {
    let tokenizer = try TokenizerFixtures.openAI.get()
    let error = #expect(throws: CheckpointError.self) {
      try tokenizer.tokens(for: "a photo of a cat", contextLength: 6)
    }
    #expect(error == CheckpointError(.limit, .tokenizer, ""))
    #expect(error?.detail.contains("needs 7 tokens") == true)
    #expect(error?.detail.contains("takes 6") == true)
    #expect(throws: CheckpointError.self) {
      try tokenizer.tokens(for: "", contextLength: 0, overflow: .truncate)
    }
  }

  @Test func `long texts have the ids of the original`() throws {
    let tokenizer = try TokenizerFixtures.openAI.get()
    let data = try Data(contentsOf: URL(filePath: TokenizerFixtures.path("long.json")))
    for long in try JSONDecoder().decode([TokenizerFixtures.Long].self, from: data) {
      #if DEBUG
        // The two of a million scalars take half a minute without optimization.
        if long.unit.unicodeScalars.count * long.count > 100_000 { continue }
      #endif
      let ids = tokenizer.encode(String(repeating: long.unit, count: long.count))
      #expect(ids.count == long.ids, "\(long.count) times \(long.unit.prefix(20))")
      #expect(TokenizerFixtures.digest(ids) == long.sha256, "\(long.count) times \(long.unit.prefix(20))")
    }
  }

  @Test func `OpenAI's vocabulary has 49408 ids, the last two for start and end`() throws {
    let tokenizer = try TokenizerFixtures.openAI.get()
    #expect(tokenizer.vocabularySize == 49408)
    #expect(tokenizer.startToken == 49406)
    #expect(tokenizer.endToken == 49407)
    #expect(tokenizer.encode("hello world") == [3306, 1002])
  }

  /// For texts made by `Fixtures/tokenizer/make.py` beyond those that are kept: the variable gives the file.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["INGOT_TOKENIZER_TEXTS"] != nil))
  func `other texts have the ids of the original`() throws {
    let path = try #require(ProcessInfo.processInfo.environment["INGOT_TOKENIZER_TEXTS"])
    let samples = try TokenizerFixtures.lines(TokenizerFixtures.Sample.self, at: path)
    let tokenizer = try TokenizerFixtures.openAI.get()
    var differing: [String] = []
    let duration = ContinuousClock().measure {
      differing = TokenizerFixtures.differences(samples, tokenizer)
    }
    print("\(samples.count) texts in \(duration), \(differing.count) differences")
    #expect(differing.prefix(20) == [])
  }
}
