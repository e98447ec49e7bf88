// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// What the original does with each Unicode scalar.
@Suite struct TokenizerScalarTests {
  private struct Scalars: Decodable {
    /// A run of scalars of one class.
    struct Run: Decodable {
      let first: UInt32
      let count: UInt32
      let name: String

      init(from decoder: any Decoder) throws {
        var fields = try decoder.unkeyedContainer()
        first = try fields.decode(UInt32.self)
        count = try fields.decode(UInt32.self)
        name = try fields.decode(String.self)
      }
    }

    let block: UInt32
    let sha256: [String]
    let classes: [Run]
  }

  private static let scalars = Result {
    try JSONDecoder().decode(
      Scalars.self, from: Data(contentsOf: URL(filePath: TokenizerFixtures.path("scalars.json"))))
  }

  private static let names: [String: WordClass] = [
    "symbol": .symbol, "letter": .letter, "number": .number, "space": .space, "unmatched": .unmatched,
  ]

  @Test func `every scalar has the class that the original's pattern gives it`() throws {
    var count: UInt32 = 0
    for run in try Self.scalars.get().classes {
      let expected = try #require(Self.names[run.name])
      count += run.count
      for number in run.first..<run.first + run.count {
        let scalar = try #require(Unicode.Scalar(number))
        if WordClass(of: scalar) != expected {
          Issue.record("U+\(String(number, radix: 16)) is \(WordClass(of: scalar)), the original says \(expected)")
        }
      }
    }
    #expect(count == 0x110000 - 0x800)
  }

  /// Blocks of 1024 scalars: all of them with optimization, otherwise a part of those that have characters.
  private static let blocks: [Int] = {
    #if DEBUG
      return Array(0..<16) + Array(stride(from: 16, to: 0xD0, by: 8))
    #else
      return Array(0..<0x110000 / 1024)
    #endif
  }()

  @Test(arguments: blocks)
  func `a letter, each scalar, a sigma and a mark have the ids of the original`(_ block: Int) throws {
    let scalars = try Self.scalars.get()
    let tokenizer = try TokenizerFixtures.openAI.get()
    let first = UInt32(block) * scalars.block
    var text = String.UnicodeScalarView()
    for number in first..<first + scalars.block {
      guard let scalar = Unicode.Scalar(number), scalar != "<" else { continue }
      if !text.isEmpty { text.append("\n") }
      text.append(contentsOf: ["A", "é", scalar, "Σ", " ", scalar, "\u{301}", "b"])
    }
    #expect(TokenizerFixtures.digest(tokenizer.encode(String(text))) == scalars.sha256[block])
  }
}
