// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotBytes

/// A file of an interrupted computation: a line of JSON, numbers of eight bytes, and SHA-256 of both.
enum ProgressRecord {
  /// Replaces the file.
  ///
  /// - Throws: `FileError`, and then the former file is still there.
  static func write(_ header: some Encodable, _ numbers: [Double], to path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    let text = Array(try encoder.encode(header)) + [UInt8(ascii: "\n")]
    var stream = SHA256Stream()
    let file = try AtomicFile(path: path, existing: .replace)
    try text.withRawSpan {
      stream.update($0)
      try file.append($0)
    }
    try numbers.withRawSpan {
      stream.update($0)
      try file.append($0)
    }
    try stream.finalize().bytes.withRawSpan { try file.append($0) }
    try file.commit()
  }

  /// Reads the file.
  ///
  /// - Throws: `FileError`; `corrupt` when the digest disagrees or the line is no such header.
  static func read<Header: Decodable>(_ type: Header.Type, from path: String) throws -> (Header, [Double]) {
    let file = try MappedFile(path: path)
    let bytes = file.bytes
    let end = file.size - SHA256Digest.byteCount
    guard end > 0,
      SHA256Digest(of: bytes.extracting(0..<end)).bytes == bytes.extracting(end..<file.size).copied(),
      let line = (0..<end).first(where: { bytes[byte: $0] == UInt8(ascii: "\n") }), (end - line - 1) % 8 == 0,
      let header = try? JSONDecoder().decode(type, from: Data(bytes.extracting(0..<line).copied()))
    else { throw damaged(path) }
    return (header, [Double](littleEndianBytes: bytes.extracting(line + 1..<end)))
  }

  /// The error for a file that is no intact record.
  static func damaged(_ path: String) -> CheckpointError {
    CheckpointError(.corrupt, .evaluation, subject: path, "is no intact record of a probe's progress; remove it")
  }

  /// The error for a record of something else.
  static func other(_ path: String, _ found: String, expected: String) -> CheckpointError {
    CheckpointError(
      .mismatch, .evaluation, subject: path,
      "is the progress of another computation (\(found.prefix(12))…, expected \(expected.prefix(12))…); remove it")
  }

  /// SHA-256 of everything that a computation depends on.
  ///
  /// - Parameters:
  ///   - settings: how it is done, as text.
  ///   - tables: the features, in the order of their parts; `nil` for a part that is not there.
  /// - Returns: lower-case hexadecimal digits.
  static func key(_ settings: [String], _ tables: [FeatureTable?]) -> String {
    var stream = SHA256Stream()
    let digests = tables.flatMap { [$0?.digest() ?? "", $0?.labels.digest ?? ""] }
    for part in settings + digests { Array("\(part)\n".utf8).withRawSpan { stream.update($0) } }
    return stream.finalize().description
  }
}

/// When progress is written, and where tests end a run.
struct WritingTimer {
  private let interval: Duration
  private var written = ContinuousClock.now

  init(_ interval: Duration) { self.interval = interval }

  /// Whether it is time to write again.
  var isDue: Bool { ContinuousClock.now - written >= interval }

  /// The file was just written.
  mutating func restart() { written = ContinuousClock.now }
}
