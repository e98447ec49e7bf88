// SPDX-License-Identifier: Apache-2.0

/// Builds zip archives, right ones and wrong ones.
public struct ZipBuilder {
  /// One member; both headers are written from it, unless a field says otherwise.
  public struct Member {
    /// The name in both headers.
    public var name: String
    /// The stored bytes.
    public var content: [UInt8]
    /// The name in the local header, where it differs.
    public var localName: String?
    /// The CRC-32 in both headers.
    public var crc: UInt32
    /// Flags in both headers.
    public var flags: UInt16 = 0
    /// Flags in the local header, where they differ.
    public var localFlags: UInt16?
    /// Compression method in both headers.
    public var method: UInt16 = 0
    /// Size of the content in both headers.
    public var size: UInt32
    /// Size in the local header, where it differs.
    public var localSize: UInt32?
    /// Added to the offset in the directory.
    public var offsetShift = 0

    /// A stored member.
    public init(_ name: String, _ content: [UInt8]) {
      self.name = name
      self.content = content
      crc = crc32(content)
      size = UInt32(content.count)
    }
  }

  /// The members in order.
  public var members: [Member]
  /// Added to the count of entries in the end record.
  public var countShift = 0
  /// Added to the size of the directory in the end record.
  public var sizeShift = 0
  /// The disk number in the end record.
  public var disk: UInt16 = 0
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
      let offset = UInt32(out.count + member.offsetShift)
      let local = Array((member.localName ?? member.name).utf8)
      out +=
        le(0x0403_4b50 as UInt32) + le(20 as UInt16) + le(member.localFlags ?? member.flags) + le(member.method)
        + le(0 as UInt32)
      out += le(member.crc) + le(UInt32(member.content.count)) + le(member.localSize ?? member.size)
      out += le(UInt16(local.count)) + le(0 as UInt16) + local + member.content
      let name = Array(member.name.utf8)
      directory +=
        le(0x0201_4b50 as UInt32) + le(20 as UInt16) + le(20 as UInt16) + le(member.flags) + le(member.method)
      directory +=
        le(0 as UInt32) + le(member.crc) + le(UInt32(member.content.count)) + le(member.size) + le(UInt16(name.count))
      directory += le(0 as UInt16) + le(0 as UInt16) + [UInt8](repeating: 0, count: 8) + le(offset) + name
    }
    let start = UInt32(out.count)
    out += directory
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
