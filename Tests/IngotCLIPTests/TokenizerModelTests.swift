// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

/// The tokenizer of the trained fixture, against the ids that PyTorch's model was given.
@Suite struct TokenizerModelTests {
  private static let context = 24

  @Test(arguments: ["bpe_vocab.txt.gz", "vocab.json"])
  func `captions have the ids of the golden bundle`(_ name: String) throws {
    let tokenizer = try BytePairTokenizer.load(path: Fixtures.path("fashion-clip/\(name)"))
    let bundle = try SafetensorsFile(MappedFile(path: Fixtures.path("fashion-clip/golden.safetensors")))
    let captions = try String(contentsOfFile: Fixtures.path("fashion-clip/captions.txt"), encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    let rows = try captions.flatMap { try tokenizer.tokens(for: String($0), contextLength: Self.context) }
    let expected = try bundle.withBytes(of: #require(bundle.tensor(named: "input_ids"))) {
      [Int64](littleEndianBytes: $0)
    }
    #expect(captions.count == 40)
    #expect(rows.map(Int64.init) == expected)
  }

  @Test func `both forms of the vocabulary are one tokenizer`() throws {
    let forms = try ["bpe_vocab.txt.gz", "vocab.json"].map {
      try BytePairTokenizer.load(path: Fixtures.path("fashion-clip/\($0)")).serialized()
    }
    #expect(forms[0] == forms[1])
  }
}
