// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes
import IngotTestSupport
import Testing

@Suite struct ZipDamageTests {
  /// A right archive of two members, and ways to spoil it.
  enum Damage: String, CaseIterable, Sendable {
    case wrongCRC, localNameDiffers, localSizeDiffers, localFlagsDiffer, sizeDiffersFromStored, encrypted, patched,
      unknownMethod
    case absoluteName, parentName, backslashName, emptyName, duplicateName, overlapping, headerElsewhere, prependedJunk
    case severalDisks, tooManyEntries, tooFewEntries, directoryTooLong, secondEndRecord, missingDescriptor

    var code: CheckpointError.Code {
      switch self {
      case .wrongCRC, .localNameDiffers, .localSizeDiffers, .localFlagsDiffer, .sizeDiffersFromStored, .overlapping,
        .headerElsewhere,
        .directoryTooLong, .missingDescriptor:
        .corrupt
      case .encrypted, .patched, .unknownMethod, .severalDisks: .unsupported
      case .absoluteName, .parentName, .backslashName, .emptyName, .duplicateName, .prependedJunk, .tooManyEntries,
        .tooFewEntries,
        .secondEndRecord:
        .malformed
      }
    }

    func apply(_ zip: inout ZipBuilder) {
      switch self {
      case .wrongCRC: zip.members[1].crc ^= 1
      case .localNameDiffers: zip.members[1].localName = "root/datb"
      case .localSizeDiffers: zip.members[1].localSize = 7
      case .localFlagsDiffer: zip.members[1].localFlags = 0x800
      case .sizeDiffersFromStored: zip.members[1].size += 1
      case .encrypted: zip.members[1].flags = 1
      case .patched: zip.members[1].flags = 0x20
      case .unknownMethod: zip.members[1].method = 12
      case .absoluteName: zip.members[1].name = "/data"
      case .parentName: zip.members[1].name = "root/../data"
      case .backslashName: zip.members[1].name = "root\\data"
      case .emptyName: zip.members[1].name = ""
      case .duplicateName: zip.members[1].name = zip.members[0].name
      case .overlapping: zip.members[1].offsetShift = -(30 + "root/data".utf8.count + zip.members[0].content.count + 1)
      case .headerElsewhere: zip.members[1].offsetShift = 1
      case .prependedJunk: zip.junk = [1, 2, 3]
      case .severalDisks: zip.disk = 1
      case .tooManyEntries: zip.countShift = 1
      case .tooFewEntries: zip.countShift = -1
      case .directoryTooLong: zip.sizeShift = 1
      case .secondEndRecord:
        // A comment that is itself an end record, so that two readers could disagree.
        zip.comment = le(0x0605_4b50 as UInt32) + [UInt8](repeating: 0, count: 18)
      case .missingDescriptor:
        zip.members[1].flags = 8
      }
    }
  }

  private static var valid: ZipBuilder {
    ZipBuilder([
      ZipBuilder.Member("root/info", Array("hello".utf8)), ZipBuilder.Member("root/data", (0..<100).map { UInt8($0) }),
    ])
  }

  private func readAll(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
    let folder = try TemporaryFolder()
    let archive = try ZipArchive(MappedFile(path: folder.write(bytes, to: "a.zip")))
    var contents: [String: [UInt8]] = [:]
    for entry in archive.entries { contents[entry.name] = try archive.withBytes(of: entry) { $0.copied() } }
    return contents
  }

  @Test func `the right archive is read`() throws {
    let contents = try readAll(Self.valid.bytes())
    #expect(contents["root/info"] == Array("hello".utf8))
    #expect(contents["root/data"]?.count == 100)
  }

  @Test(arguments: Damage.allCases)
  func `a damaged archive is refused with a place`(_ damage: Damage) throws {
    var zip = Self.valid
    damage.apply(&zip)
    let error = #expect(throws: CheckpointError.self) { _ = try readAll(zip.bytes()) }
    #expect(error?.code == damage.code, "\(String(describing: error))")
    #expect(error?.offset != nil, "\(String(describing: error))")
  }

  @Test func `every truncation is refused`() throws {
    let bytes = Self.valid.bytes()
    for length in 0..<bytes.count {
      #expect(throws: CheckpointError.self, "cut to \(length)") { _ = try readAll(Array(bytes[..<length])) }
    }
  }

  @Test func `every flipped bit is refused or changes nothing that is read`() throws {
    let bytes = Self.valid.bytes()
    let right = try readAll(bytes)
    for position in bytes.indices {
      var flipped = bytes
      flipped[position] ^= 1 << UInt8(position % 8)
      guard let contents = try? readAll(flipped) else { continue }
      // Times, versions and attributes are not looked at; names may change in both headers only together.
      #expect(contents == right, "byte \(position)")
    }
  }
}
