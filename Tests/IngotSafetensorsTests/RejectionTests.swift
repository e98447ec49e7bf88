// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct RejectionTests {
  @Test(arguments: Damage.allCases)
  func `damaged headers are refused with a code, a place and a name`(_ damage: Damage) throws {
    let error = try #require(try rejection(of: file(damage.header)))
    #expect(error == CheckpointError(damage.code, .safetensors, subject: damage.subject, ""), "\(error)")
    if damage != .tail { #expect(error.offset != nil) }
    if let (text, occurrence) = damage.pointsAt {
      let place = try #require(places(of: text, in: damage.header).dropFirst(occurrence).first)
      #expect(error.offset == 8 + place, "\(error)")
    }
    for operand in damage.operands { #expect(error.detail.contains(operand), "\(error)") }
    #expect(error.detail.utf8.count < 300)
  }

  @Test(arguments: [
    (UInt64.max, CheckpointError.Code.limit, 0), (100_000_001, .limit, 0), (1 << 63, .limit, 0),
    (100_000_000, .truncated, 8), (57, .truncated, 8), (0, .malformed, 8),
  ])
  func `a header length that cannot be is refused`(
    _ length: UInt64, _ code: CheckpointError.Code, _ offset: Int
  ) throws {
    let error = try #require(try rejection(of: littleEndian(length) + [UInt8](repeating: 0x7B, count: 56)))
    #expect(error == CheckpointError(code, .safetensors, ""))
    #expect(error.offset == offset)
    #expect(length == 0 || error.detail.contains("\(length)"))
  }

  @Test func `a file shorter than a header length is refused`() throws {
    for count in 0..<8 {
      let error = try #require(try rejection(of: [UInt8](repeating: 0, count: count)))
      #expect(error == CheckpointError(.truncated, .safetensors, ""))
    }
  }

  @Test(arguments: ["reference-every-type", "reference-shapes", "variant-leading-space"])
  func `every truncation is refused as such`(_ name: String) throws {
    let bytes = try fixtureBytes("\(name).safetensors")
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "cut.safetensors")
    let handle = try FileHandle(forUpdating: URL(filePath: path))
    for count in bytes.indices.reversed() {
      try handle.truncate(atOffset: UInt64(count))
      let error = #expect(throws: CheckpointError.self) { try SafetensorsFile(MappedFile(path: path)) }
      #expect(error?.code == .truncated, "\(count) bytes")
    }
  }

  @Test func `a byte after the last tensor is refused`() throws {
    let error = try #require(try rejection(of: fixtureBytes("reference-every-type.safetensors") + [0]))
    #expect(error == CheckpointError(.corrupt, .safetensors, ""))
  }

  /// Nothing may trap, and what opens must still describe bytes within the file.
  @Test(arguments: ["reference-names", "reference-shapes", "variant-escaped-names"])
  func `no changed byte of a header traps`(_ name: String) throws {
    let bytes = try fixtureBytes("\(name).safetensors")
    let folder = try TemporaryFolder()
    let path = try folder.write(bytes, to: "changed.safetensors")
    let handle = try FileHandle(forUpdating: URL(filePath: path))
    func set(_ byte: UInt8, at place: Int) throws {
      try handle.seek(toOffset: UInt64(place))
      try handle.write(contentsOf: [byte])
    }
    for place in bytes.indices {
      for byte in [0, 0x20, 0x22, 0x2C, 0x30, 0x39, 0x5B, 0x5C, 0x5D, 0x7B, 0x7D, 0xFF, bytes[place] ^ 1] as [UInt8] {
        try set(byte, at: place)
        guard let file = try? SafetensorsFile(MappedFile(path: path)) else { continue }
        for tensor in file.tensors {
          #expect(try file.withBytes(of: tensor) { $0.byteCount } == tensor.byteCount)
        }
      }
      try set(bytes[place], at: place)
    }
  }

  @Test func `more tensors than allowed are refused`() throws {
    let entry = #"{"dtype":"U8","shape":[0],"data_offsets":[0,0]}"#
    let names = (0...131_072).map { "\"\($0)\":" + entry }
    let error = try #require(try rejection(of: file(Array("{\(names.joined(separator: ","))}".utf8), dataSize: 0)))
    #expect(error == CheckpointError(.limit, .safetensors, subject: "131072", ""))
  }

  @Test func `tensors of another file are refused, not mistaken`() throws {
    let opened = try SafetensorsFile(MappedFile(path: Fixtures.path("safetensors/reference-shapes.safetensors")))
    for (name, type, shape) in [("absent", ElementType.float32, Shape(7)), ("vector", .float32, Shape(7, 1))] {
      let tensor = try #require(TensorDescriptor(name: name, type: type, shape: shape, access: .mapped))
      let error = #expect(throws: CheckpointError.self) { try opened.withBytes(of: tensor) { _ in } }
      #expect(error == CheckpointError(.missing, .safetensors, subject: name, ""))
    }
  }

  /// A file with this header and some data.
  private func file(_ header: [UInt8], dataSize: Int = 24) -> [UInt8] {
    littleEndian(UInt64(header.count)) + header + [UInt8](repeating: 7, count: dataSize)
  }

  private func littleEndian(_ value: UInt64) -> [UInt8] {
    (0..<8).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
  }

  private func rejection(of bytes: [UInt8]) throws -> CheckpointError? {
    let folder = try TemporaryFolder()
    let mapped = try MappedFile(path: folder.write(bytes, to: "x.safetensors"))
    do {
      _ = try SafetensorsFile(mapped)
      return nil
    } catch {
      return error
    }
  }

  private func places(of text: String, in header: [UInt8]) -> [Int] {
    let wanted = Array(text.utf8)
    return header.indices.filter { header[$0...].starts(with: wanted) }
  }
}
