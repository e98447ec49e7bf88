// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotFile
import IngotTestSupport
import Testing

@Suite struct SweepTests {
  /// One argument for each bit of a byte, so that the sweep runs in parallel.
  @Test(arguments: 0..<8)
  func `every flipped bit is found`(_ bit: Int) throws {
    let file = try EditableFile(try fixtureBytes("smallest.ingot"))
    let payload = 4096..<4100
    #expect(file.bytes.count == payload.upperBound)
    for place in file.bytes.indices {
      let found = try file.withFlip(1 << bit, at: place, damage)
      #expect(!found.isEmpty, "bit \(bit) of byte \(place)")
      if payload.contains(place) { #expect(found == [CheckpointError(.corrupt, .ingot, subject: "x", "")]) }
    }
    #expect(try damage(of: file.path).isEmpty)
  }

  @Test func `a flipped bit in any byte of a file with sections and encodings is found and placed`() throws {
    let file = try EditableFile(try Forgery().bytes)
    let tensors = ["a": Forgery.payloadA..<Forgery.payloadA + 24, "b": Forgery.payloadB..<Forgery.scalesB + 16]
    for place in file.bytes.indices {
      let found = try file.withFlip(1 << (place % 8), at: place, damage)
      #expect(found.count == 1, "byte \(place): \(found)")
      for (name, range) in tensors where range.contains(place) {
        #expect(found == [CheckpointError(.corrupt, .ingot, subject: name, "")], "byte \(place)")
      }
    }
  }

  @Test func `every truncation is refused`() throws {
    let file = try EditableFile(try Forgery().bytes)
    for count in file.bytes.indices.reversed() {
      try file.truncate(to: count)
      let error = #expect(throws: CheckpointError.self) { try IngotFile(MappedFile(path: file.path)) }
      #expect(error?.code == .truncated, "\(count) bytes")
    }
  }

  /// Random bytes over the index, digests made to fit: nothing may trap, whatever the fields say.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func `no forged index traps`(_ seed: UInt64) throws {
    var random = SeededGenerator(seed: seed)
    let folder = try TemporaryFolder()
    let sound = try Forgery()
    for _ in 0..<1000 {
      var forgery = sound
      for _ in 0...random.next() % 3 {
        let place = 12 + Int(random.next() % UInt64(Forgery.indexEnd - 12))
        let interesting: [UInt64] = [0, 1, 255, 1 << 31, 1 << 32, 1 << 62, 1 << 63, .max, random.next()]
        let value = interesting[Int(random.next() % UInt64(interesting.count))]
        if place % 8 == 0, place + 8 <= Forgery.indexEnd {
          forgery.set(value, at: place)
        } else {
          forgery.bytes[place] = UInt8(truncatingIfNeeded: value)
        }
      }
      forgery.set(UInt32(256), at: 12)
      forgery.reseal()
      _ = try damage(of: folder.write(forgery.bytes, to: "forged.ingot"))
    }
  }

  /// What opening or verification finds.
  private func damage(of path: String) throws -> [CheckpointError] {
    let mapped = try MappedFile(path: path)
    do {
      return try IngotFile(mapped).damage()
    } catch {
      return [error]
    }
  }
}

/// A file that is changed in place, which is much quicker than to write it anew for each change.
private final class EditableFile {
  let bytes: [UInt8]
  let path: String
  private let folder: TemporaryFolder
  private let handle: FileHandle

  init(_ bytes: [UInt8]) throws {
    self.bytes = bytes
    folder = try TemporaryFolder()
    path = try folder.write(bytes, to: "edited")
    handle = try FileHandle(forUpdating: URL(filePath: path))
  }

  /// Runs `body` on the file with some bits of one byte flipped.
  func withFlip<R>(_ bits: UInt8, at place: Int, _ body: (String) throws -> R) throws -> R {
    try set(bytes[place] ^ bits, at: place)
    let result = try body(path)
    try set(bytes[place], at: place)
    return result
  }

  func truncate(to count: Int) throws {
    try handle.truncate(atOffset: UInt64(count))
  }

  private func set(_ byte: UInt8, at place: Int) throws {
    try handle.seek(toOffset: UInt64(place))
    try handle.write(contentsOf: [byte])
  }
}
