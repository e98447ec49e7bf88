// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Damage to the header, digests made to fit where the damage is not to them.
enum HeaderDamage: String, CaseIterable {
  case empty, cut, magic, version, headerSize, rootDigest, indexDigest, unknownFeature, reserved
  case sectionTableElsewhere, recordTableElsewhere, namesElsewhere
  case hugeSectionCount, hugeRecordCount, overflowingRecordCount, recordsBeyondFile, hugeNamesLength, namesBeyondFile
  case fileSizeTooSmall, fileSizeTooLarge, trailingByte, trailingByteCounted, payloadElsewhere, payloadBeyondFile
  case namesLongerThanTheirSum

  func apply(to forgery: inout Forgery) {
    switch self {
    case .empty: forgery.bytes = []
    case .cut: forgery.bytes.removeSubrange(255...)
    case .magic: forgery.bytes[5] = 0x53
    case .version: forgery.set(UInt32(2), at: 8)
    case .headerSize: forgery.set(UInt32(512), at: 12)
    case .rootDigest: forgery.bytes[250] ^= 1
    case .indexDigest:
      forgery.bytes[Forgery.names] ^= 1
    case .unknownFeature: reseal(&forgery) { $0.set(UInt64(4), at: 16) }
    case .reserved: reseal(&forgery) { $0.bytes[191] = 1 }
    case .sectionTableElsewhere: reseal(&forgery) { $0.set(UInt64(257), at: 40) }
    case .recordTableElsewhere: reseal(&forgery) { $0.set(UInt64(256), at: 56) }
    case .namesElsewhere: reseal(&forgery) { $0.set($0.get(72) - 1, at: 72) }
    case .hugeSectionCount: reseal(&forgery) { $0.set(UInt64(1) << 63, at: 48) }
    case .hugeRecordCount: reseal(&forgery) { $0.set(UInt64.max, at: 64) }
    case .overflowingRecordCount: reseal(&forgery) { $0.set(UInt64(1) << 57, at: 64) }
    case .recordsBeyondFile:
      reseal(&forgery) {
        $0.set(UInt64(1) << 40, at: 64)
        $0.set(UInt64(Forgery.records) + (UInt64(160) << 40), at: 72)
      }
    case .hugeNamesLength: reseal(&forgery) { $0.set(UInt64(Int64.max), at: 80) }
    case .namesBeyondFile: reseal(&forgery) { $0.set(UInt64(Forgery.fileSize), at: 80) }
    case .fileSizeTooSmall: reseal(&forgery) { $0.set(UInt64(Forgery.fileSize - 1), at: 32) }
    case .fileSizeTooLarge: reseal(&forgery) { $0.set(UInt64(Forgery.fileSize + 1), at: 32) }
    case .trailingByte: forgery.bytes.append(0)
    case .trailingByteCounted:
      forgery.bytes.append(0)
      reseal(&forgery) { $0.set(UInt64(Forgery.fileSize + 1), at: 32) }
    case .payloadElsewhere: reseal(&forgery) { $0.set(UInt64(Forgery.payloads - 4096), at: 88) }
    case .payloadBeyondFile: reseal(&forgery) { $0.set(UInt64(1) << 62, at: 88) }
    case .namesLongerThanTheirSum: reseal(&forgery) { $0.set(UInt64(4), at: 80) }
    }
  }

  private func reseal(_ forgery: inout Forgery, _ change: (inout Forgery) -> Void) {
    change(&forgery)
    forgery.reseal()
  }

  var code: CheckpointError.Code {
    switch self {
    case .empty, .cut, .fileSizeTooLarge, .recordsBeyondFile, .namesBeyondFile: .truncated
    case .magic, .headerSize, .reserved, .sectionTableElsewhere, .recordTableElsewhere, .namesElsewhere: .malformed
    case .version, .unknownFeature: .unsupported
    case .hugeSectionCount, .hugeRecordCount, .overflowingRecordCount, .hugeNamesLength: .overflow
    case .rootDigest, .indexDigest, .fileSizeTooSmall, .trailingByte, .trailingByteCounted, .payloadElsewhere,
      .payloadBeyondFile, .namesLongerThanTheirSum:
      .corrupt
    }
  }

  var offset: Int {
    switch self {
    case .empty: 0
    case .cut: 255
    case .magic: 0
    case .version: 8
    case .headerSize: 12
    case .unknownFeature: 16
    case .fileSizeTooSmall, .fileSizeTooLarge, .trailingByte, .trailingByteCounted: 32
    case .sectionTableElsewhere: 40
    case .hugeSectionCount, .overflowingRecordCount, .hugeNamesLength: 48
    case .recordTableElsewhere: 56
    case .hugeRecordCount: 64
    case .namesElsewhere: 72
    case .recordsBeyondFile, .namesBeyondFile, .namesLongerThanTheirSum: 80
    case .payloadElsewhere, .payloadBeyondFile: 88
    case .reserved: 191
    case .indexDigest: 192
    case .rootDigest: 224
    }
  }
}

/// Damage to the section table.
enum SectionDamage: String, CaseIterable {
  case unknownKind, unprintableKind, unsorted, twice, unknownFlag, reserved, elsewhere, overlapping, hugeLength,
    overflowingEnd, beyondFile

  typealias Expected = (code: CheckpointError.Code, subject: String, offset: Int)

  func apply(to forgery: inout Forgery) {
    switch self {
    case .unknownKind: forgery.set(UInt32(0), at: Forgery.section(1, 4))
    case .unprintableKind: forgery.bytes[Forgery.section(1, 1)] = 0x07
    case .unsorted: forgery.bytes[Forgery.section(1, 0)] = 0x20
    case .twice:
      for index in 0..<4 { forgery.bytes[Forgery.section(1, index)] = forgery.bytes[Forgery.section(0, index)] }
    case .unknownFlag: forgery.set(UInt32(3), at: Forgery.section(1, 4))
    case .reserved: forgery.set(UInt64(1), at: Forgery.section(0, 24))
    case .elsewhere: forgery.set(UInt64(Forgery.extra + 4096), at: Forgery.section(1, 8))
    case .overlapping: forgery.set(UInt64(Forgery.architecture), at: Forgery.section(1, 8))
    case .hugeLength: forgery.set(UInt64(1) << 63, at: Forgery.section(0, 16))
    case .overflowingEnd: forgery.set(UInt64(Int64.max), at: Forgery.section(0, 16))
    case .beyondFile: forgery.set(UInt64(Forgery.fileSize), at: Forgery.section(1, 16))
    }
  }

  var expected: Expected {
    switch self {
    case .unknownKind: (.unsupported, "section XTRA", Forgery.section(1, 0))
    case .unprintableKind: (.malformed, "section 0x58075241", Forgery.section(1, 0))
    case .unsorted: (.malformed, "section  TRA", Forgery.section(1, 0))
    case .twice: (.malformed, "section ARCH", Forgery.section(1, 0))
    case .unknownFlag: (.unsupported, "section XTRA", Forgery.section(1, 4))
    case .reserved: (.malformed, "section ARCH", Forgery.section(0, 24))
    case .elsewhere, .overlapping: (.corrupt, "section XTRA", Forgery.section(1, 8))
    case .hugeLength, .overflowingEnd: (.overflow, "section ARCH", Forgery.section(0, 16))
    case .beyondFile: (.truncated, "section XTRA", Forgery.section(1, 16))
    }
  }
}

/// Damage to content, its digest made to fit where the damage is to values.
enum PayloadDamage: String, CaseIterable {
  case paddingAfterNames, section, paddingBetweenSections, paddingBeforePayloads, tensor, scales, paddingBetweenTensors
  case minus128, paddingBeforeScales, scaleZero, scaleNegative, scaleInfinite, scaleNaN, negativeZero

  func apply(to forgery: inout Forgery) {
    if !isValueDamage {
      forgery.bytes[offsetOfDamage] ^= 0x10
      return
    }
    switch self {
    case .minus128: forgery.bytes[offset] = 0x80
    case .paddingBeforeScales: forgery.bytes[offset] = 1
    case .scaleNegative: forgery.set((-1 as Float).bitPattern, at: offset)
    case .scaleInfinite: forgery.set(Float.infinity.bitPattern, at: offset)
    case .scaleNaN: forgery.set(Float.nan.bitPattern, at: offset)
    case .negativeZero: forgery.set((-0.0 as Float).bitPattern, at: offset)
    default: forgery.set(UInt32(0), at: offset)
    }
    forgery.resealPayload(1)
  }

  private var isValueDamage: Bool {
    switch self {
    case .paddingAfterNames, .section, .paddingBetweenSections, .paddingBeforePayloads, .tensor, .scales,
      .paddingBetweenTensors:
      false
    case .minus128, .paddingBeforeScales, .scaleZero, .scaleNegative, .scaleInfinite, .scaleNaN, .negativeZero: true
    }
  }

  private var offsetOfDamage: Int {
    switch self {
    case .section: offset + 3
    case .tensor: offset + 6
    case .scales: Forgery.scalesB + 2
    default: offset
    }
  }

  var code: CheckpointError.Code { isValueDamage ? .malformed : .corrupt }

  var subject: String {
    switch self {
    case .paddingAfterNames: "padding before section ARCH"
    case .section: "section XTRA"
    case .paddingBetweenSections: "padding before section XTRA"
    case .paddingBeforePayloads: "padding before the payload region"
    case .tensor: "c"
    case .paddingBetweenTensors: "padding before `c`"
    default: "b"
    }
  }

  var offset: Int {
    switch self {
    case .paddingAfterNames: Forgery.indexEnd
    case .section: Forgery.extra
    case .paddingBetweenSections: Forgery.architecture + 2
    case .paddingBeforePayloads: Forgery.payloads - 1
    case .tensor: Forgery.payloadC
    case .scales: Forgery.payloadB
    case .paddingBetweenTensors: Forgery.payloadC - 1
    case .minus128: Forgery.payloadB + 19
    case .paddingBeforeScales: Forgery.payloadB + 20
    case .scaleZero: Forgery.scalesB
    case .scaleNegative, .scaleInfinite, .scaleNaN, .negativeZero: Forgery.scalesB + 12
    }
  }
}
