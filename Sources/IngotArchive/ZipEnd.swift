// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The end of an archive: where the central directory lies (APPNOTE 4.3.14 to 4.3.16).
struct ZipEnd {
  static let signature: UInt32 = 0x0605_4b50
  private static let wideSignature: UInt32 = 0x0606_4b50
  private static let locatorSignature: UInt32 = 0x0706_4b50
  static let size = 22
  private static let locatorSize = 20
  /// The zip64 record's length counts neither its signature nor itself; without the extensible part it is this.
  private static let wideLength = 44

  /// Where the directory begins.
  let directoryOffset: Int
  let directorySize: Int
  let count: Int
  /// Where the directory must end.
  let limit: Int

  /// Finds and reads the end records, the zip64 one too, and checks that they agree.
  static func read(_ bytes: RawSpan) throws(CheckpointError) -> ZipEnd {
    let position = try position(in: bytes)
    var cursor = ByteCursor(bytes, format: .zip)
    try cursor.seek(to: position + 4, "end of central directory")
    let disk = Int(try cursor.read(UInt16.self, "disk number"))
    let directoryDisk = Int(try cursor.read(UInt16.self, "directory disk"))
    let countHere = Int(try cursor.read(UInt16.self, "entries on this disk"))
    let count = Int(try cursor.read(UInt16.self, "entries"))
    let size = Int(try cursor.read(UInt32.self, "directory size"))
    let offset = Int(try cursor.read(UInt32.self, "directory offset"))
    guard disk == 0 || disk == ZipHeader.saturated16, directoryDisk == disk, countHere == count else {
      throw CheckpointError(
        .unsupported, .zip, at: position,
        "an archive of several disks (disk \(disk), directory on \(directoryDisk), \(countHere) of \(count) entries here), expected one"
      )
    }
    var end = ZipEnd(directoryOffset: offset, directorySize: size, count: count, limit: position)
    if position >= locatorSize, let wide = try wideEnd(bytes, locator: position - locatorSize) {
      for (classic, large, limit, name) in [
        (count, wide.count, ZipHeader.saturated16, "entries"),
        (size, wide.directorySize, ZipHeader.saturated32, "directory size"),
        (offset, wide.directoryOffset, ZipHeader.saturated32, "directory offset"),
      ] where classic != limit && classic != large {
        throw CheckpointError(.corrupt, .zip, at: position, "\(name) is \(classic) here, \(large) in the zip64 record")
      }
      end = wide
    }
    guard let limit = end.directoryOffset.adding(end.directorySize), limit == end.limit else {
      throw CheckpointError(
        .corrupt, .zip, at: position,
        "the directory of \(end.directorySize) bytes at \(end.directoryOffset) should end at \(end.limit)")
    }
    return end
  }

  /// The one place where an end record's comment reaches exactly to the end of the file.
  private static func position(in bytes: RawSpan) throws(CheckpointError) -> Int {
    let last = bytes.byteCount - size
    let earliest = max(0, last - ZipHeader.saturated16)
    var found: Int?
    for position in stride(from: last, through: earliest, by: -1)
    where bytes.littleEndian(UInt32.self, at: position) == signature {
      let comment = Int(bytes.littleEndian(UInt16.self, at: position + 20))
      guard position + size + comment == bytes.byteCount else { continue }
      if let found {
        throw CheckpointError(.malformed, .zip, at: position, "two end records, here and at \(found), expected one")
      }
      found = position
    }
    guard let found else {
      throw CheckpointError(
        .truncated, .zip, at: bytes.byteCount,
        "no end of central directory in the last \(bytes.byteCount - earliest) bytes: the file is cut off")
    }
    return found
  }

  private static func wideEnd(_ bytes: RawSpan, locator: Int) throws(CheckpointError) -> ZipEnd? {
    var cursor = ByteCursor(bytes, format: .zip, subject: "zip64 end record")
    try cursor.seek(to: locator, "zip64 locator")
    guard try cursor.read(UInt32.self, "zip64 locator") == locatorSignature else { return nil }
    let disk = try cursor.read(UInt32.self, "disk")
    let position = try cursor.readCount("zip64 end offset")
    let disks = try cursor.read(UInt32.self, "disks")
    try cursor.seek(to: position, "zip64 end record")
    let found = try cursor.read(UInt32.self, "zip64 end signature")
    guard found == wideSignature else {
      throw CheckpointError(
        .corrupt, .zip, at: position, subject: "zip64 end record",
        "found signature \(String(found, radix: 16)) where the locator points, expected \(String(wideSignature, radix: 16))"
      )
    }
    let length = try cursor.readCount("zip64 end size")
    _ = try cursor.take(4, "versions")
    let thisDisk = try cursor.read(UInt32.self, "disk")
    let directoryDisk = try cursor.read(UInt32.self, "directory disk")
    let countHere = try cursor.readCount("entries on this disk")
    let count = try cursor.readCount("entries")
    let size = try cursor.readCount("directory size")
    let offset = try cursor.readCount("directory offset")
    guard disk == 0, disks <= 1, thisDisk == 0, directoryDisk == 0, countHere == count else {
      throw CheckpointError(
        .unsupported, .zip, at: position, subject: "zip64 end record",
        "an archive of \(disks) disks (disk \(thisDisk), directory on \(directoryDisk), \(countHere) of \(count) entries here), expected one"
      )
    }
    guard length >= wideLength, position.adding(length)?.adding(12) == locator else {
      throw CheckpointError(
        .corrupt, .zip, at: position, subject: "zip64 end record",
        "of \(length) bytes, expected \(locator - position - 12) to reach its locator at \(locator)")
    }
    return ZipEnd(directoryOffset: offset, directorySize: size, count: count, limit: position)
  }
}
