// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes

/// Everything that bytes can be lent from: the mapped file, its archive, and what had to be decoded.
struct StorageShelf: Sendable {
  let file: MappedFile
  let archive: ZipArchive?
  private var owned: [[UInt8]] = []
  private var ownedBytes = 0

  /// Bytes that may be decoded in opening a file: deflated pickles, and bytes that old protocols write as text.
  static let mostOwnedBytes = 1 << 28

  init(_ file: MappedFile, archive: ZipArchive? = nil) {
    self.file = file
    self.archive = archive
  }

  /// Puts decoded bytes on the shelf.
  ///
  /// - Parameters:
  ///   - bytes: what to keep.
  ///   - subject: what they are, for the message.
  /// - Returns: their place.
  /// - Throws: `limit` when they are too many with all others.
  mutating func keep(_ bytes: [UInt8], subject: String) throws(CheckpointError) -> StoragePlace {
    ownedBytes += bytes.count
    guard ownedBytes <= Self.mostOwnedBytes else {
      throw CheckpointError(
        .limit, .torchPickle, subject: subject,
        "decoding takes \(ownedBytes) bytes of memory, allowed are \(Self.mostOwnedBytes)")
    }
    owned.append(bytes)
    return .owned(owned.count - 1, 0..<bytes.count)
  }

  /// Lends bytes.
  ///
  /// - Throws: `corrupt` when an archive member is not what its headers say, and what `body` throws.
  func withBytes<R>(at place: StoragePlace, _ body: (RawSpan) throws -> R) throws -> R {
    switch place {
    case .file(let range):
      let file = file
      return try body(file.bytes(in: range))
    case .owned(let index, let range):
      return try owned[index].withRawSpan { try body($0.extracting(range)) }
    case .member(let index):
      guard let archive else { preconditionFailure("members are of an archive") }
      return try archive.withBytes(of: archive.entries[index], body)
    }
  }

  /// Lends bytes to a reader whose errors are all of a checkpoint.
  func reading<R>(_ place: StoragePlace, _ body: (RawSpan) throws(CheckpointError) -> R) throws(CheckpointError) -> R {
    do {
      return try withBytes(at: place) { try body($0) }
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(.malformed, .torchPickle, "\(error)")
    }
  }

  /// Whether lending costs nothing: neither inflated nor decoded.
  func isMapped(_ place: StoragePlace) -> Bool {
    guard case .member(let index) = place else { return true }
    return archive?.entries[index].method == .stored
  }

  /// Tells that the pages are not needed for now.
  func release(_ place: StoragePlace) {
    switch place {
    case .file(let range): file.release(range)
    case .member(let index): archive.map { $0.release($0.entries[index]) }
    case .owned: break
    }
  }
}
