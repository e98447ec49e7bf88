// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotFile
import IngotTensor
import IngotTestSupport

/// A small file whose bytes can be changed and whose digests can be made to fit again, so that the checks behind them are reached.
///
/// Offsets are those of `Formats/ingot.md`, restated: two sections (`ARCH`, `XTRA`), then the tensors `a` F32 [2, 3],
/// `b` int8 per channel [4, 5] with four scales, and `c` U8 [7].
struct Forgery {
  var bytes: [UInt8]

  static let sections = 256
  static let records = 256 + 2 * 64
  static let names = records + 3 * 160
  static let indexEnd = names + 3
  static let architecture = 4096
  static let extra = 8192
  static let payloads = 12288
  static let payloadA = payloads
  static let payloadB = payloads + 64
  static let scalesB = payloadB + 64
  static let payloadC = scalesB + 64
  static let fileSize = payloadC + 7

  /// Where a field of record `number` lies.
  static func record(_ number: Int, _ field: Int) -> Int { records + number * 160 + field }

  /// Where a field of section `number` lies.
  static func section(_ number: Int, _ field: Int) -> Int { sections + number * 64 + field }

  init() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("base.ingot")
    var writer = try IngotWriter(
      path: path, existing: .refuse, tensors: try Self.tensors(),
      sections: [(.architecture, 2), (try kind("XTRA"), 5)])
    try [UInt8](repeating: 0x3F, count: 24).withRawSpan { try writer.append($0) }
    try Self.quantizedPayload().withRawSpan { try writer.append($0) }
    try (1...7).map(UInt8.init).withRawSpan { try writer.append($0) }
    _ = try writer.finish(sections: [.architecture: [0x7B, 0x7D], try kind("XTRA"): [1, 2, 3, 4, 5]])
    bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    precondition(bytes.count == Self.fileSize, "offsets above are those of the file")
  }

  static func tensors() throws -> [TensorDescriptor] {
    try [
      descriptor("a", .float32, Shape(2, 3)),
      descriptor("b", .float32, Shape(4, 5), .int8PerChannel(axis: 0)),
      descriptor("c", .uint8, Shape(7)),
    ]
  }

  /// Values 1 to 20, padding, scales of 0.5.
  static func quantizedPayload() -> [UInt8] {
    (1...20).map(UInt8.init) + [UInt8](repeating: 0, count: 44) + (0..<4).flatMap { _ in [0, 0, 0, 0x3F] as [UInt8] }
  }

  /// Overwrites bytes with a little-endian integer.
  mutating func set(_ value: some FixedWidthInteger, at offset: Int) {
    let digits = (0..<MemoryLayout.size(ofValue: value)).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) }
    set(digits, at: offset)
  }

  /// The integer at `offset`.
  func get(_ offset: Int) -> UInt64 {
    bytes.withRawSpan { $0.littleEndian(UInt64.self, at: offset) }
  }

  /// Makes the digest in record `number` fit its payload.
  mutating func resealPayload(_ number: Int) {
    let start = Int(get(Self.record(number, 96)))
    let range = start..<start + Int(get(Self.record(number, 104)))
    set(digest(of: range), at: Self.record(number, 128))
  }

  /// Makes index digest and root digest fit.
  mutating func reseal() {
    let end = Int(truncatingIfNeeded: get(72).addingReportingOverflow(get(80)).partialValue)
    if end >= 256, end <= bytes.count { set(digest(of: 256..<end), at: 192) }
    set(digest(of: 0..<224), at: 224)
  }

  /// Opens the file as it now is.
  func open() throws -> IngotFile {
    let folder = try TemporaryFolder()
    return try IngotFile(MappedFile(path: folder.write(bytes, to: "forged.ingot")))
  }

  private func digest(of range: Range<Int>) -> [UInt8] {
    bytes.withRawSpan { SHA256Digest(of: $0.extracting(range)) }.bytes
  }

  private mutating func set(_ content: [UInt8], at offset: Int) {
    bytes.replaceSubrange(offset..<offset + content.count, with: content)
  }
}

/// A section kind known to be well formed.
func kind(_ characters: String) throws -> SectionKind {
  guard let kind = SectionKind(characters) else {
    throw CheckpointError(.malformed, .ingot, "\(characters) is not a section kind")
  }
  return kind
}

/// A descriptor known to be valid.
func descriptor(
  _ name: String, _ type: ElementType, _ shape: Shape, _ encoding: TensorEncoding = .plain
) throws -> TensorDescriptor {
  guard let byteCount = encoding.byteCount(of: type, shape) else {
    throw CheckpointError(.overflow, .ingot, subject: name, "has no size")
  }
  return TensorDescriptor(
    name: name, type: type, shape: shape, encoding: encoding, byteCount: byteCount, access: .assembled)
}
