// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Parses the central directory, then every local header and data descriptor, and checks that all of them agree.
///
/// Names of fields and signatures are those of PKWARE's APPNOTE 6.3.10.
enum ZipDirectory {
  private static let localSignature: UInt32 = 0x0403_4b50
  private static let centralSignature: UInt32 = 0x0201_4b50
  private static let endSignature: UInt32 = 0x0605_4b50
  private static let end64Signature: UInt32 = 0x0606_4b50
  private static let locatorSignature: UInt32 = 0x0706_4b50
  private static let descriptorSignature: UInt32 = 0x0807_4b50
  private static let endSize = 22
  private static let locatorSize = 20
  /// General purpose flags: encryption, patch data, strong encryption, masked headers.
  private static let refusedFlags: UInt16 = 0x2061
  private static let descriptorFlag: UInt16 = 0x0008
  private static let saturated32 = Int(UInt32.max)
  private static let saturated16 = Int(UInt16.max)

  /// The end of the archive: where the directory lies.
  private struct End {
    var offset: Int
    var size: Int
    var count: Int
    /// Where the directory must end.
    var limit: Int
  }

  static func entries(of bytes: RawSpan) throws(CheckpointError) -> [ZipEntry] {
    var cursor = ByteCursor(bytes, format: .zip)
    guard bytes.byteCount >= endSize else {
      throw cursor.error(.truncated, "an archive has at least \(endSize) bytes, found \(bytes.byteCount)")
    }
    let first = try cursor.read(UInt32.self, "signature")
    guard first == localSignature else {
      throw CheckpointError(
        .malformed, .zip, at: 0,
        first == endSignature
          ? "the archive is empty"
          : "found signature \(String(first, radix: 16)), expected \(String(localSignature, radix: 16))")
    }
    let end = try end(of: bytes)
    // Each entry takes at least 46 bytes of directory, so the count cannot make us allocate more than the file has.
    guard end.count <= end.size / 46 else {
      throw CheckpointError(
        .malformed, .zip, at: end.offset,
        "\(end.count) entries announced, the directory's \(end.size) bytes hold at most \(end.size / 46)")
    }
    try cursor.seek(to: end.offset, "central directory")
    var entries: [ZipEntry] = []
    var spans: [Range<Int>] = []
    for index in 0..<end.count {
      let central = try centralHeader(&cursor)
      let (entry, span) = try localHeader(bytes, central, index: index)
      entries.append(entry)
      spans.append(span)
    }
    guard cursor.offset == end.limit else {
      throw cursor.error(.malformed, "the directory's \(end.count) entries end here, expected \(end.limit)")
    }
    try checkOverlap(entries, spans, limit: end.offset)
    return entries
  }

  // MARK: End of the archive

  private static func end(of bytes: RawSpan) throws(CheckpointError) -> End {
    let position = try endPosition(bytes)
    var cursor = ByteCursor(bytes, format: .zip)
    try cursor.seek(to: position + 4, "end of central directory")
    let disk = Int(try cursor.read(UInt16.self, "disk number"))
    let directoryDisk = Int(try cursor.read(UInt16.self, "directory disk"))
    let countHere = Int(try cursor.read(UInt16.self, "entries on this disk"))
    let count = Int(try cursor.read(UInt16.self, "entries"))
    let size = Int(try cursor.read(UInt32.self, "directory size"))
    let offset = Int(try cursor.read(UInt32.self, "directory offset"))
    guard disk == 0 || disk == saturated16, directoryDisk == disk, countHere == count else {
      throw CheckpointError(
        .unsupported, .zip, at: position,
        "an archive of several disks (disk \(disk), \(countHere) of \(count) entries here)")
    }
    var end = End(offset: offset, size: size, count: count, limit: position)
    if position >= locatorSize, let end64 = try end64(bytes, locator: position - locatorSize) {
      for (classic, large, limit, name) in [
        (count, end64.count, saturated16, "entries"), (size, end64.size, saturated32, "directory size"),
        (offset, end64.offset, saturated32, "directory offset"),
      ] where classic != limit && classic != large {
        throw CheckpointError(.corrupt, .zip, at: position, "\(name) is \(classic) here, \(large) in the zip64 record")
      }
      end = end64
    }
    guard let limit = end.offset.adding(end.size), limit == end.limit else {
      throw CheckpointError(
        .corrupt, .zip, at: position,
        "the directory of \(end.size) bytes at \(end.offset) should end at \(end.limit)")
    }
    return end
  }

  /// The one place where an end record's comment reaches exactly to the end of the file.
  private static func endPosition(_ bytes: RawSpan) throws(CheckpointError) -> Int {
    let last = bytes.byteCount - endSize
    let earliest = max(0, last - saturated16)
    var found: Int?
    for position in stride(from: last, through: earliest, by: -1)
    where bytes[byte: position] == 0x50 && bytes[byte: position + 1] == 0x4b && bytes[byte: position + 2] == 5
      && bytes[byte: position + 3] == 6
    {
      let comment = Int(bytes[byte: position + 20]) | Int(bytes[byte: position + 21]) << 8
      guard position + endSize + comment == bytes.byteCount else { continue }
      if let found {
        throw CheckpointError(.malformed, .zip, at: position, "two end records, here and at \(found)")
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

  private static func end64(_ bytes: RawSpan, locator: Int) throws(CheckpointError) -> End? {
    var cursor = ByteCursor(bytes, format: .zip)
    try cursor.seek(to: locator, "zip64 locator")
    guard try cursor.read(UInt32.self, "zip64 locator") == locatorSignature else { return nil }
    _ = try cursor.read(UInt32.self, "disk")
    let position = try cursor.readCount("zip64 end offset")
    _ = try cursor.read(UInt32.self, "disks")
    try cursor.seek(to: position, "zip64 end record")
    guard try cursor.read(UInt32.self, "zip64 end signature") == end64Signature else {
      throw CheckpointError(.corrupt, .zip, at: position, "no zip64 end record where the locator points")
    }
    let length = try cursor.readCount("zip64 end size")
    _ = try cursor.take(12, "versions and disks")
    let countHere = try cursor.readCount("entries on this disk")
    let count = try cursor.readCount("entries")
    let size = try cursor.readCount("directory size")
    let offset = try cursor.readCount("directory offset")
    guard countHere == count, position.adding(length)?.adding(12) == locator else {
      throw CheckpointError(
        .corrupt, .zip, at: position, "the zip64 end record of \(length) bytes does not reach its locator at \(locator)"
      )
    }
    return End(offset: offset, size: size, count: count, limit: position)
  }

  // MARK: Entries

  private struct Header {
    var flags: UInt16
    var method: UInt16
    var crc: UInt32
    var compressed: Int
    var size: Int
    var offset: Int
    var name: [UInt8]
    var place: Int
  }

  private static func centralHeader(_ cursor: inout ByteCursor) throws(CheckpointError) -> Header {
    let place = cursor.offset
    let signature = try cursor.read(UInt32.self, "central header")
    guard signature == centralSignature else {
      throw CheckpointError(
        .malformed, .zip, at: place, "found signature \(String(signature, radix: 16)), expected a central header")
    }
    _ = try cursor.read(UInt32.self, "versions")
    let flags = try cursor.read(UInt16.self, "flags")
    let method = try cursor.read(UInt16.self, "method")
    _ = try cursor.read(UInt32.self, "time")
    let crc = try cursor.read(UInt32.self, "CRC-32")
    let compressed = Int(try cursor.read(UInt32.self, "compressed size"))
    let size = Int(try cursor.read(UInt32.self, "size"))
    let nameLength = Int(try cursor.read(UInt16.self, "name length"))
    let extraLength = Int(try cursor.read(UInt16.self, "extra length"))
    let commentLength = Int(try cursor.read(UInt16.self, "comment length"))
    _ = try cursor.take(8, "disk and attributes")
    let offset = Int(try cursor.read(UInt32.self, "header offset"))
    let name = try cursor.take(nameLength, "name").copied()
    let extra = try cursor.take(extraLength, "extra field")
    _ = try cursor.take(commentLength, "comment")
    var header = Header(
      flags: flags, method: method, crc: crc, compressed: compressed, size: size, offset: offset, name: name,
      place: place)
    try widen(&header, extra, withOffset: true)
    return header
  }

  /// Replaces saturated 32-bit fields by those of the zip64 extra field.
  private static func widen(_ header: inout Header, _ extra: RawSpan, withOffset: Bool) throws(CheckpointError) {
    var fields = ByteCursor(extra, format: .zip, subject: "zip64 extra field", base: header.place)
    let needsSize = header.size == saturated32
    let needsCompressed = header.compressed == saturated32
    let needsOffset = withOffset && header.offset == saturated32
    var isFound = false
    while fields.remaining >= 4 {
      let kind = try fields.read(UInt16.self, "extra kind")
      let length = Int(try fields.read(UInt16.self, "extra length"))
      let content = try fields.take(length, "extra field")
      guard kind == 1 else { continue }
      isFound = true
      var wide = ByteCursor(content, format: .zip, subject: "zip64 extra field", base: header.place)
      if needsSize { header.size = try wide.readCount("size") }
      if needsCompressed { header.compressed = try wide.readCount("compressed size") }
      if needsOffset { header.offset = try wide.readCount("header offset") }
    }
    if needsSize || needsCompressed || needsOffset, !isFound {
      throw CheckpointError(
        .corrupt, .zip, at: header.place, "32-bit fields are saturated and there is no zip64 extra field")
    }
  }

  private static func localHeader(
    _ bytes: RawSpan, _ central: Header, index: Int
  ) throws(CheckpointError) -> (ZipEntry, Range<Int>) {
    let name = try checkedName(central)
    func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
      CheckpointError(code, .zip, at: central.offset, subject: name, detail)
    }
    guard central.flags & refusedFlags == 0 else {
      throw fault(.unsupported, "flags \(String(central.flags, radix: 16)) say that it is encrypted or patched")
    }
    guard let method = ZipEntry.Method(rawValue: central.method) else {
      throw fault(.unsupported, "compression method \(central.method); supported are 0 (stored) and 8 (deflated)")
    }
    var cursor = ByteCursor(bytes, format: .zip, subject: name)
    try cursor.seek(to: central.offset, "local header")
    let signature = try cursor.read(UInt32.self, "local header")
    guard signature == localSignature else {
      throw fault(.corrupt, "found signature \(String(signature, radix: 16)) where its local header should be")
    }
    _ = try cursor.read(UInt16.self, "version")
    let flags = try cursor.read(UInt16.self, "flags")
    let localMethod = try cursor.read(UInt16.self, "method")
    _ = try cursor.read(UInt32.self, "time")
    let crc = try cursor.read(UInt32.self, "CRC-32")
    let compressed = Int(try cursor.read(UInt32.self, "compressed size"))
    let size = Int(try cursor.read(UInt32.self, "size"))
    let nameLength = Int(try cursor.read(UInt16.self, "name length"))
    let extraLength = Int(try cursor.read(UInt16.self, "extra length"))
    let localName = try cursor.take(nameLength, "name").copied()
    let extra = try cursor.take(extraLength, "extra field")
    var local = Header(
      flags: flags, method: localMethod, crc: crc, compressed: compressed, size: size, offset: 0, name: localName,
      place: central.offset)
    try widen(&local, extra, withOffset: false)
    guard localName == central.name else {
      throw fault(.corrupt, "the local header calls it \(String(decoding: localName, as: UTF8.self))")
    }
    guard flags == central.flags, localMethod == central.method else {
      throw fault(
        .corrupt,
        "local header has flags \(flags) and method \(localMethod), the directory \(central.flags) and \(central.method)"
      )
    }
    let isDeferred = flags & descriptorFlag != 0
    // With a data descriptor the local fields are zero; where they are not, they must agree as without one.
    for (here, there, what) in [
      (Int(local.crc), Int(central.crc), "CRC-32"), (local.compressed, central.compressed, "compressed size"),
      (local.size, central.size, "size"),
    ] where here != there && !(isDeferred && here == 0) {
      throw fault(.corrupt, "local header has \(what) \(here), the directory \(there)")
    }
    guard method == .deflated || central.compressed == central.size else {
      throw fault(.corrupt, "stored with \(central.compressed) bytes, its size is \(central.size)")
    }
    let start = cursor.offset
    _ = try cursor.take(central.compressed, "content")
    let payload = start..<cursor.offset
    if isDeferred { try skipDescriptor(&cursor, central, name) }
    let entry = ZipEntry(
      name: name, method: method, crc: central.crc, size: central.size, payload: payload, index: index)
    return (entry, central.offset..<cursor.offset)
  }

  /// Checks the data descriptor after a member.
  ///
  /// PyTorch writes none after empty ones.
  private static func skipDescriptor(
    _ cursor: inout ByteCursor, _ central: Header, _ name: String
  ) throws(CheckpointError) {
    let start = cursor.offset
    guard cursor.remaining >= 4 else { return }
    let first = try cursor.read(UInt32.self, "data descriptor")
    guard first == descriptorSignature else {
      try cursor.seek(to: start, "data descriptor")
      if central.size == 0 { return }
      throw CheckpointError(
        .corrupt, .zip, at: start, subject: name, "no data descriptor after its content, though the flags announce one")
    }
    let crc = try cursor.read(UInt32.self, "descriptor CRC-32")
    let isWide = central.size >= saturated32 || central.compressed >= saturated32 || central.offset >= saturated32
    let compressed =
      isWide ? try cursor.readCount("descriptor size") : Int(try cursor.read(UInt32.self, "descriptor size"))
    let size = isWide ? try cursor.readCount("descriptor size") : Int(try cursor.read(UInt32.self, "descriptor size"))
    guard crc == central.crc, compressed == central.compressed, size == central.size else {
      throw CheckpointError(
        .corrupt, .zip, at: start, subject: name,
        "its data descriptor says CRC-32 \(crc) and sizes \(compressed), \(size); the directory \(central.crc), \(central.compressed), \(central.size)"
      )
    }
  }

  private static func checkedName(_ header: Header) throws(CheckpointError) -> String {
    guard let name = header.name.withRawSpan({ $0.utf8String() }), !name.isEmpty else {
      throw CheckpointError(
        .malformed, .zip, at: header.place, "a member's name of \(header.name.count) bytes is not UTF-8 text")
    }
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !name.hasPrefix("/"), !parts.contains(".."), !name.utf8.contains(0), !name.contains("\\") else {
      throw CheckpointError(
        .malformed, .zip, at: header.place, subject: name, "a name may not be absolute nor contain .., backslash or NUL"
      )
    }
    return name
  }

  private static func checkOverlap(
    _ entries: [ZipEntry], _ spans: [Range<Int>], limit: Int
  ) throws(CheckpointError) {
    let order = spans.indices.sorted { spans[$0].lowerBound < spans[$1].lowerBound }
    var end = 0
    for index in order {
      let span = spans[index]
      guard span.lowerBound >= end, span.upperBound <= limit else {
        throw CheckpointError(
          .corrupt, .zip, at: span.lowerBound, subject: entries[index].name,
          "lies at \(span.lowerBound) to \(span.upperBound), overlapping what ends at \(end) or the directory at \(limit)"
        )
      }
      end = span.upperBound
    }
  }
}
