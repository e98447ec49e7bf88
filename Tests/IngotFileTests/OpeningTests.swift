// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotFile
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct OpeningTests {
  @Test func `tensors are found by name among a thousand`() throws {
    let folder = try TemporaryFolder()
    let file = try thousandTensors(folder)
    #expect(file.tensors.count == 1000)
    for tensor in file.tensors { #expect(file.tensor(named: tensor.name) == tensor) }
    for absent in ["", "block.0", "block.0.weights", "block.999.weight.", "a", "zzz"] {
      #expect(file.tensor(named: absent) == nil)
    }
  }

  @Test func `tensors of another file are refused, not mistaken`() throws {
    let folder = try TemporaryFolder()
    let file = try thousandTensors(folder)
    let foreign = try [
      descriptor("absent", .float32, Shape(4)), descriptor("block.7.weight", .float32, Shape(2, 2)),
      descriptor("block.7.weight", .float16, Shape(4)),
    ]
    for tensor in foreign {
      let error = #expect(throws: CheckpointError.self) { try file.withBytes(of: tensor) { _ in } }
      #expect(error == CheckpointError(.missing, .ingot, subject: tensor.name, ""))
      #expect(file.storedDigest(of: tensor) == nil)
    }
  }

  @Test func `payloads lie at multiples of 64 and come back unchanged`() throws {
    let folder = try TemporaryFolder()
    let file = try thousandTensors(folder)
    for (number, tensor) in file.tensors.enumerated() where number % 97 == 0 {
      let values = try file.withBytes(of: tensor) { [Float](littleEndianBytes: $0) }
      let block = try #require(tensor.name.split(separator: ".").dropFirst().first.flatMap { Float($0) })
      #expect(values == [block, block, block, block])
      file.release(tensor)
      #expect(try file.withBytes(of: tensor) { [Float](littleEndianBytes: $0) } == values)
    }
  }

  private func thousandTensors(_ folder: TemporaryFolder) throws -> IngotFile {
    let path = folder.path("thousand.ingot")
    var writer = try IngotWriter(
      path: path, existing: .refuse,
      tensors: try (0..<1000).map { try descriptor("block.\($0).weight", .float32, Shape(4)) }, sections: [])
    for tensor in writer.order {
      let block = tensor.name.split(separator: ".").dropFirst().first.flatMap { Float($0) } ?? .nan
      try [Float](repeating: block, count: 4).withRawSpan { try writer.append($0) }
    }
    _ = try writer.finish(sections: [:])
    return try IngotFile(MappedFile(path: path))
  }
}
