// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotTestSupport

/// What `Fixtures/tokenizer` holds: answers of OpenAI's tokenizer.
enum TokenizerFixtures {
  /// A text with its ids.
  struct Sample: Decodable, Sendable {
    let text: String
    let ids: [Int32]
  }

  /// A row of a model's input, absent where the original refused.
  struct Row: Decodable, Sendable {
    enum Overflow: String, Decodable { case refuse, truncate }

    let text: String
    let context: Int
    let overflow: Overflow
    let row: [Int32]?
  }

  /// A text that is a unit repeated, with the number of its ids and their digest.
  struct Long: Decodable, Sendable {
    let unit: String
    let count: Int
    let ids: Int
    let sha256: String
  }

  static func path(_ name: String) -> String { Fixtures.path("tokenizer/" + name) }

  static func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: path(name))))
  }

  /// OpenAI's vocabulary, read once for all tests.
  static let openAI = Result { try BytePairTokenizer.load(path: path("bpe_simple_vocab_16e6.txt.gz")) }

  /// The lines of a file of JSON lines.
  static func lines<T: Decodable>(_ type: T.Type, at path: String) throws -> [T] {
    let decoder = JSONDecoder()
    return try Data(contentsOf: URL(filePath: path)).split(separator: UInt8(ascii: "\n")).map {
      try decoder.decode(type, from: $0)
    }
  }

  /// The texts whose ids differ, with both, in a form to paste.
  static func differences(_ samples: [Sample], _ tokenizer: BytePairTokenizer) -> [String] {
    samples.compactMap { sample in
      let ids = tokenizer.encode(sample.text)
      return ids == sample.ids ? nil : "\(sample.text.debugDescription): \(ids), the original gives \(sample.ids)"
    }
  }

  /// The digest of ids as the fixtures hold it.
  static func digest(_ ids: [Int32]) -> String {
    ids.withRawSpan { SHA256Digest(of: $0).description }
  }
}
