// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotArchive
import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// A kind of tokenizer in `Fixtures/tokenizer/kinds`: what it is read from, and what the original library answered.
struct TokenizerKind: Sendable, CustomTestStringConvertible {
  /// The golden file's name.
  let name: String
  /// A folder of `Fixtures/tokenizer`, or a file.
  let source: String
  let hints: TokenizerHints

  init(_ name: String, _ source: String, _ hints: TokenizerHints = TokenizerHints()) {
    (self.name, self.source, self.hints) = (name, source, hints)
  }

  var testDescription: String { name }

  private static let openAI = "bpe_simple_vocab_16e6.txt.gz"

  static let all = [
    TokenizerKind("openai", openAI),
    TokenizerKind("open-clip-lower", openAI, TokenizerHints(library: .openCLIP)),
    TokenizerKind("open-clip-whitespace", openAI, TokenizerHints(library: .openCLIP, cleaning: .whitespace)),
    TokenizerKind("open-clip-canonicalize", openAI, TokenizerHints(library: .openCLIP, cleaning: .canonicalize)),
    TokenizerKind("clip", "kinds/clip"),
    TokenizerKind("clip", "small"),
    TokenizerKind("clip-exclamation", "kinds/clip-exclamation"),
    TokenizerKind("clip-slow", "small", TokenizerHints(library: .slowTransformers)),
    TokenizerKind("clip-slow-without-ftfy", "small", TokenizerHints(library: .slowTransformersWithoutFtfy)),
    TokenizerKind("siglip", "kinds/siglip"),
    TokenizerKind("siglip", "kinds/siglip/spiece.model"),
    TokenizerKind("siglip-bytes", "kinds/siglip-bytes"),
    TokenizerKind("siglip-identity", "kinds/siglip-identity"),
    TokenizerKind("siglip-fast", "kinds/siglip-fast"),
    TokenizerKind("t5", "kinds/t5"),
    TokenizerKind("t5-open-clip", "kinds/t5", TokenizerHints(library: .openCLIP, cleaning: .canonicalize)),
    TokenizerKind("t5-old-open-clip", "kinds/t5-old", TokenizerHints(library: .openCLIP, cleaning: .canonicalize)),
    TokenizerKind("t5-bytes", "kinds/t5-bytes"),
    TokenizerKind("gemma", "kinds/gemma"),
    TokenizerKind("siglip2", "kinds/gemma", TokenizerHints(modelType: "siglip2")),
    TokenizerKind("siglip2-open-clip", "kinds/gemma", TokenizerHints(library: .openCLIP, cleaning: .canonicalize)),
    TokenizerKind("bert", "kinds/bert"),
    TokenizerKind("bert-cased", "kinds/bert-cased"),
    TokenizerKind("bert-open-clip", "kinds/bert", TokenizerHints(library: .openCLIP, stripsSeparator: true)),
    TokenizerKind("cn-clip", "kinds/bert", TokenizerHints(library: .chineseCLIP)),
  ]

  /// What the original library answered.
  struct Golden: Decodable, Sendable {
    /// A text's number, its ids, and its row.
    struct Shown: Decodable, Sendable {
      let text: Int
      let ids: [Int32]
      let row: [Int32]
    }

    let context: Int
    let block: Int
    let digests: [String]
    let shown: [Shown]
  }

  func tokenizer() throws -> Tokenizer {
    try Tokenizer(contentsOf: TokenizerFixtures.path(source), hints: hints)
  }

  func golden() throws -> Golden {
    try JSONDecoder().decode(Golden.self, from: Self.unzipped("kinds/golden/\(name).json.gz"))
  }

  /// The texts of all kinds.
  static let texts = Result { try JSONDecoder().decode([String].self, from: unzipped("kinds/texts.json.gz")) }

  private static func unzipped(_ name: String) throws -> Data {
    Data(try TokenizerFixtures.bytes(name).withRawSpan { try Gzip.decompress($0, limit: 1 << 26) })
  }

  /// The blocks of texts whose ids or rows are not those of the library; no more than `most` of them.
  static func differingBlocks(_ tokenizer: Tokenizer, _ golden: Golden, most: Int = .max) throws -> [Int] {
    let texts = try Self.texts.get()
    var session = TokenizerSession(tokenizer, .manyTexts)
    var differing: [Int] = []
    for (block, digest) in golden.digests.enumerated() where differing.count < most {
      var numbers: [Int32] = []
      for text in texts[block * golden.block..<min(texts.count, (block + 1) * golden.block)] {
        let ids = session.encode(text)
        numbers.append(Int32(ids.count))
        numbers += ids
        numbers += try session.row(for: text, golden.context, .truncate)
      }
      let found = numbers.withRawSpan { SHA256Digest(of: $0).description.prefix(digest.count) }
      if found != digest { differing.append(block) }
    }
    return differing
  }
}
