// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

@Suite struct AtomicFileTests {
  @Test(arguments: [AtomicFile.Existing.refuse, .replace])
  func `a file appears only at commit`(_ existing: AtomicFile.Existing) throws {
    let folder = try TemporaryFolder()
    let path = folder.path("out")
    let file = try AtomicFile(path: path, existing: existing)
    try [1, 2, 3].map(UInt8.init).withRawSpan { try file.append($0) }
    try file.pad(to: 70_000)
    try [9 as UInt8].withRawSpan { try file.overwrite($0, at: 1) }
    #expect(!FileManager.default.fileExists(atPath: path))
    try file.commit()
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    #expect(bytes.count == 70_000)
    #expect(Array(bytes.prefix(4)) == [1, 9, 3, 0])
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["out"])
  }

  @Test(arguments: [0, 3, 100_000])
  func `space is set aside for a file that then has its bytes and no more`(_ count: Int) throws {
    let folder = try TemporaryFolder()
    let file = try AtomicFile(path: folder.path("out"), existing: .refuse)
    try file.reserve(count)
    let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 >> 3) }
    for start in stride(from: 0, to: count, by: 33_000) {
      try bytes.withRawSpan { try file.overwrite($0.extracting(start..<min(start + 33_000, count)), at: start) }
    }
    try file.commit()
    #expect(try Data(contentsOf: URL(filePath: folder.path("out"))) == Data(bytes))
  }

  @Test func `more space than any disk has is refused, and nothing is left`() throws {
    let folder = try TemporaryFolder()
    do {
      let file = try AtomicFile(path: folder.path("out"), existing: .refuse)
      let error = #expect(throws: FileError.self) { try file.reserve(1 << 60) }
      #expect(error?.code == .inputOutput)
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test func `an abandoned file leaves nothing behind and keeps the old one`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([7], to: "out")
    do {
      let file = try AtomicFile(path: path, existing: .replace)
      try [1 as UInt8].withRawSpan { try file.append($0) }
    }
    #expect(try Data(contentsOf: URL(filePath: path)) == Data([7]))
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path) == ["out"])
  }

  @Test func `an existing path is refused`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([7], to: "out")
    let error = #expect(throws: FileError.self) { try AtomicFile(path: path, existing: .refuse) }
    #expect(error?.code == .cannotCreate)
    #expect(error?.path == path)
  }

  @Test func `a path that comes to exist before commit is kept`() throws {
    let folder = try TemporaryFolder()
    let file = try AtomicFile(path: folder.path("out"), existing: .refuse)
    _ = try folder.write([7], to: "out")
    let error = #expect(throws: FileError.self) { try file.commit() }
    #expect(error?.code == .cannotCreate)
    #expect(try Data(contentsOf: URL(filePath: folder.path("out"))) == Data([7]))
  }
}
