// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The fixed numbers of version 1: `Formats/ingot.md`, sections 1 to 4.
enum Layout {
  static let magic: [UInt8] = [0x89, 0x49, 0x4E, 0x47, 0x4F, 0x54, 0x0D, 0x0A]
  static let version = 1
  static let headerSize = 256
  static let sectionEntrySize = 64
  static let recordSize = 160
  static let maximumRank = 8
  static let sectionAlignment = 4096
  static let tensorAlignment = 64
  /// Bit 0 of the features that must be understood.
  static let groupsFeature: UInt64 = 1

  /// Offsets within the header.
  enum HeaderField {
    static let magic = 0
    static let version = 8
    static let headerSize = 12
    static let mustUnderstand = 16
    static let mayIgnore = 24
    static let fileSize = 32
    static let sectionTableOffset = 40
    static let sectionCount = 48
    static let recordTableOffset = 56
    static let recordCount = 64
    static let namesOffset = 72
    static let namesLength = 80
    static let payloadOffset = 88
    static let reserved = 96..<192
    static let indexDigest = 192
    static let rootDigest = 224
  }

  /// Offsets within a section table entry.
  enum SectionField {
    static let kind = 0
    static let flags = 4
    static let offset = 8
    static let length = 16
    static let reserved = 24
    static let digest = 32
  }

  /// Offsets within a tensor record.
  enum RecordField {
    static let nameOffset = 0
    static let nameLength = 8
    static let type = 12
    static let rank = 16
    static let encoding = 20
    static let axis = 24
    static let groupSize = 28
    static let extents = 32
    static let payloadOffset = 96
    static let payloadLength = 104
    static let scaleOffset = 112
    static let reserved = 120
    static let digest = 128
  }
}

extension [UInt8] {
  /// Overwrites bytes from `offset` on with a little-endian integer.
  mutating func store(_ value: some FixedWidthInteger, at offset: Int) {
    var rest = value.littleEndian
    for index in offset..<offset + MemoryLayout.size(ofValue: value) {
      self[index] = UInt8(truncatingIfNeeded: rest)
      rest >>= 8
    }
  }

  /// Overwrites bytes from `offset` on.
  mutating func store(_ digest: SHA256Digest, at offset: Int) {
    replaceSubrange(offset..<offset + SHA256Digest.byteCount, with: digest.bytes)
  }
}

extension RawSpan {
  /// The digest stored at `offset`.
  func digest(at offset: Int) -> SHA256Digest {
    guard let digest = SHA256Digest(bytes: extracting(offset..<offset + SHA256Digest.byteCount).copied()) else {
      preconditionFailure("the count is that of a digest")
    }
    return digest
  }
}
