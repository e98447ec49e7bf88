// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTestSupport

/// Ways to spoil a right archive of two stored members: `root/info`, 5 bytes at 0, and `root/data`, 100 bytes at 44; the directory of
/// 110 bytes is at 183.
enum ZipDamage: String, CaseIterable, Sendable {
  case wrongCRC, localNameDiffers, localSizeDiffers, localCompressedDiffers, localCRCDiffers, localFlagsDiffer
  case localMethodDiffers, sizeDiffersFromStored, contentPastEnd
  case encrypted, patched, stronglyEncrypted, maskedHeaders, unknownMethod, zstandard
  case absoluteName, parentName, parentNameBehindMark, backslashName, nulName, emptyName, notUnicodeName, duplicateName
  case overlapping, sameMemberTwice, insideDirectory, headerElsewhere, headerPastEnd, prependedJunk, prependedMember
  case severalDisks, tooManyEntries, tooFewEntries, directoryTooLong, secondEndRecord
  case missingDescriptor, wrongDescriptor, wrongDescriptorCRC
  case extraPastEnd, localExtraPastEnd, wideExtraTooShort, wideExtraMissing, twoWideExtras, wideSizeOverflows
  case wideCountDiffers, wideSizeDiffers, wideOffsetDiffers, wideCountOverflows, wideRecordTooShort, wideRecordTooLong
  case locatorOffFile, locatorElsewhere, severalWideDisks
  case deflatedTooLong, deflatedTooShort, deflatedNonsense, deflatedFollowed, deflatedImpossible, deflateBomb

  /// The code, and parts of the message: what was found, what was expected.
  var answer: (code: CheckpointError.Code, words: [String]) {
    switch self {
    case .wrongCRC: (.corrupt, ["root/data", "CRC-32 58c932f5", "58c932f4"])
    case .localNameDiffers: (.corrupt, ["root/data", "root/datb"])
    case .localSizeDiffers: (.corrupt, ["root/data", "size 7", "100"])
    case .localCompressedDiffers: (.corrupt, ["root/data", "compressed size 7", "100"])
    case .localCRCDiffers: (.corrupt, ["root/data", "CRC-32 7"])
    case .localFlagsDiffer: (.corrupt, ["root/data", "flags 2048", "directory 0"])
    case .localMethodDiffers: (.corrupt, ["root/data", "method 8", "directory 0 and 0"])
    case .sizeDiffersFromStored: (.corrupt, ["root/data", "100", "101"])
    case .contentPastEnd: (.truncated, ["root/data", "needs 9999", "left"])
    case .encrypted: (.unsupported, ["root/data", "flags 0x1", "encrypted"])
    case .patched: (.unsupported, ["root/data", "flags 0x20", "encrypted"])
    case .stronglyEncrypted: (.unsupported, ["root/data", "flags 0x41", "encrypted"])
    case .maskedHeaders: (.unsupported, ["root/data", "flags 0x2000", "encrypted"])
    case .unknownMethod: (.unsupported, ["root/data", "method 12", "0 (stored) and 8"])
    case .zstandard: (.unsupported, ["root/data", "method 93", "0 (stored) and 8"])
    case .absoluteName: (.malformed, ["/data", "absolute"])
    case .parentName: (.malformed, ["root/../data", ".."])
    case .parentNameBehindMark: (.malformed, [".."])
    case .backslashName: (.malformed, ["root\\data", "backslash"])
    case .nulName: (.malformed, ["NUL"])
    case .emptyName: (.malformed, ["0 bytes"])
    case .notUnicodeName: (.malformed, ["2 bytes", "UTF-8"])
    case .duplicateName: (.malformed, ["root/info", "two members"])
    case .overlapping: (.corrupt, ["root/data", "overlapping"])
    case .sameMemberTwice: (.corrupt, ["root/info", "root/data"])
    case .insideDirectory: (.corrupt, ["root/data", "154 to 193", "directory at 44"])
    case .headerElsewhere: (.corrupt, ["root/data", "signature 1404034b", "4034b50"])
    case .headerPastEnd: (.truncated, ["root/data", "byte 1000044", "there are 315"])
    case .prependedJunk: (.malformed, ["found signature 50030201", "expected 4034b50"])
    case .prependedMember: (.malformed, ["root/info", "lies at 14", "expected 0"])
    case .severalDisks: (.unsupported, ["disk 1", "expected one"])
    case .tooManyEntries: (.malformed, ["3 entries", "at most 2"])
    case .tooFewEntries: (.malformed, ["1 entries", "expected 293"])
    case .directoryTooLong: (.corrupt, ["111 bytes at 183", "end at 293"])
    case .secondEndRecord: (.malformed, ["two end records", "315", "expected one"])
    case .missingDescriptor: (.corrupt, ["root/data", "2014b50", "8074b50"])
    case .wrongDescriptor: (.corrupt, ["root/data", "sizes 100, 99", "100, 100"])
    case .wrongDescriptorCRC: (.corrupt, ["root/data", "CRC-32 7 "])
    case .extraPastEnd: (.truncated, ["extra field", "200 bytes", "0 left"])
    case .localExtraPastEnd: (.truncated, ["extra field", "200 bytes", "0 left"])
    case .wideExtraTooShort: (.truncated, ["zip64 extra field", "8 bytes", "4 left"])
    case .wideExtraMissing: (.corrupt, ["extra field", "0 zip64 extra fields", "expected one"])
    case .twoWideExtras: (.malformed, ["extra field", "2 zip64 extra fields", "expected one"])
    case .wideSizeOverflows: (.overflow, ["zip64 extra field", "9223372036854775808", "9223372036854775807"])
    case .wideCountDiffers: (.corrupt, ["entries is 2", "3 in the zip64"])
    case .wideSizeDiffers: (.corrupt, ["directory size is 110", "111 in the zip64"])
    case .wideOffsetDiffers: (.corrupt, ["directory offset is 183", "184 in the zip64"])
    case .wideCountOverflows: (.overflow, ["9223372036854775810", "9223372036854775807"])
    case .wideRecordTooShort: (.corrupt, ["zip64 end record", "of 43 bytes", "expected 44"])
    case .wideRecordTooLong: (.corrupt, ["zip64 end record", "of 45 bytes", "expected 44"])
    case .locatorOffFile: (.truncated, ["zip64 end record", "byte 1000293", "there are 391"])
    case .locatorElsewhere: (.corrupt, ["zip64 end record", "expected 6064b50"])
    case .severalWideDisks: (.unsupported, ["2 disks", "expected one"])
    case .deflatedTooLong: (.corrupt, ["root/data", "inflates to 258 bytes", "say 257"])
    case .deflatedTooShort: (.corrupt, ["root/data", "inflates to 259 bytes", "say 300"])
    case .deflatedNonsense: (.corrupt, ["root/data", "no bytes", "say 100"])
    case .deflatedFollowed: (.corrupt, ["root/data", "after 4 of 5 bytes"])
    case .deflatedImpossible: (.corrupt, ["root/data", "4 deflated bytes", "4129"])
    case .deflateBomb: (.limit, ["root/data", "3000000 deflated bytes", "1500000000", "200 times"])
    }
  }
}
