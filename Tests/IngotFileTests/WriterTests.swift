// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotFile
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct WriterTests {
  @Test func `payloads in pieces make the same file as whole ones`() throws {
    let folder = try TemporaryFolder()
    let whole = try Forgery().bytes
    for size in [1, 3, 63, 64, 65, 1000] {
      let path = folder.path("pieces-\(size).ingot")
      var writer = try makeWriter(path)
      for payload in Self.payloads {
        try payload.withRawSpan { bytes in
          for start in stride(from: 0, to: bytes.byteCount, by: size) {
            try writer.appendPart(LentBytes(bytes.extracting(start..<min(start + size, bytes.byteCount)).copied()))
          }
        }
        try writer.finishTensor()
      }
      _ = try writer.finish(sections: Self.sections())
      #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == whole, "pieces of \(size)")
    }
  }

  @Test func `order is bytewise whatever order is given`() throws {
    let folder = try TemporaryFolder()
    let names = ["b", "a.b", "B", "é", "z", "ab", "\u{1F600}", "\u{FFFD}", ""]
    let writer = try IngotWriter(
      path: folder.path("x.ingot"), existing: .refuse, tensors: names.map { try descriptor($0, .uint8, Shape()) },
      sections: [])
    #expect(writer.order.map(\.name) == ["", "B", "a.b", "ab", "b", "z", "é", "\u{FFFD}", "\u{1F600}"])
  }

  @Test(arguments: [20, 25, 0])
  func `a payload of the wrong size is refused by name`(_ count: Int) throws {
    let folder = try TemporaryFolder()
    var writer = try makeWriter(folder.path("x.ingot"))
    let error = #expect(throws: CheckpointError.self) {
      try [UInt8](repeating: 1, count: count).withRawSpan { try writer.append($0) }
    }
    #expect(error == CheckpointError(.mismatch, .ingot, subject: "a", ""))
    #expect(error?.detail.contains("\(count)") == true)
    #expect(error?.detail.contains("24") == true)
  }

  @Test(arguments: [(0, UInt8(0x80)), (19, 0x80), (20, 1), (63, 1), (67, 0xBF), (79, 0xFF)])
  func `values that the encoding forbids are refused`(_ place: Int, _ byte: UInt8) throws {
    let folder = try TemporaryFolder()
    var writer = try makeWriter(folder.path("x.ingot"))
    try Self.payloads[0].withRawSpan { try writer.append($0) }
    var payload = Self.payloads[1]
    payload[place] = byte
    let error = #expect(throws: CheckpointError.self) { try payload.withRawSpan { try writer.append($0) } }
    #expect(error == CheckpointError(.malformed, .ingot, subject: "b", ""))
  }

  @Test func `sections must be those announced`() throws {
    let folder = try TemporaryFolder()
    let wrong: [(sections: [SectionKind: [UInt8]], subject: String)] = [
      ([:], "section ARCH"),
      ([.architecture: [1, 2, 3], try kind("XTRA"): [1, 2, 3, 4, 5]], "section ARCH"),
      ([.architecture: [1, 2], try kind("XTRA"): []], "section XTRA"),
      ([.architecture: [1, 2], try kind("XTRA"): [1, 2, 3, 4, 5], .tokenizer: []], "section TOKN"),
    ]
    for (sections, subject) in wrong {
      var writer = try makeWriter(folder.path("x.ingot"))
      for payload in Self.payloads { try payload.withRawSpan { try writer.append($0) } }
      let error = #expect(throws: CheckpointError.self) { try writer.finish(sections: sections) }
      #expect(error == CheckpointError(.mismatch, .ingot, subject: subject, ""))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test func `a file with tensors missing is not written`() throws {
    let folder = try TemporaryFolder()
    do {
      var writer = try makeWriter(folder.path("x.ingot"))
      try Self.payloads[0].withRawSpan { try writer.append($0) }
      let error = #expect(throws: CheckpointError.self) { try writer.finish(sections: Self.sections()) }
      #expect(error == CheckpointError(.mismatch, .ingot, subject: "b", ""))
    }
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.url.path).isEmpty)
  }

  @Test func `an existing file is refused, or replaced whole`() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write([7], to: "x.ingot")
    let error = #expect(throws: FileError.self) { try makeWriter(path) }
    #expect(error?.code == .cannotCreate)
    var writer = try IngotWriter(path: path, existing: .replace, tensors: [], sections: [])
    #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == [7])
    _ = try writer.finish(sections: [:])
    #expect([UInt8](try Data(contentsOf: URL(filePath: path))) == (try fixtureBytes("nothing.ingot")))
  }

  enum Unwritable: CaseIterable {
    case duplicateName, equivalentNames, rankNine, quantizedInteger, axisBeyondRank, negativeAxis, overflow,
      sectionTwice,
      sectionNegative, sectionUnprintable

    func arguments() throws -> (tensors: [TensorDescriptor], sections: [(kind: SectionKind, byteCount: Int)]) {
      let plain = try descriptor("a", .float32, Shape(2))
      func forced(_ type: ElementType, _ shape: Shape, _ encoding: TensorEncoding) -> TensorDescriptor {
        TensorDescriptor(name: "x", type: type, shape: shape, encoding: encoding, byteCount: 0, access: .mapped)
      }
      return switch self {
      case .duplicateName: ([plain, plain], [])
      case .equivalentNames: ([plain.renamed("e\u{301}"), plain.renamed("\u{E9}")], [])
      case .rankNine: ([forced(.uint8, Shape(1, 1, 1, 1, 1, 1, 1, 1, 1), .plain)], [])
      case .quantizedInteger: ([forced(.int32, Shape(2, 2), .int8PerChannel(axis: 0))], [])
      case .axisBeyondRank: ([forced(.float32, Shape(2, 2), .int8PerChannel(axis: 2))], [])
      case .negativeAxis: ([forced(.float32, Shape(2, 2), .int8PerChannel(axis: -1))], [])
      case .overflow: ([forced(.float32, Shape(Int.max / 2), .plain)], [])
      case .sectionTwice: ([], [(.tokenizer, 1), (.tokenizer, 1)])
      case .sectionNegative: ([], [(.tokenizer, -1)])
      case .sectionUnprintable: ([], [(SectionKind(rawValue: 7), 1)])
      }
    }

    var code: CheckpointError.Code {
      switch self {
      case .rankNine: .unsupported
      case .overflow: .overflow
      default: .malformed
      }
    }
  }

  @Test(arguments: Unwritable.allCases)
  func `what the format cannot hold is refused before a file is made`(_ unwritable: Unwritable) throws {
    let folder = try TemporaryFolder()
    let (tensors, sections) = try unwritable.arguments()
    let error = #expect(throws: CheckpointError.self) {
      try IngotWriter(path: folder.path("x.ingot"), existing: .refuse, tensors: tensors, sections: sections)
    }
    #expect(error?.code == unwritable.code)
    #expect(error?.subject != nil)
  }

  private static let payloads: [[UInt8]] = [
    [UInt8](repeating: 0x3F, count: 24), Forgery.quantizedPayload(), (1...7).map(UInt8.init),
  ]

  private static func sections() throws -> [SectionKind: [UInt8]] {
    [.architecture: [0x7B, 0x7D], try kind("XTRA"): [1, 2, 3, 4, 5]]
  }

  private func makeWriter(_ path: String) throws -> IngotWriter {
    try IngotWriter(
      path: path, existing: .refuse, tensors: try Forgery.tensors().reversed(),
      sections: try Self.sections().map { ($0.key, $0.value.count) })
  }
}
