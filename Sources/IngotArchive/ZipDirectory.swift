// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Parses the central directory, then every local header and data descriptor, and checks that all of them agree.
///
/// Names of fields and signatures are those of PKWARE's APPNOTE 6.3.10.
enum ZipDirectory {
  private static let descriptorSignature: UInt32 = 0x0807_4b50
  /// General purpose flags: encryption, patch data, strong encryption, masked headers.
  private static let refusedFlags: UInt16 = 0x2061
  private static let descriptorFlag: UInt16 = 0x0008

  /// Reads all headers.
  ///
  /// - Parameters:
  ///   - bytes: the archive.
  ///   - passed: hears of each member's place when its headers have been read.
  /// - Returns: the members, in the directory's order.
  /// - Throws: `CheckpointError` naming the place and both values of what disagrees.
  static func entries(
    of bytes: RawSpan, passed: (Range<Int>) -> Void = { _ in }
  ) throws(CheckpointError) -> [ZipEntry] {
    var cursor = ByteCursor(bytes, format: .zip)
    guard bytes.byteCount >= ZipEnd.size else {
      throw cursor.error(.truncated, "an archive has at least \(ZipEnd.size) bytes, found \(bytes.byteCount)")
    }
    let first = try cursor.read(UInt32.self, "signature")
    guard first == ZipHeader.localSignature else {
      throw CheckpointError(
        .malformed, .zip, at: 0,
        first == ZipEnd.signature
          ? "the archive is empty"
          : "found signature \(String(first, radix: 16)), expected \(String(ZipHeader.localSignature, radix: 16))")
    }
    let end = try ZipEnd.read(bytes)
    // The count cannot make us allocate more than the file has.
    let most = end.directorySize / ZipHeader.centralSize
    guard end.count <= most else {
      throw CheckpointError(
        .malformed, .zip, at: end.directoryOffset,
        "\(end.count) entries announced, the directory's \(end.directorySize) bytes hold at most \(most)")
    }
    try cursor.seek(to: end.directoryOffset, "central directory")
    var entries: [ZipEntry] = []
    var spans: [Range<Int>] = []
    for index in 0..<end.count {
      let central = try ZipHeader.central(&cursor)
      let (entry, span) = try member(bytes, central, index: index)
      entries.append(entry)
      spans.append(span)
      passed(span)
    }
    guard cursor.offset == end.limit else {
      throw cursor.error(.malformed, "the directory's \(end.count) entries end here, expected \(end.limit)")
    }
    try checkOverlap(entries, spans, limit: end.directoryOffset)
    return entries
  }

  /// Reads what the directory points to, and where it lies with its header and descriptor.
  private static func member(
    _ bytes: RawSpan, _ central: ZipHeader, index: Int
  ) throws(CheckpointError) -> (ZipEntry, Range<Int>) {
    let name = try central.checkedName()
    func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
      CheckpointError(code, .zip, at: central.offset, subject: name, detail)
    }
    guard central.flags & refusedFlags == 0 else {
      throw fault(
        .unsupported,
        "flags 0x\(String(central.flags, radix: 16)) say that it is encrypted or patched, expected none of 0x2061")
    }
    guard let method = ZipEntry.Method(rawValue: central.method) else {
      throw fault(.unsupported, "compression method \(central.method); supported are 0 (stored) and 8 (deflated)")
    }
    var cursor = ByteCursor(bytes, format: .zip, subject: name)
    try cursor.seek(to: central.offset, "local header")
    let signature = try cursor.read(UInt32.self, "local header")
    guard signature == ZipHeader.localSignature else {
      throw fault(
        .corrupt,
        "found signature \(String(signature, radix: 16)) where its local header should be, expected \(String(ZipHeader.localSignature, radix: 16))"
      )
    }
    let local = try ZipHeader.local(&cursor, place: central.offset)
    guard local.name == central.name else {
      throw fault(.corrupt, "the local header calls it \(String(decoding: local.name.prefix(200), as: UTF8.self))")
    }
    guard local.flags == central.flags, local.method == central.method else {
      throw fault(
        .corrupt,
        "local header has flags \(local.flags) and method \(local.method), the directory \(central.flags) and \(central.method)"
      )
    }
    let isDeferred = local.flags & descriptorFlag != 0
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
  /// PyTorch writes none after empty ones. Its sizes have 32 bits or 64: writers differ on when, so both are tried.
  @_lifetime(cursor: copy cursor)
  private static func skipDescriptor(
    _ cursor: inout ByteCursor, _ central: ZipHeader, _ name: String
  ) throws(CheckpointError) {
    let start = cursor.offset
    let signature = try cursor.read(UInt32.self, "data descriptor")
    guard signature == descriptorSignature else {
      try cursor.seek(to: start, "data descriptor")
      if central.size == 0 { return }
      throw CheckpointError(
        .corrupt, .zip, at: start, subject: name,
        "found \(String(signature, radix: 16)) after its content, expected a data descriptor, \(String(descriptorSignature, radix: 16))"
      )
    }
    let crc = try cursor.read(UInt32.self, "descriptor CRC-32")
    let sizes = cursor.offset
    let compressed = Int(try cursor.read(UInt32.self, "descriptor size"))
    let size = Int(try cursor.read(UInt32.self, "descriptor size"))
    if crc == central.crc, compressed == central.compressed, size == central.size { return }
    try cursor.seek(to: sizes, "data descriptor")
    if crc == central.crc, cursor.remaining >= 16,
      try cursor.read(UInt64.self, "descriptor size") == UInt64(central.compressed),
      try cursor.read(UInt64.self, "descriptor size") == UInt64(central.size)
    {
      return
    }
    throw CheckpointError(
      .corrupt, .zip, at: start, subject: name,
      "its data descriptor says CRC-32 \(crc) and sizes \(compressed), \(size); the directory \(central.crc), \(central.compressed), \(central.size)"
    )
  }

  private static func checkOverlap(
    _ entries: [ZipEntry], _ spans: [Range<Int>], limit: Int
  ) throws(CheckpointError) {
    let order = spans.indices.sorted { spans[$0].lowerBound < spans[$1].lowerBound }
    if let first = order.first, spans[first].lowerBound != 0 {
      throw CheckpointError(
        .malformed, .zip, at: spans[first].lowerBound, subject: entries[first].name,
        "the first member lies at \(spans[first].lowerBound), expected 0: something stands before the archive")
    }
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
