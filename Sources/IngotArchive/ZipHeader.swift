// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// What both headers of a member say, local and central (APPNOTE 4.3.7 and 4.3.12).
struct ZipHeader {
  static let localSignature: UInt32 = 0x0403_4b50
  static let centralSignature: UInt32 = 0x0201_4b50
  static let saturated32 = Int(UInt32.max)
  static let saturated16 = Int(UInt16.max)
  static let centralSize = 46

  private(set) var flags: UInt16
  private(set) var method: UInt16
  private(set) var crc: UInt32
  private(set) var compressed: Int
  private(set) var size: Int
  /// Where the local header lies; 0 in a local header.
  private(set) var offset: Int
  private(set) var name: [UInt8]
  /// Where this header lies.
  private(set) var place: Int

  /// Reads the next header of the directory.
  @_lifetime(cursor: copy cursor)
  static func central(_ cursor: inout ByteCursor) throws(CheckpointError) -> ZipHeader {
    let place = cursor.offset
    let signature = try cursor.read(UInt32.self, "central header")
    guard signature == centralSignature else {
      throw CheckpointError(
        .malformed, .zip, at: place,
        "found signature \(String(signature, radix: 16)), expected a central header's, \(String(centralSignature, radix: 16))"
      )
    }
    _ = try cursor.read(UInt16.self, "version made by")
    var header = try ZipHeader(&cursor, place: place)
    let nameLength = Int(try cursor.read(UInt16.self, "name length"))
    let extraLength = Int(try cursor.read(UInt16.self, "extra length"))
    let commentLength = Int(try cursor.read(UInt16.self, "comment length"))
    let disk = Int(try cursor.read(UInt16.self, "disk"))
    _ = try cursor.take(6, "attributes")
    header.offset = Int(try cursor.read(UInt32.self, "header offset"))
    header.name = try cursor.take(nameLength, "name").copied()
    let extra = try cursor.take(extraLength, "extra field")
    _ = try cursor.take(commentLength, "comment")
    guard disk == 0 || disk == saturated16 else {
      throw CheckpointError(.unsupported, .zip, at: place, "a member on disk \(disk), expected 0")
    }
    try header.widen(extra, withOffset: true)
    return header
  }

  /// Reads the local header at the cursor, after its signature.
  @_lifetime(cursor: copy cursor)
  static func local(_ cursor: inout ByteCursor, place: Int) throws(CheckpointError) -> ZipHeader {
    var header = try ZipHeader(&cursor, place: place)
    let nameLength = Int(try cursor.read(UInt16.self, "name length"))
    let extraLength = Int(try cursor.read(UInt16.self, "extra length"))
    header.name = try cursor.take(nameLength, "name").copied()
    try header.widen(try cursor.take(extraLength, "extra field"), withOffset: false)
    return header
  }

  /// The fields that both kinds have, from the version needed on.
  @_lifetime(cursor: copy cursor)
  private init(_ cursor: inout ByteCursor, place: Int) throws(CheckpointError) {
    _ = try cursor.read(UInt16.self, "version")
    flags = try cursor.read(UInt16.self, "flags")
    method = try cursor.read(UInt16.self, "method")
    _ = try cursor.read(UInt32.self, "time")
    crc = try cursor.read(UInt32.self, "CRC-32")
    compressed = Int(try cursor.read(UInt32.self, "compressed size"))
    size = Int(try cursor.read(UInt32.self, "size"))
    offset = 0
    name = []
    self.place = place
  }

  /// Replaces saturated 32-bit fields by those of the zip64 extra field.
  private mutating func widen(_ extra: RawSpan, withOffset: Bool) throws(CheckpointError) {
    var fields = ByteCursor(extra, format: .zip, subject: "extra field", base: place)
    let needsSize = size == Self.saturated32
    let needsCompressed = compressed == Self.saturated32
    let needsOffset = withOffset && offset == Self.saturated32
    var count = 0
    // Up to three bytes of padding are in use by tools that align members.
    while fields.remaining >= 4 {
      let kind = try fields.read(UInt16.self, "extra kind")
      let length = Int(try fields.read(UInt16.self, "extra length"))
      let content = try fields.take(length, "extra field")
      guard kind == 1 else { continue }
      count += 1
      guard count == 1 else {
        throw CheckpointError(
          .malformed, .zip, at: place, subject: "extra field", "\(count) zip64 extra fields, expected one")
      }
      var wide = ByteCursor(content, format: .zip, subject: "zip64 extra field", base: place)
      if needsSize { size = try wide.readCount("size") }
      if needsCompressed { compressed = try wide.readCount("compressed size") }
      if needsOffset { offset = try wide.readCount("header offset") }
    }
    if needsSize || needsCompressed || needsOffset, count == 0 {
      throw CheckpointError(
        .corrupt, .zip, at: place, subject: "extra field",
        "32-bit fields are saturated and there are 0 zip64 extra fields, expected one")
    }
  }

  /// The member's name as text.
  ///
  /// - Throws: `malformed` for a name that is not plain text, or leaves the archive's folder.
  func checkedName() throws(CheckpointError) -> String {
    guard let text = name.withRawSpan({ $0.utf8String() }), !text.isEmpty else {
      throw CheckpointError(.malformed, .zip, at: place, "a member's name of \(name.count) bytes is not UTF-8 text")
    }
    // Bytes, not characters: a combining mark would hide a slash.
    let slash = UInt8(ascii: "/")
    let leavesFolder = name.split(separator: slash).contains { $0.elementsEqual("..".utf8) }
    guard name[0] != slash, !leavesFolder, !name.contains(0), !name.contains(UInt8(ascii: "\\")) else {
      throw CheckpointError(
        .malformed, .zip, at: place, subject: text, "a name may not be absolute nor contain .., backslash or NUL")
    }
    return text
  }
}
