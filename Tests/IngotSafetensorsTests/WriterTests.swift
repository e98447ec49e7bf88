// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct WriterTests {
  @Test func `a file written at once is read back`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("x.safetensors")
    let tensors = [
      (try plain("b", .uint8, Shape(3)), [1, 2, 3] as [UInt8]), (try plain("a", .int16, Shape()), [4, 5]),
    ]
    try SafetensorsWriter.write(
      path: path, existing: .refuse, tensors: tensors.map { (descriptor: $0, bytes: $1) },
      metadata: ["z": "1", "a": "2", "m": "3"])
    let file = try SafetensorsFile(MappedFile(path: path))
    #expect(file.tensors.map(\.name) == ["a", "b"])
    #expect(file.metadata == ["z": "1", "a": "2", "m": "3"])
    for (tensor, bytes) in tensors {
      let stored = try #require(file.tensor(named: tensor.name))
      #expect(try file.withBytes(of: stored) { $0.copied() } == bytes)
    }
    let text = String(decoding: try Data(contentsOf: URL(filePath: path)).dropFirst(8), as: UTF8.self)
    #expect(text.hasPrefix(#"{"__metadata__":{"a":"2","m":"3","z":"1"},"a":"#))
  }

  @Test func `bytes in pieces make the same file as whole ones`() throws {
    let folder = try TemporaryFolder()
    let source = try SafetensorsFile(MappedFile(path: Fixtures.path("safetensors/reference-every-type.safetensors")))
    var writer = try SafetensorsWriter(path: folder.path("x"), existing: .refuse, tensors: source.tensors)
    for tensor in writer.order {
      try source.withBytes(of: tensor) { bytes in
        for start in stride(from: 0, to: bytes.byteCount, by: 7) {
          try writer.appendPart(bytes.extracting(start..<min(start + 7, bytes.byteCount)))
        }
      }
      try writer.finishTensor()
    }
    try writer.finish()
    let written = [UInt8](try Data(contentsOf: URL(filePath: folder.path("x"))))
    #expect(written == (try fixtureBytes("reference-every-type.safetensors")))
  }

  @Test(arguments: [0, 3, 5])
  func `the wrong number of bytes is refused by name`(_ count: Int) throws {
    let folder = try TemporaryFolder()
    var writer = try SafetensorsWriter(
      path: folder.path("x"), existing: .refuse, tensors: [try plain("a", .float32, Shape())])
    let error = #expect(throws: CheckpointError.self) {
      try [UInt8](repeating: 0, count: count).withRawSpan { try writer.append($0) }
    }
    #expect(error == CheckpointError(.mismatch, .safetensors, subject: "a", ""))
  }

  @Test func `a file with tensors missing is not written`() throws {
    let folder = try TemporaryFolder()
    do {
      var writer = try SafetensorsWriter(
        path: folder.path("x"), existing: .refuse, tensors: [try plain("a", .float32, Shape())])
      let error = #expect(throws: CheckpointError.self) { try writer.finish() }
      #expect(error == CheckpointError(.mismatch, .safetensors, subject: "a", ""))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test func `an existing file is refused, or replaced whole`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([7], to: "x.safetensors")
    let error = #expect(throws: FileError.self) {
      try SafetensorsWriter.write(path: path, existing: .refuse, tensors: [])
    }
    #expect(error?.code == .cannotCreate)
    #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == [7])
    try SafetensorsWriter.write(path: path, existing: .replace, tensors: [])
    #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == (try fixtureBytes("reference-nothing.safetensors")))
  }

  enum Unwritable: CaseIterable {
    case quantized, complexHalf, complexDouble, metadataName, duplicate, equivalentNames, overflow, rank

    func tensors() throws -> [TensorDescriptor] {
      let plain = try WriterTests().plain("a", .float32, Shape(2))
      func forced(_ type: ElementType, _ shape: Shape, _ encoding: TensorEncoding = .plain) -> TensorDescriptor {
        TensorDescriptor(name: "a", type: type, shape: shape, encoding: encoding, byteCount: 0, access: .mapped)
      }
      return switch self {
      case .quantized: [forced(.float32, Shape(2, 2), .int8PerChannel(axis: 0))]
      case .complexHalf: [forced(.complex32, Shape(2))]
      case .complexDouble: [forced(.complex128, Shape(2))]
      case .metadataName: [plain.renamed("__metadata__")]
      case .duplicate: [plain, plain]
      case .equivalentNames: [plain.renamed("e\u{301}"), plain.renamed("\u{E9}")]
      case .overflow: [forced(.float32, Shape(Int.max / 2))]
      case .rank: [forced(.float32, try #require(Shape(checking: [Int](repeating: 1, count: 65))))]
      }
    }

    var code: CheckpointError.Code {
      switch self {
      case .quantized, .complexHalf, .complexDouble: .unsupported
      case .metadataName, .duplicate, .equivalentNames: .malformed
      case .overflow: .overflow
      case .rank: .limit
      }
    }
  }

  @Test(arguments: Unwritable.allCases)
  func `what the format cannot hold is refused before a file is made`(_ unwritable: Unwritable) throws {
    let folder = try TemporaryFolder()
    let tensors = try unwritable.tensors()
    let error = #expect(throws: CheckpointError.self) {
      try SafetensorsWriter(path: folder.path("x"), existing: .refuse, tensors: tensors)
    }
    #expect(error?.code == unwritable.code)
    #expect(error?.subject != nil)
  }

  func plain(_ name: String, _ type: ElementType, _ shape: Shape) throws -> TensorDescriptor {
    try #require(TensorDescriptor(name: name, type: type, shape: shape, access: .assembled))
  }
}
