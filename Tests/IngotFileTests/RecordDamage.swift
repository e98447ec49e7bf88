// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Damage to the records and names of a `Forgery`.
enum RecordDamage: String, CaseIterable {
  case nameElsewhere, nameTooLong, duplicateName, unsortedNames, invalidUTF8, splitCodePoint
  case typeZero, typeTooLarge, rankNine, unknownEncoding, perGroupEncoding, plainWithAxis, axisBeyondRank,
    scalarWithAxis, quantizedInteger, groupSize, reserved
  case extentAfterRank, hugeExtent, overflowingShape, overflowingBytes
  case lengthTooSmall, lengthTooLarge, lengthHuge, overlapping, hole, beyondFile, payloadBeforeRegion, scalesElsewhere,
    scalesOfPlain

  typealias Expected = (code: CheckpointError.Code, subject: String?, offset: Int)

  func apply(to forgery: inout Forgery) {
    switch self {
    case .nameElsewhere: forgery.set(UInt64(2), at: Forgery.record(1, 0))
    case .nameTooLong: forgery.set(UInt32.max, at: Forgery.record(1, 8))
    case .duplicateName: forgery.bytes[Forgery.names + 1] = 0x61
    case .unsortedNames: forgery.bytes[Forgery.names + 1] = 0x7A
    case .invalidUTF8: forgery.bytes[Forgery.names + 2] = 0xFF
    case .splitCodePoint:
      // Together valid: e with acute, in two names.
      forgery.bytes[Forgery.names + 1] = 0xC3
      forgery.bytes[Forgery.names + 2] = 0xA9
    case .typeZero: forgery.set(UInt32(0), at: Forgery.record(0, 12))
    case .typeTooLarge: forgery.set(UInt32(22), at: Forgery.record(2, 12))
    case .rankNine: forgery.set(UInt32(9), at: Forgery.record(0, 16))
    case .unknownEncoding: forgery.set(UInt32(77), at: Forgery.record(0, 20))
    case .perGroupEncoding: forgery.set(UInt32(2), at: Forgery.record(1, 20))
    case .plainWithAxis: forgery.set(UInt32(1), at: Forgery.record(0, 24))
    case .axisBeyondRank: forgery.set(UInt32(2), at: Forgery.record(1, 24))
    case .scalarWithAxis:
      forgery.set(UInt32(0), at: Forgery.record(1, 16))
      for axis in 0..<2 { forgery.set(UInt64(0), at: Forgery.record(1, 32 + axis * 8)) }
    case .quantizedInteger: forgery.set(UInt32(3), at: Forgery.record(1, 12))
    case .groupSize: forgery.set(UInt32(32), at: Forgery.record(1, 28))
    case .reserved: forgery.set(UInt64(1), at: Forgery.record(2, 120))
    case .extentAfterRank: forgery.set(UInt64(1), at: Forgery.record(2, 40))
    case .hugeExtent: forgery.set(UInt64(1) << 63, at: Forgery.record(2, 32))
    case .overflowingShape:
      forgery.set(UInt64(1) << 32, at: Forgery.record(0, 32))
      forgery.set(UInt64(1) << 31, at: Forgery.record(0, 40))
    case .overflowingBytes: forgery.set(UInt64(1) << 61, at: Forgery.record(0, 32))
    case .lengthTooSmall: forgery.set(UInt64(20), at: Forgery.record(0, 104))
    case .lengthTooLarge: forgery.set(UInt64(81), at: Forgery.record(1, 104))
    case .lengthHuge: forgery.set(UInt64.max, at: Forgery.record(1, 104))
    case .overlapping: forgery.set(UInt64(Forgery.payloadA), at: Forgery.record(1, 96))
    case .hole: forgery.set(UInt64(Forgery.payloadB + 64), at: Forgery.record(1, 96))
    case .beyondFile:
      forgery.set(UInt64(8), at: Forgery.record(2, 32))
      forgery.set(UInt64(8), at: Forgery.record(2, 104))
    case .payloadBeforeRegion: forgery.set(UInt64(0), at: Forgery.record(0, 96))
    case .scalesElsewhere: forgery.set(UInt64(20), at: Forgery.record(1, 112))
    case .scalesOfPlain: forgery.set(UInt64(64), at: Forgery.record(2, 112))
    }
  }

  var expected: Expected {
    switch self {
    case .nameElsewhere: (.malformed, nil, Forgery.record(1, 0))
    case .nameTooLong: (.truncated, nil, Forgery.record(1, 8))
    case .duplicateName: (.malformed, "a", Forgery.record(1, 0))
    case .unsortedNames: (.malformed, "c", Forgery.record(2, 0))
    case .invalidUTF8: (.malformed, nil, Forgery.names + 2)
    case .splitCodePoint: (.malformed, nil, Forgery.names + 1)
    case .typeZero: (.unsupported, "a", Forgery.record(0, 12))
    case .typeTooLarge: (.unsupported, "c", Forgery.record(2, 12))
    case .rankNine: (.unsupported, "a", Forgery.record(0, 16))
    case .unknownEncoding: (.unsupported, "a", Forgery.record(0, 20))
    case .perGroupEncoding: (.unsupported, "b", Forgery.record(1, 28))
    case .plainWithAxis: (.malformed, "a", Forgery.record(0, 24))
    case .axisBeyondRank, .scalarWithAxis: (.malformed, "b", Forgery.record(1, 24))
    case .quantizedInteger: (.malformed, "b", Forgery.record(1, 20))
    case .groupSize: (.malformed, "b", Forgery.record(1, 28))
    case .reserved: (.malformed, "c", Forgery.record(2, 120))
    case .extentAfterRank: (.malformed, "c", Forgery.record(2, 40))
    case .hugeExtent: (.overflow, "c", Forgery.record(2, 32))
    case .overflowingShape, .overflowingBytes: (.overflow, "a", Forgery.record(0, 32))
    case .lengthTooSmall: (.corrupt, "a", Forgery.record(0, 104))
    case .lengthTooLarge, .lengthHuge: (.corrupt, "b", Forgery.record(1, 104))
    case .overlapping, .hole: (.corrupt, "b", Forgery.record(1, 96))
    case .beyondFile: (.truncated, "c", Forgery.record(2, 104))
    case .payloadBeforeRegion: (.corrupt, "a", Forgery.record(0, 96))
    case .scalesElsewhere: (.malformed, "b", Forgery.record(1, 112))
    case .scalesOfPlain: (.malformed, "c", Forgery.record(2, 112))
    }
  }
}
