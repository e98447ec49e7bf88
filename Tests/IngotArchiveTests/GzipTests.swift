// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotArchive
import IngotBytes
import IngotTestSupport
import Testing

@Suite struct GzipTests {
  /// Written by Python's gzip module.
  private func vocabulary() throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("fashion-clip/bpe_vocab.txt.gz"))))
  }

  private func decompress(_ bytes: [UInt8], limit: Int = 1 << 20) throws -> [UInt8] {
    try bytes.withRawSpan { try Gzip.decompress($0, limit: limit) }
  }

  @Test func `a file by Python is decompressed`() throws {
    let text = String(decoding: try decompress(vocabulary()), as: UTF8.self)
    #expect(text.contains("</w>"))
  }

  @Test func `truncated, damaged, too large and followed files are refused`() throws {
    let bytes = try vocabulary()
    let size = try decompress(bytes).count
    for length in stride(from: 0, to: bytes.count, by: 17) {
      #expect(throws: CheckpointError.self, "cut to \(length)") { try decompress(Array(bytes[..<length])) }
    }
    var damaged = bytes
    damaged[bytes.count / 2] ^= 0x10
    #expect(throws: CheckpointError.self) { try decompress(damaged) }
    let tooLarge = #expect(throws: CheckpointError.self) { try decompress(bytes, limit: size - 1) }
    #expect(tooLarge?.code == .limit)
    let followed = #expect(throws: CheckpointError.self) { try decompress(bytes + [0]) }
    #expect(followed?.code == .malformed)
    #expect(try decompress(bytes, limit: size).count == size)
  }
}
