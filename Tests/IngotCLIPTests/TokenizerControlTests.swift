// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// The comparison with the original fails where it should: a wrong tokenizer does not pass.
@Suite struct TokenizerControlTests {
  private let samples: [TokenizerFixtures.Sample]

  init() throws {
    samples = try TokenizerFixtures.lines(TokenizerFixtures.Sample.self, at: TokenizerFixtures.path("texts.jsonl"))
  }

  @Test func `two merges in the wrong order are noticed`() throws {
    let right = try TokenizerFixtures.openAI.get()
    var pairs = right.merges.pairs
    pairs.swapAt(0, 1)
    let wrong = BytePairTokenizer(merges: MergeTable(pairs), ids: right.ids)
    #expect(!TokenizerFixtures.differences(samples, wrong).isEmpty)
  }

  @Test func `two ids in the wrong place are noticed`() throws {
    let right = try TokenizerFixtures.openAI.get()
    var ids = right.ids
    ids.swapAt(0, 256)
    #expect(!TokenizerFixtures.differences(samples, BytePairTokenizer(merges: right.merges, ids: ids)).isEmpty)
  }

  /// The steps of cleaning, each of which the texts must depend on.
  enum Step: CaseIterable {
    case repair, firstUnescape, secondUnescape, lowerCase
  }

  @Test(arguments: Step.allCases)
  func `a step of cleaning that is left out is noticed`(_ missing: Step) {
    func clean(_ text: String, without missing: Step?) -> [Unicode.Scalar] {
      var scalars = Array(text.unicodeScalars)
      if missing != .repair { scalars = TextRepair.repair(scalars) }
      if missing != .firstUnescape { HTMLEntities.unescape(&scalars) }
      if missing != .secondUnescape { HTMLEntities.unescape(&scalars) }
      if missing != .lowerCase { LowerCase.apply(to: &scalars) }
      return scalars.filter { WordClass(of: $0) != .space }
    }
    let differing = samples.filter { clean($0.text, without: missing) != clean($0.text, without: nil) }
    #expect(!differing.isEmpty)
  }
}
