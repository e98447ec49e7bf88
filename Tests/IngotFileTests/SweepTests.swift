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
    let folder = try TemporaryFolder()
    var bytes = try fixtureBytes("smallest.ingot")
    let payload = 4096..<4100
    #expect(bytes.count == payload.upperBound)
    for place in bytes.indices {
      bytes[place] ^= 1 << bit
      defer { bytes[place] ^= 1 << bit }
      let found = try damage(of: bytes, in: folder)
      #expect(!found.isEmpty, "bit \(bit) of byte \(place)")
      if payload.contains(place) { #expect(found == [CheckpointError(.corrupt, .ingot, subject: "x", "")]) }
    }
  }

  @Test func `a flipped bit in any byte of a file with sections and encodings is found and placed`() throws {
    let folder = try TemporaryFolder()
    let forgery = try Forgery()
    var bytes = forgery.bytes
    let tensors = ["a": Forgery.payloadA..<Forgery.payloadA + 24, "b": Forgery.payloadB..<Forgery.scalesB + 16]
    for place in bytes.indices {
      let bit = UInt8(1) << (place % 8)
      bytes[place] ^= bit
      defer { bytes[place] ^= bit }
      let found = try damage(of: bytes, in: folder)
      #expect(found.count == 1, "byte \(place): \(found)")
      for (name, range) in tensors where range.contains(place) {
        #expect(found == [CheckpointError(.corrupt, .ingot, subject: name, "")], "byte \(place)")
      }
    }
  }

  @Test func `every truncation is refused`() throws {
    let folder = try TemporaryFolder()
    let bytes = try Forgery().bytes
    for count in bytes.indices {
      let error = #expect(throws: CheckpointError.self) {
        try IngotFile(MappedFile(path: folder.write(Array(bytes[..<count]), to: "cut.ingot")))
      }
      #expect(error?.code == .truncated, "\(count) bytes")
    }
  }

  /// Random bytes over the index, digests made to fit: nothing may trap, whatever the fields say.
  @Test(arguments: 0..<4 as Range<UInt64>)
  func `no forged index traps`(_ seed: UInt64) throws {
    var random = SplitMix(state: seed)
    let folder = try TemporaryFolder()
    let sound = try Forgery()
    for _ in 0..<2000 {
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
      _ = try damage(of: forgery.bytes, in: folder)
    }
  }

  /// What opening or verification finds.
  private func damage(of bytes: [UInt8], in folder: TemporaryFolder) throws -> [CheckpointError] {
    let mapped = try MappedFile(path: folder.write(bytes, to: "damaged.ingot"))
    do {
      return try IngotFile(mapped).damage()
    } catch {
      return [error]
    }
  }
}

/// The SplitMix64 generator, so that a sweep can be run again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
