// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotDatasets

struct MATTests {
  private func bytes(_ name: String) throws -> [UInt8] {
    let file = try MappedFile(path: miniature(name))
    return file.bytes.copied()
  }

  private func read(_ bytes: [UInt8]) throws -> MATFile {
    try bytes.withRawSpan { try MATFile($0, subject: "test.mat") }
  }

  @Test(arguments: ["plain", "compressed"])
  func `Arrays of every kind are what scipy wrote`(name: String) throws {
    let golden = try Golden.load().mat
    let file = try MATFile(path: miniature("mat/\(name).mat"), name: name)
    #expect(try file.variable("d") == .numbers(shape: [2, 2], values: golden.d))
    #expect(try file.variable("cube") == .numbers(shape: [2, 3, 4], values: golden.cube))
    #expect(try file.variable("f").number == Double(Float(0.1)))
    #expect(try file.variable("b") == .numbers(shape: [1, 2], values: [1, 0]))
    #expect(try file.variable("e") == .numbers(shape: [0, 3], values: []))
    #expect(try file.variable("text").string == golden.text)
    #expect(try file.variable("rows").string == nil)
    #expect(try file.variable("int8").integers == [127, 0])
    #expect(try file.variable("uint16").integers == [65535, 0])
    #expect(try file.variable("int32").integers == [Int(Int32.max), 0])
    #expect(try file.variable("uint32").integers == [Int(UInt32.max), 0])
    // Beyond 2^53 a double is the nearest one.
    #expect(try file.variable("uint64") == .numbers(shape: [1, 2], values: [0x1p64, 0]))
    guard case .cells(let shape, let cells) = try file.variable("cell") else {
      Issue.record("cells are expected")
      return
    }
    #expect(shape == [1, 3])
    #expect(cells[0].integer == 1 && cells[1].string == "x" && cells[2].integers == [2, 3])
    guard case .structures(_, ["a"], let outer) = try file.variable("nested"),
      case .structures(_, ["b"], let inner) = outer[0][0], case .structures(_, ["c"], let last) = inner[0][0]
    else {
      Issue.record("structures are expected")
      return
    }
    #expect(last[0][0].integer == 7)
    #expect(try file.variable("sparse") == .unread("sparse"))
    #expect(try file.variable("complex") == .unread("complex double"))
    #expect(throws: CheckpointError(.missing, .mat, subject: name, "")) { try file.variable("none") }
  }

  @Test func `Files of other versions are told`() throws {
    #expect(throws: CheckpointError(.unsupported, .mat, subject: "test.mat", "")) { try read(bytes("mat/v4.mat")) }
    var newer = try bytes("mat/plain.mat")
    newer.replaceSubrange(124..<126, with: [0, 2])
    #expect(throws: CheckpointError(.unsupported, .mat, subject: "test.mat", "")) { try read(newer) }
  }

  @Test func `Big-endian files are read`() throws {
    // One number, 258, as 16 bits: written by hand, as scipy writes the order of its machine only.
    func be(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> (24 - 8 * UInt32($0))) } }
    let body =
      be(6) + be(8) + be(11) + be(0) + be(5) + be(8) + be(1) + be(1) + [0, 1, 0, 1] + Array("x\0\0\0".utf8) + [
        0, 2, 0, 4,
      ]
      + [1, 2, 0, 0]
    let file =
      Array("MATLAB 5.0".utf8) + [UInt8](repeating: 32, count: 114) + [1, 0] + Array("MI".utf8)
      + be(14) + be(UInt32(body.count)) + body
    #expect(try read(file).variable("x").integer == 258)
  }

  @Test(arguments: ["mat/plain.mat", "mat/compressed.mat", "stanford-cars/stanford_cars/devkit/cars_train_annos.mat"])
  func `A file that ends early is an error or a shorter list, never a crash`(name: String) throws {
    let whole = try bytes(name)
    let count = try read(whole).variables.count
    var refused = 0
    for length in 0..<whole.count {
      do {
        #expect(try read(Array(whole.prefix(length))).variables.count < count || length > whole.count - 8)
      } catch {
        #expect(error is CheckpointError)
        refused += 1
      }
    }
    #expect(refused > whole.count * 9 / 10)
  }

  @Test(arguments: ["mat/plain.mat", "mat/compressed.mat", "stanford-cars/stanford_cars/devkit/cars_train_annos.mat"])
  func `Changed files never crash`(name: String) throws {
    let whole = try bytes(name)
    var random = SeededGenerator(seed: 11)
    var refused = 0
    for _ in 0..<3000 {
      var changed = whole
      for _ in 0..<Int.random(in: 1...4, using: &random) {
        changed[Int.random(in: 120..<changed.count, using: &random)] =
          Bool.random(using: &random)
          ? UInt8.random(in: 0...255, using: &random) : [0, 1, 0x7f, 0x80, 0xff][Int.random(in: 0..<5, using: &random)]
      }
      do { _ = try read(changed) } catch {
        #expect(error is CheckpointError)
        refused += 1
      }
    }
    #expect(refused > 300)
  }

  @Test func `Counts that the bytes cannot hold are refused before memory is taken`() throws {
    func le32(_ values: UInt32...) -> [UInt8] { values.flatMap { le($0) } }
    func file(_ matrix: [UInt8]) -> [UInt8] {
      Array("MATLAB 5.0 MAT-file".utf8) + [UInt8](repeating: 32, count: 105) + [0, 1] + Array("IM".utf8)
        + le32(14, UInt32(matrix.count)) + matrix
    }
    let name = le(UInt16(1)) + le(UInt16(1)) + [0x78, 0, 0, 0]
    let huge = le32(5, 8, 0x7fff_ffff, 0x7fff_ffff)
    // Cells, structures with and without fields, numbers.
    let cells = file(le32(6, 8, 1, 0) + huge + name)
    #expect(throws: CheckpointError(.truncated, .mat, subject: "test.mat", "")) { try read(cells) }
    let fields = le(UInt16(5)) + le(UInt16(4)) + le32(2)
    let structures = file(le32(6, 8, 2, 0) + huge + name + fields + le32(1, 2, 0x61, 0))
    #expect(throws: CheckpointError(.truncated, .mat, subject: "test.mat", "")) { try read(structures) }
    let empty = file(le32(6, 8, 2, 0) + huge + name + fields + le32(1, 0))
    #expect(try read(empty).variable("x") == .structures(shape: [0x7fff_ffff, 0x7fff_ffff], fields: [], values: []))
    let numbers = file(le32(6, 8, 6, 0) + huge + name + le32(9, 8, 0, 0))
    #expect(throws: CheckpointError(.malformed, .mat, subject: "test.mat", "")) { try read(numbers) }
    // Cells within cells.
    var deep = le32(14, 0)
    for _ in 0..<40 {
      let content = le32(6, 8, 1, 0) + le32(5, 8, 1, 1) + name + deep
      deep = le32(14, UInt32(content.count)) + content
    }
    #expect(throws: CheckpointError(.limit, .mat, subject: "test.mat", "")) { try read(file(Array(deep.dropFirst(8)))) }
  }
}
