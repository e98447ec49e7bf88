// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTestSupport
import Testing

@Suite struct DigestThreadTests {
  private func bytes(_ count: Int, _ seed: Int) -> [UInt8] {
    (0..<count).map { UInt8(truncatingIfNeeded: ($0 &+ seed) &* 2_654_435_761 >> 7) }
  }

  private func digest(_ bytes: [UInt8]) -> SHA256Digest {
    bytes.withRawSpan { SHA256Digest(of: $0) }
  }

  /// Sizes of files: none, one, several; empty ones and such that end while others go on.
  @Test(arguments: [[], [0], [100], [3_000_000], [0, 5, 0, 70_000, 1 << 20, 64], [1 << 20, 1 << 20, 63]])
  func `files and streams have their own digests, in order`(_ sizes: [Int]) throws {
    let folder = try TemporaryFolder()
    let contents = sizes.enumerated().map { bytes($1, $0) }
    let files = try contents.enumerated().map { index, content in
      FilePart(try MappedFile(path: folder.write(content, to: "\(index)")))
    }
    // Many pieces, more than may wait, of odd sizes; a stream without bytes.
    let streams = [(0..<40).map { bytes($0 * 1001, $0) }, [], [bytes(1 << 21, 9)], [bytes(1, 1), bytes(64, 2)]]
    let thread = DigestThread(files: files)
    for pieces in streams {
      for piece in pieces { thread.add(LentBytes(piece)) }
      thread.endStream()
    }
    let found = try thread.finish()
    #expect(found.files == contents.map(digest))
    #expect(found.streams == streams.map { digest(Array($0.joined())) })
    #expect(try thread.finish().streams == found.streams)
  }

  /// Where somebody reads the same files: told nothing, part of the way, the whole way, and more than there is.
  @Test(arguments: [[], [1000], [0, 1, 700_000, 3_000_000], [1 << 40]], [[3_000_000], [0, 70_000, 1 << 20], []])
  func `what follows a reader has the same digests`(_ reached: [Int], _ sizes: [Int]) throws {
    let folder = try TemporaryFolder()
    let contents = sizes.enumerated().map { bytes($1, $0) }
    let files = try contents.enumerated().map { index, content in
      FilePart(try MappedFile(path: folder.write(content, to: "\(index)")))
    }
    let streams = [[bytes(100, 1)], [bytes(1 << 20, 2), bytes(5, 3)]]
    let thread = DigestThread(files: files, ahead: 1000)
    for pieces in streams {
      for piece in pieces { thread.add(LentBytes(piece)) }
      reached.forEach(thread.reach)
      thread.endStream()
    }
    let found = try thread.finish()
    #expect(found.files == contents.map(digest))
    #expect(found.streams == streams.map { digest(Array($0.joined())) })
  }

  @Test func `a part of a file is hashed alone`() throws {
    let folder = try TemporaryFolder()
    let content = bytes(10_000, 4)
    let file = try MappedFile(path: folder.write(content, to: "file"))
    let ranges = [0..<10, 10..<10, 4095..<9001, 0..<10_000]
    let found = try DigestThread(files: ranges.map { FilePart(file, $0) }).finish()
    #expect(found.files == ranges.map { digest(Array(content[$0])) })
  }

  @Test func `an error of reading reaches whoever waits, and the queue goes on`() throws {
    struct Unreadable: Error {}
    let thread = DigestThread()
    for _ in 0..<30 { thread.add(LentBytes(count: 3, release: {}, lend: { _ in throw Unreadable() })) }
    thread.endStream()
    #expect(throws: Unreadable.self) { try thread.finish() }
  }

  @Test func `a thread that nobody waits for ends`() throws {
    let folder = try TemporaryFolder()
    let file = try MappedFile(path: folder.write(bytes(1 << 22, 0), to: "file"))
    for count in 0..<20 {
      let thread = DigestThread(files: [FilePart(file)])
      for _ in 0..<count { thread.add(LentBytes(bytes(1000, count))) }
    }
  }
}
