// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotNumPy
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct NumPyDamageTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let code: CheckpointError.Code
    /// Parts of the message: found and expected.
    let words: [String]
    let bytes: [UInt8]
    var testDescription: String { name }

    init(_ name: String, _ code: CheckpointError.Code, _ words: [String], _ bytes: [UInt8]) {
      (self.name, self.code, self.words, self.bytes) = (name, code, words, bytes)
    }
  }

  /// A file of version 1.0 with this header and 24 bytes of elements.
  private static func file(
    _ header: String = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", version: [UInt8] = [1, 0],
    count: Int = 24
  ) -> [UInt8] {
    let length = UInt16(header.utf8.count)
    return [0x93] + Array("NUMPY".utf8) + version + [UInt8(length & 255), UInt8(length >> 8)] + Array(header.utf8)
      + [UInt8](repeating: 7, count: count)
  }

  private static func shape(_ shape: String) -> [UInt8] {
    file("{'descr': '<f4', 'fortran_order': False, 'shape': \(shape)}")
  }

  private static func type(_ descr: String) -> [UInt8] {
    file("{'descr': \(descr), 'fortran_order': False, 'shape': (2, 3)}")
  }

  static let cases: [Case] = [
    Case("version 4.0", .unsupported, ["4.0", "3.0"], file(version: [4, 0])),
    Case("version 1.1", .unsupported, ["1.1"], file(version: [1, 1])),
    Case(
      "a header longer than the file", .truncated, ["60000", "left"],
      [0x93] + Array("NUMPY".utf8) + [1, 0, 0x60, 0xea] + Array("{}".utf8)),
    Case(
      "a header of 10 MB", .limit, ["10485760", "65536"],
      [0x93] + Array("NUMPY".utf8) + [2, 0, 0, 0, 0xa0, 0]),
    Case("fewer elements than the shape has", .truncated, ["23", "24"], file(count: 23)),
    Case("more bytes than the shape has", .malformed, ["25", "24"], file(count: 25)),
    Case("a negative extent", .malformed, ["-2"], shape("(-2, 3)")),
    Case("a product of extents that overflows", .overflow, ["4611686018427387904"], shape("(4611686018427387904, 4)")),
    Case("an extent of 2^64", .malformed, ["2^63"], shape("(18446744073709551616,)")),
    Case("an extent that is a float", .malformed, ["byte 46"], shape("(2.0, 3)")),
    Case("a shape that is an integer", .malformed, ["expected"], shape("6")),
    Case(
      "a shape without an end", .malformed, ["the end", "expected ,"],
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3")),
    Case("70 dimensions", .limit, ["70", "64"], shape("(" + String(repeating: "1,", count: 70) + ")")),
    Case("a call in place of a type", .malformed, ["expected a text"], type("__import__('os').system('true')")),
    Case("a type with an escape", .malformed, ["characters"], type("'<f\\x34'")),
    Case("a type without a byte order", .malformed, ["f4", "expected <"], type("'|f4'")),
    Case("an empty type", .malformed, ["empty"], type("''")),
    Case(
      "an entry given twice", .malformed, ["descr", "twice"],
      file("{'descr': '<f4', 'descr': '<f8', 'fortran_order': False, 'shape': (2, 3)}")),
    Case(
      "an entry more", .malformed, ["4", "3"],
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), 'more': True}")),
    Case("no order", .malformed, ["fortran_order"], file("{'descr': '<f4', 'shape': (2, 3)}")),
    Case(
      "an order that is a text", .malformed, ["fortran_order"],
      file("{'descr': '<f4', 'fortran_order': 'False', 'shape': (2, 3)}")),
    Case(
      "bytes behind the dict", .malformed, ["1 bytes follow"],
      file("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3)}x")),
    Case(
      "a NUL in the header", .malformed, ["quotes"],
      file("{'descr': '<f4', 'fortran_order': False, \0'shape': (2, 3)}")),
    Case("no dict", .malformed, ["expected {"], file("[]")),
    Case("a list without an end", .malformed, ["no end"], type("[('a', '<i4')")),
  ]

  private static func open(_ bytes: [UInt8], in folder: TemporaryFolder) throws -> NumPyCheckpoint {
    try NumPyCheckpoint(MappedFile(path: folder.write(bytes, to: "a.npy")))
  }

  @Test func `the undamaged file is read`() throws {
    let checkpoint = try Self.open(Self.file(), in: TemporaryFolder())
    #expect(checkpoint.tensors.map(\.shape) == [Shape(2, 3)])
  }

  @Test(arguments: cases)
  func `a bad array is refused with its numbers`(_ item: Case) throws {
    let folder = try TemporaryFolder()
    let error = #expect(throws: CheckpointError.self) { _ = try Self.open(item.bytes, in: folder) }
    #expect(error?.code == item.code, "\(String(describing: error))")
    for word in item.words {
      #expect(error?.description.contains(word) == true, "\(word) in \(String(describing: error))")
    }
    #expect(error?.subject != nil)
  }

  @Test(arguments: ["'|O'", "'<U3'", "'|S3'", "[('a', '<i4'), ('b]', '<f4')]", "'<f16'", "'|V8'", "'<M8[D]'"])
  func `an array of no numbers is refused by name, and the file is open`(_ descr: String) throws {
    let checkpoint = try Self.open(Self.type(descr), in: TemporaryFolder())
    #expect(checkpoint.tensors.isEmpty)
    #expect(checkpoint.notes.refused.map(\.name) == ["array"])
  }

  @Test(arguments: ["array.npy", "version-2.npy", "members.npz", "two-bytes.npz"])
  func `every truncation is refused`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("numpy/\(name)"))))
    for length in 0..<bytes.count {
      #expect(throws: CheckpointError.self, "cut to \(length)") {
        _ = try Self.open(Array(bytes[..<length]), in: folder)
      }
    }
  }

  @Test(arguments: ["array.npy", "version-3.npy", "big-vision.npz"])
  func `a spoiled file is refused in words, or read`(_ name: String) throws {
    let folder = try TemporaryFolder()
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("numpy/\(name)"))))
    var random = SeededGenerator(seed: 11)
    for _ in 0..<500 {
      var spoiled = bytes
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        spoiled[Int.random(in: spoiled.indices, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      do {
        let checkpoint = try Self.open(spoiled, in: folder)
        for tensor in checkpoint.tensors {
          #expect(try checkpoint.withBytes(of: tensor) { $0.byteCount } == tensor.byteCount)
        }
      } catch {
        #expect((error as? CheckpointError).map { $0.offset != nil || $0.subject != nil } == true, "\(error)")
      }
    }
  }
}
