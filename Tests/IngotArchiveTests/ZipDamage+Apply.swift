// SPDX-License-Identifier: Apache-2.0

import IngotTestSupport

extension ZipDamage {
  static var valid: ZipBuilder {
    ZipBuilder([
      ZipBuilder.Member("root/info", Array("hello".utf8)), ZipBuilder.Member("root/data", (0..<100).map { UInt8($0) }),
    ])
  }

  func apply(to zip: inout ZipBuilder) {
    switch self {
    case .wrongCRC: zip.members[1].crc ^= 1
    case .localNameDiffers: zip.members[1].local.name = Array("root/datb".utf8)
    case .localSizeDiffers: zip.members[1].local.size = 7
    case .localCompressedDiffers: zip.members[1].local.compressed = 7
    case .localCRCDiffers: zip.members[1].local.crc = 7
    case .localFlagsDiffer: zip.members[1].local.flags = 0x800
    case .localMethodDiffers: zip.members[1].local.method = 8
    case .sizeDiffersFromStored: zip.members[1].size += 1
    case .contentPastEnd: (zip.members[1].size, zip.members[1].compressed) = (9999, 9999)
    case .encrypted: zip.members[1].flags = 1
    case .patched: zip.members[1].flags = 0x20
    case .stronglyEncrypted: zip.members[1].flags = 0x41
    case .maskedHeaders: zip.members[1].flags = 0x2000
    case .unknownMethod: zip.members[1].method = 12
    case .zstandard: zip.members[1].method = 93
    case .absoluteName: zip.members[1].name = Array("/data".utf8)
    case .parentName: zip.members[1].name = Array("root/../data".utf8)
    case .parentNameBehindMark: zip.members[1].name = Array("../\u{301}data".utf8)
    case .backslashName: zip.members[1].name = Array("root\\data".utf8)
    case .nulName: zip.members[1].name = Array("root/d\0ta".utf8)
    case .emptyName: zip.members[1].name = []
    case .notUnicodeName: zip.members[1].name = [0xff, 0xfe]
    case .duplicateName: zip.members[1].name = zip.members[0].name
    case .overlapping:
      // The first member's content is itself a local header with content, and the directory points into it.
      let inner = ZipBuilder([zip.members[1]]).bytes()
      zip.members[0] = ZipBuilder.Member("root/info", Array(inner.prefix(30 + 9 + 100)))
      zip.members[1].offsetShift = -zip.members[0].content.count
    case .sameMemberTwice: zip.members[1].offsetShift = -44
    case .insideDirectory:
      // The directory's comment holds the local header.
      let ghost = ZipBuilder.Member("root/data", [])
      zip.members[1] = ghost
      zip.members[1].comment = Array(ZipBuilder([ghost]).bytes().prefix(39))
      zip.members[1].isWritten = false
      zip.members[1].offsetShift = 110
    case .headerElsewhere: zip.members[1].offsetShift = 1
    case .headerPastEnd: zip.members[1].offsetShift = 1_000_000
    case .prependedJunk: zip.junk = [1, 2, 3]
    case .prependedMember: zip.junk = le(0x0403_4b50 as UInt32) + [UInt8](repeating: 0, count: 10)
    case .severalDisks: zip.disk = 1
    case .tooManyEntries: zip.countShift = 1
    case .tooFewEntries: zip.countShift = -1
    case .directoryTooLong: zip.sizeShift = 1
    case .secondEndRecord:
      // A comment that is itself an end record, so that two readers could disagree.
      zip.comment = le(0x0605_4b50 as UInt32) + [UInt8](repeating: 0, count: 18)
    case .missingDescriptor: zip.members[1].flags = 8
    case .wrongDescriptor: zip.members[1].deferred(sizes: le(100 as UInt32) + le(99 as UInt32))
    case .wrongDescriptorCRC:
      zip.members[1].deferred(sizes: le(100 as UInt32) + le(100 as UInt32))
      zip.members[1].descriptor.replaceSubrange(4..<8, with: le(7 as UInt32))
    case .extraPastEnd: zip.members[1].extra = [1, 0, 200, 0]
    case .localExtraPastEnd: zip.members[1].local.extra = [1, 0, 200, 0]
    case .wideExtraTooShort:
      zip.members[1].size = .max
      zip.members[1].extra = [1, 0, 4, 0, 100, 0, 0, 0]
    case .wideExtraMissing: zip.members[1].size = .max
    case .twoWideExtras:
      zip.members[1].size = .max
      zip.members[1].extra = [1, 0, 8, 0] + le(100 as UInt64) + [1, 0, 8, 0] + le(99 as UInt64)
    case .wideSizeOverflows:
      zip.members[1].size = .max
      zip.members[1].extra = [1, 0, 8, 0] + le(1 << 63 as UInt64)
    case .deflatedTooLong: deflate(&zip, size: 257)
    case .deflatedTooShort: deflate(&zip, size: 300)
    case .deflatedNonsense: zip.members[1].method = 8
    case .deflatedFollowed:
      deflate(&zip, size: 259)
      zip.members[1].content.append(0)
      zip.members[1].compressed += 1
    case .deflatedImpossible: deflate(&zip, size: 4 * 1032 + 1)
    case .deflateBomb:
      zip.members[1] = ZipBuilder.Member("root/data", [UInt8](repeating: 0, count: 3_000_000))
      zip.members[1].method = 8
      zip.members[1].size = 1_500_000_000
    default: applyWide(to: &zip)
    }
  }

  private func applyWide(to zip: inout ZipBuilder) {
    var wide = ZipBuilder.Wide()
    switch self {
    case .wideCountDiffers: wide.countShift = 1
    case .wideSizeDiffers: wide.sizeShift = 1
    case .wideOffsetDiffers: wide.offsetShift = 1
    case .wideCountOverflows: wide.countShift = 1 << 63
    case .wideRecordTooShort: wide.length = 43
    case .wideRecordTooLong: wide.length = 45
    case .locatorOffFile: wide.locatorShift = 1_000_000
    case .locatorElsewhere: wide.locatorShift = 0 &- 1
    case .severalWideDisks: wide.disks = 2
    default: break
    }
    zip.wide = wide
  }

  /// Makes the second member a deflate stream of 259 zeros.
  private func deflate(_ zip: inout ZipBuilder, size: UInt32) {
    zip.members[1] = ZipBuilder.Member(
      "root/data", [UInt8](repeating: 0, count: 259), deflated: deflatedZeros(repeats: 1))
    zip.members[1].size = size
  }
}
