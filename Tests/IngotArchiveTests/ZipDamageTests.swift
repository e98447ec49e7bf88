// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes
import IngotTestSupport
import Testing

@Suite struct ZipDamageTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func readAll(_ bytes: [UInt8]) throws -> [String: [UInt8]] {
    let archive = try ZipArchive(MappedFile(path: folder.write(bytes, to: "a.zip")))
    var contents: [String: [UInt8]] = [:]
    for entry in archive.entries { contents[entry.name] = try archive.withBytes(of: entry) { $0.copied() } }
    return contents
  }

  @Test func `the right archive is read`() throws {
    let contents = try readAll(ZipDamage.valid.bytes())
    #expect(contents == ["root/info": Array("hello".utf8), "root/data": (0..<100).map { UInt8($0) }])
  }

  @Test(arguments: ZipDamage.allCases)
  func `a damaged archive is refused with a place and both values`(_ damage: ZipDamage) throws {
    var zip = ZipDamage.valid
    damage.apply(to: &zip)
    let error = #expect(throws: CheckpointError.self) { _ = try readAll(zip.bytes()) }
    let text = "\(String(describing: error))"
    #expect(error?.code == damage.answer.code, "\(text)")
    #expect(error?.offset != nil, "\(text)")
    for word in damage.answer.words {
      #expect(error?.description.contains(word) == true, "\(word) in \(text)")
    }
  }

  @Test func `zip64 records that agree are read`() throws {
    var zip = ZipDamage.valid
    zip.wide = ZipBuilder.Wide()
    #expect(try readAll(zip.bytes()).count == 2)
    (zip.members[1].size, zip.members[1].compressed) = (.max, .max)
    zip.members[1].extra = [1, 0, 16, 0] + le(100 as UInt64) + le(100 as UInt64)
    zip.members[1].local.extra = zip.members[1].extra
    #expect(try readAll(zip.bytes())["root/data"]?.count == 100)
  }

  @Test(arguments: [4, 8])
  func `a data descriptor is read with sizes of 32 and of 64 bits`(_ width: Int) throws {
    var zip = ZipDamage.valid
    for index in zip.members.indices {
      let size = zip.members[index].size
      zip.members[index].deferred(sizes: width == 4 ? le(size) + le(size) : le(UInt64(size)) + le(UInt64(size)))
    }
    #expect(try readAll(zip.bytes())["root/data"]?.count == 100)
  }

  @Test func `an empty member may lack its data descriptor`() throws {
    var zip = ZipDamage.valid
    zip.members[0] = ZipBuilder.Member("root/info", [])
    zip.members[0].flags = 8
    #expect(try readAll(zip.bytes())["root/info"] == [])
  }

  @Test func `a deflated member is inflated`() throws {
    let zeros = [UInt8](repeating: 0, count: 1 + 258 * 40)
    let zip = ZipBuilder([ZipBuilder.Member("zeros", zeros, deflated: deflatedZeros(repeats: 40))])
    #expect(try readAll(zip.bytes())["zeros"] == zeros)
  }

  @Test func `names that differ in case are two members`() throws {
    var zip = ZipDamage.valid
    zip.members[1].name = Array("ROOT/INFO".utf8)
    #expect(try readAll(zip.bytes()).count == 2)
  }

  @Test func `every truncation is refused`() throws {
    var zip = ZipDamage.valid
    zip.wide = ZipBuilder.Wide()
    let bytes = zip.bytes()
    for length in 0..<bytes.count {
      #expect(throws: CheckpointError.self, "cut to \(length)") { _ = try readAll(Array(bytes[..<length])) }
    }
  }

  @Test(arguments: [1, 0x80, 0xff] as [UInt8])
  func `every flipped byte is refused or changes nothing that is read`(_ mask: UInt8) throws {
    var zip = ZipDamage.valid
    zip.wide = ZipBuilder.Wide()
    let bytes = zip.bytes()
    let right = try readAll(bytes)
    for position in bytes.indices {
      var flipped = bytes
      flipped[position] ^= mask
      guard let contents = try? readAll(flipped) else { continue }
      // Times, versions and attributes are not looked at; names may change in both headers only together.
      #expect(contents == right, "byte \(position)")
    }
  }
}
