// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes
import IngotTestSupport
import Testing

@Suite struct ChecksumTests {
  @Test func `CRC-32 is that of the definition for every length`() throws {
    var generator = SeededGenerator(seed: 8)
    let folder = try TemporaryFolder()
    let lengths = Array(0...300) + [1_000, 4_095, 65_537]
    let members = lengths.map { length in
      ZipBuilder.Member("r/\(length)", (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) })
    }
    let archive = try ZipArchive(MappedFile(path: folder.write(ZipBuilder(members).bytes(), to: "a.zip")))
    // The builder computes the CRC bit by bit; reading compares.
    for (entry, member) in zip(archive.entries, members) {
      #expect(try archive.withBytes(of: entry) { $0.copied() } == member.content)
    }
    var wrong = members
    wrong[200].crc ^= 0x8000_0000
    let spoiled = try ZipArchive(MappedFile(path: folder.write(ZipBuilder(wrong).bytes(), to: "b.zip")))
    #expect(throws: CheckpointError.self) { try spoiled.withBytes(of: spoiled.entries[200]) { _ in } }
  }
}
