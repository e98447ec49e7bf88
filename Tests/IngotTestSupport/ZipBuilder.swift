// SPDX-License-Identifier: Apache-2.0

/// Builds zip archives, right ones and wrong ones.
public struct ZipBuilder {
  /// One member; both headers are written from it, unless a field says otherwise.
  public struct Member {
    /// The name in both headers.
    public var name: [UInt8]
    /// The stored bytes.
    public var content: [UInt8]
    /// The CRC-32 in both headers.
    public var crc: UInt32
    /// Flags in both headers.
    public var flags: UInt16 = 0
    /// Compression method in both headers.
    public var method: UInt16 = 0
    /// Size of the content in both headers.
    public var size: UInt32
    /// Size of the stored bytes in both headers.
    public var compressed: UInt32
    /// What the local header says, where it differs.
    public var local = Local()
    /// Extra fields in the directory.
    public var extra: [UInt8] = []
    /// The comment in the directory.
    public var comment: [UInt8] = []
    /// What follows the content.
    public var descriptor: [UInt8] = []
    /// Added to the offset in the directory.
    public var offsetShift = 0
    /// Whether header and content are written at all.
    public var isWritten = true

    /// What a local header says, where it differs from the directory.
    public struct Local {
      /// The name.
      public var name: [UInt8]?
      /// The CRC-32.
      public var crc: UInt32?
      /// The flags.
      public var flags: UInt16?
      /// The compression method.
      public var method: UInt16?
      /// The size of the content.
      public var size: UInt32?
      /// The size of the stored bytes.
      public var compressed: UInt32?
      /// Extra fields.
      public var extra: [UInt8] = []
    }

    /// A stored member.
    public init(_ name: String, _ content: [UInt8]) {
      self.name = Array(name.utf8)
      self.content = content
      crc = crc32(content)
      size = UInt32(content.count)
      compressed = size
    }

    /// A deflated member.
    public init(_ name: String, _ content: [UInt8], deflated: [UInt8]) {
      self.init(name, content)
      self.content = deflated
      compressed = UInt32(deflated.count)
      method = 8
    }

    /// Moves CRC-32 and sizes from the local header to a descriptor after the content.
    public mutating func deferred(sizes: [UInt8]) {
      flags |= 8
      (local.crc, local.size, local.compressed) = (0, 0, 0)
      descriptor = le(0x0807_4b50 as UInt32) + le(crc) + sizes
    }

    fileprivate var localHeader: [UInt8] {
      let name = local.name ?? name
      return le(0x0403_4b50 as UInt32) + le(20 as UInt16) + le(local.flags ?? flags) + le(local.method ?? method)
        + le(0 as UInt32) + le(local.crc ?? crc) + le(local.compressed ?? compressed) + le(local.size ?? size)
        + le(UInt16(name.count)) + le(UInt16(local.extra.count)) + name + local.extra
    }

    fileprivate func centralHeader(at offset: UInt32) -> [UInt8] {
      le(0x0201_4b50 as UInt32) + le(20 as UInt16) + le(20 as UInt16) + le(flags) + le(method) + le(0 as UInt32)
        + le(crc) + le(compressed) + le(size) + le(UInt16(name.count)) + le(UInt16(extra.count))
        + le(UInt16(comment.count)) + [UInt8](repeating: 0, count: 8) + le(offset) + name + extra + comment
    }
  }

  /// A zip64 end record and its locator.
  public struct Wide {
    /// Added to the count of entries.
    public var countShift: UInt64 = 0
    /// Added to the size of the directory.
    public var sizeShift: UInt64 = 0
    /// Added to the offset of the directory.
    public var offsetShift: UInt64 = 0
    /// The record's length.
    public var length: UInt64 = 44
    /// Added to the record's place in the locator.
    public var locatorShift: UInt64 = 0
    /// The number of disks in the locator.
    public var disks: UInt32 = 1

    /// A right one.
    public init() {}
  }

  /// The members in order.
  public var members: [Member]
  /// Added to the count of entries in the end record.
  public var countShift = 0
  /// Added to the size of the directory in the end record.
  public var sizeShift = 0
  /// The disk number in the end record.
  public var disk: UInt16 = 0
  /// The zip64 records, if any.
  public var wide: Wide?
  /// The comment at the end.
  public var comment: [UInt8] = []
  /// Bytes before the archive.
  public var junk: [UInt8] = []

  /// An archive of stored members.
  public init(_ members: [Member]) {
    self.members = members
  }

  /// The archive's bytes.
  public func bytes() -> [UInt8] {
    var out = junk
    var directory: [UInt8] = []
    for member in members {
      directory += member.centralHeader(at: UInt32(out.count + member.offsetShift))
      if member.isWritten { out += member.localHeader + member.content + member.descriptor }
    }
    let start = UInt32(out.count)
    out += directory
    if let wide {
      let place = UInt64(out.count)
      let count = UInt64(members.count) &+ wide.countShift
      out += le(0x0606_4b50 as UInt32) + le(wide.length) + le(45 as UInt16) + le(45 as UInt16) + le(0 as UInt64)
      out += le(count) + le(count) + le(UInt64(directory.count) &+ wide.sizeShift)
      out += le(UInt64(start) &+ wide.offsetShift)
      out += le(0x0706_4b50 as UInt32) + le(0 as UInt32) + le(place &+ wide.locatorShift) + le(wide.disks)
    }
    let count = UInt16(members.count + countShift)
    out += le(0x0605_4b50 as UInt32) + le(disk) + le(disk) + le(count) + le(count)
    out += le(UInt32(directory.count + sizeShift)) + le(start) + le(UInt16(comment.count)) + comment
    return out
  }
}

/// The bytes of an integer, lowest first.
public func le<T: FixedWidthInteger>(_ value: T) -> [UInt8] {
  (0..<T.bitWidth / 8).map { UInt8(truncatingIfNeeded: value >> T($0 * 8)) }
}

/// CRC-32 as zip has it, bit by bit.
public func crc32(_ bytes: [UInt8]) -> UInt32 {
  var crc = UInt32.max
  for byte in bytes {
    crc ^= UInt32(byte)
    for _ in 0..<8 { crc = crc >> 1 ^ (crc & 1 == 1 ? 0xedb8_8320 : 0) }
  }
  return ~crc
}

/// A deflate stream of one zero and then `repeats` times 258 more, in 13 bits each.
public func deflatedZeros(repeats: Int) -> [UInt8] {
  // Huffman codes stand highest bit first: the block's head, literal 0, length 258 with distance 1, the end.
  var bits = [true, true, false] + [false, false, true, true, false, false, false, false]
  for _ in 0..<repeats {
    bits += [true, true, false, false, false, true, false, true] + [Bool](repeating: false, count: 5)
  }
  bits += [Bool](repeating: false, count: 7)
  return stride(from: 0, to: bits.count, by: 8).map { start in
    bits[start..<min(start + 8, bits.count)].enumerated().reduce(0) { $0 | ($1.element ? 1 << UInt8($1.offset) : 0) }
  }
}
