// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A zip archive whose headers agree with each other: members are lent from the mapped file, or inflated.
///
/// `Formats/pytorch.md`, section "The archive", says what is accepted. Opening reads headers only.
public final class ZipArchive: Sendable {
  /// The mapped file.
  public let file: MappedFile
  /// The members, in the order of the central directory.
  public let entries: [ZipEntry]
  private let byName: [String: Int]
  private let checksums: ChecksumPolicy
  private let verified = Guarded<Set<Int>>([])
  /// The member that was inflated last: tensors that share a storage are read one after the other.
  private let inflated = Guarded<(index: Int, content: [UInt8])?>(nil)

  /// Reads and checks all headers.
  ///
  /// - Parameters:
  ///   - file: the archive, which begins at its first byte.
  ///   - checksums: whether to compare CRC-32s when members are read.
  /// - Throws: `CheckpointError` naming the place and both values of what disagrees.
  public init(_ file: MappedFile, checksums: ChecksumPolicy = .verify) throws(CheckpointError) {
    self.file = file
    self.checksums = checksums
    // A look at a header maps the pages around it, too: over a large archive that adds up.
    entries = try ZipDirectory.entries(of: file.bytes) { file.release($0) }
    var byName: [String: Int] = [:]
    for entry in entries {
      guard byName.updateValue(entry.index, forKey: entry.name) == nil else {
        throw CheckpointError(
          .malformed, .zip, at: entry.payload.lowerBound, subject: entry.name, "two members have this name")
      }
    }
    self.byName = byName
  }

  /// Whether a file starts like a zip archive.
  public static func recognises(_ file: MappedFile) -> Bool {
    guard file.size >= 4 else { return false }
    let start = file.bytes(in: 0..<4).copied()
    return start == [0x50, 0x4b, 3, 4] || start == [0x50, 0x4b, 5, 6]
  }

  /// The member of a name.
  public func entry(named name: String) -> ZipEntry? {
    byName[name].map { entries[$0] }
  }

  /// Lends a member's content.
  ///
  /// - Parameters:
  ///   - entry: one of `entries`.
  ///   - body: must not keep the span.
  /// - Returns: what `body` returns.
  /// - Throws: `corrupt` when the content does not have the CRC-32 or the size that the headers say, and what `body` throws.
  public func withBytes<R>(of entry: ZipEntry, _ body: (RawSpan) throws -> R) throws -> R {
    let file = file
    let stored = file.bytes(in: entry.payload)
    switch entry.method {
    case .stored:
      try verify(entry, checksum(of: entry.payload))
      return try body(stored)
    case .deflated:
      if let kept = inflated.withLock({ $0 }), kept.index == entry.index { return try kept.content.withRawSpan(body) }
      inflated.withLock { $0 = nil }
      let content = try Inflate.raw(stored, size: entry.size, subject: entry.name, at: entry.payload.lowerBound)
      try content.withRawSpan { try verify(entry, Inflate.crc32($0)) }
      inflated.withLock { $0 = (entry.index, content) }
      return try content.withRawSpan(body)
    }
  }

  /// The beginning of a member, without checking its CRC-32: for telling what it is.
  ///
  /// - Parameters:
  ///   - entry: one of `entries`.
  ///   - count: bytes at most.
  /// - Returns: as many bytes, or all that the member has.
  /// - Throws: `corrupt` when a deflated member cannot be inflated so far.
  public func prefix(of entry: ZipEntry, upTo count: Int) throws(CheckpointError) -> [UInt8] {
    let count = min(count, entry.size)
    let file = file
    let stored = file.bytes(in: entry.payload)
    switch entry.method {
    case .stored: return stored.extracting(0..<count).copied()
    case .deflated:
      return try Inflate.prefix(stored, count: count, subject: entry.name, at: entry.payload.lowerBound)
    }
  }

  /// Tells that a member's pages are not needed for now.
  public func release(_ entry: ZipEntry) {
    file.release(entry.payload)
  }

  /// Compares a checksum, once for each member; `found` is computed only when it is needed.
  private func verify(_ entry: ZipEntry, _ found: @autoclosure () -> UInt32) throws(CheckpointError) {
    guard checksums == .verify, !verified.withLock({ $0.contains(entry.index) }) else { return }
    let crc = found()
    guard crc == entry.crc else {
      throw CheckpointError(
        .corrupt, .zip, at: entry.payload.lowerBound, subject: entry.name,
        "content has CRC-32 \(String(crc, radix: 16)), the headers say \(String(entry.crc, radix: 16))")
    }
    verified.withLock { _ = $0.insert(entry.index) }
  }

  /// CRC-32 of a part of the file, slice by slice: a large part is not kept in memory for it.
  private func checksum(of range: Range<Int>) -> UInt32 {
    let slice = 4 << 20
    let file = file
    var crc: UInt32 = 0
    var start = range.lowerBound
    while start < range.upperBound {
      let end = min(start + slice, range.upperBound)
      crc = Inflate.crc32(file.bytes(in: start..<end), after: crc)
      // What is wanted again at once is kept, as far as it is small.
      if range.count > 4 * slice { file.release(start..<end) }
      start = end
    }
    return crc
  }
}
