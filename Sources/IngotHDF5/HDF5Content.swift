// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes

/// Where HDF5 lies in a file: all of it, or a member of a `.keras` archive.
package struct HDF5Content: Sendable {
  private static let signature: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
  static let member = "model.weights.h5"

  /// The file.
  package let file: MappedFile
  let archive: ZipArchive?
  private let entry: ZipEntry?

  /// Finds it.
  package init(_ file: MappedFile) throws(CheckpointError) {
    self.file = file
    guard ZipArchive.recognises(file) else {
      archive = nil
      entry = nil
      guard Self.start(of: file.bytes) != nil else {
        throw CheckpointError(.malformed, .hdf5, at: 0, "there is no signature of HDF5")
      }
      return
    }
    let archive = try ZipArchive(file)
    guard let entry = archive.entry(named: Self.member) else {
      throw CheckpointError(.missing, .hdf5, subject: Self.member, "no such member in the archive")
    }
    self.archive = archive
    self.entry = entry
  }

  /// Whether a file is HDF5, or a `.keras` archive around it.
  static func recognises(_ file: MappedFile) -> Bool {
    if start(of: file.bytes) != nil { return true }
    guard ZipArchive.recognises(file), let archive = try? ZipArchive(file) else { return false }
    return archive.entry(named: member) != nil && archive.entry(named: "config.json") != nil
  }

  /// The signature stands at the beginning, or behind a user block of 512 bytes, 1024, 2048, ….
  static func start(of bytes: RawSpan) -> Int? {
    var offset = 0
    while offset + signature.count <= bytes.byteCount {
      if bytes.extracting(offset..<offset + signature.count).copied() == signature { return offset }
      offset = offset == 0 ? 512 : offset * 2
    }
    return nil
  }

  /// Where the bytes of HDF5 begin in the file, when they are there as they are.
  var mappedStart: Int? {
    guard let entry else { return 0 }
    return entry.method == .stored ? entry.payload.lowerBound : nil
  }

  /// How many bytes HDF5 has.
  var size: Int { entry?.size ?? file.size }

  /// The content of an archive's member; `nil` where the file itself is HDF5.
  package func image() throws -> [UInt8]? {
    guard let entry, let archive else { return nil }
    return try archive.withBytes(of: entry) { $0.copied() }
  }

  /// A member of the archive as text, of at most 64 MiB: the configuration, which is data and never code.
  func text(of name: String) throws(CheckpointError) -> String? {
    guard let archive, let entry = archive.entry(named: name), entry.size <= 1 << 26 else { return nil }
    do {
      return try archive.withBytes(of: entry) { $0.utf8String() }
    } catch let error as CheckpointError {
      throw error
    } catch {
      return nil
    }
  }
}
