// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotNumPy
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct NumPyWriterTests {
  @Test func `an array that is written part by part is read whole`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("parts.npy")
    let values = (0..<120).map { Float($0) / 7 }
    let writer = try NumPyArrayWriter(path: path, shape: [2, 3, 4, 5], existing: .refuse)
    for part in [0..<1, 1..<1, 1..<60, 60..<120] { try writer.append(Array(values[part])) }
    #expect(!FileManager.default.fileExists(atPath: path))
    try writer.commit()
    let checkpoint = try NumPyCheckpoint(MappedFile(path: path))
    let tensor = try #require(checkpoint.tensors.first)
    #expect(checkpoint.tensors.count == 1 && tensor.type == .float32 && tensor.shape.extents == [2, 3, 4, 5])
    #expect(try checkpoint.digest(of: tensor) == values.withRawSpan { SHA256Digest(of: $0) })
  }

  @Test func `the header is that of NumPy: version 1, a Python dictionary, 64 bytes aligned`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("matrix.npy")
    try NumPyArrayWriter.write(Matrix(values: [1, 2, 3, 4, 5, 6], rows: 2, columns: 3), to: path, existing: .refuse)
    let bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }"
    #expect(Array(bytes.prefix(10)) == [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 118, 0])
    #expect(
      String(decoding: bytes[10..<128], as: UTF8.self) == dictionary.padding(toLength: 117, withPad: " ", startingAt: 0)
        + "\n")
    #expect(bytes.count == 128 + 24)
  }

  @Test func `sizes whose product no machine has are refused before a file is made`() throws {
    let folder = try TemporaryFolder()
    #expect(throws: CheckpointError(.overflow, FormatKind(rawValue: "npy"), "")) {
      try NumPyArrayWriter(path: folder.path("x.npy"), shape: [1 << 40, 3, 1 << 20, 1 << 20], existing: .refuse)
    }
  }
}
