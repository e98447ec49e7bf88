// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotFile
import IngotTestSupport
import Testing

/// Files whose digests are right and whose content breaks a rule.
@Suite struct RejectionTests {
  @Test func `the file before any damage is sound`() throws {
    var forgery = try Forgery()
    let before = forgery.bytes
    forgery.reseal()
    for number in 0..<3 { forgery.resealPayload(number) }
    #expect(forgery.bytes == before)
    #expect(try forgery.open().damage().isEmpty)
  }

  @Test(arguments: HeaderDamage.allCases)
  func `a damaged header is refused with a place`(_ damage: HeaderDamage) throws {
    var forgery = try Forgery()
    damage.apply(to: &forgery)
    let error = #expect(throws: CheckpointError.self) { try forgery.open() }
    #expect(error == CheckpointError(damage.code, .ingot, ""))
    #expect(error?.offset == damage.offset)
  }

  @Test(arguments: SectionDamage.allCases)
  func `a damaged section table is refused with a place and a name`(_ damage: SectionDamage) throws {
    var forgery = try Forgery()
    damage.apply(to: &forgery)
    forgery.reseal()
    let error = #expect(throws: CheckpointError.self) { try forgery.open() }
    #expect(error == CheckpointError(damage.expected.code, .ingot, subject: damage.expected.subject, ""))
    #expect(error?.offset == damage.expected.offset)
  }

  @Test(arguments: RecordDamage.allCases)
  func `a damaged record is refused with a place and a name`(_ damage: RecordDamage) throws {
    var forgery = try Forgery()
    damage.apply(to: &forgery)
    forgery.reseal()
    let error = #expect(throws: CheckpointError.self) { try forgery.open() }
    #expect(error == CheckpointError(damage.expected.code, .ingot, subject: damage.expected.subject, ""))
    #expect(error?.offset == damage.expected.offset)
  }

  @Test(arguments: PayloadDamage.allCases)
  func `damage that opening does not look for is found by verification`(_ damage: PayloadDamage) throws {
    var forgery = try Forgery()
    damage.apply(to: &forgery)
    forgery.reseal()
    let file = try forgery.open()
    let expected = CheckpointError(damage.code, .ingot, subject: damage.subject, "")
    let found = file.damage()
    #expect(found == [expected])
    #expect(found.first?.offset == damage.offset)
    let thrown = #expect(throws: CheckpointError.self) { try file.verifyIntegrity() }
    #expect(thrown == expected)
  }

  @Test func `every place of damage is told, the first one thrown`() throws {
    var forgery = try Forgery()
    for damage in [PayloadDamage.tensor, .section, .paddingBetweenTensors] { damage.apply(to: &forgery) }
    let file = try forgery.open()
    #expect(file.damage().map(\.subject) == ["section XTRA", "padding before `c`", "c"])
    let thrown = #expect(throws: CheckpointError.self) { try file.verifyIntegrity() }
    #expect(thrown?.subject == "section XTRA")
  }

  @Test func `damaged bytes are not lent to whoever asks for verified ones`() throws {
    var forgery = try Forgery()
    PayloadDamage.tensor.apply(to: &forgery)
    PayloadDamage.section.apply(to: &forgery)
    let file = try forgery.open()
    let tensor = try #require(file.tensor(named: "c"))
    let error = #expect(throws: CheckpointError.self) { try file.withVerifiedBytes(of: tensor) { _ in } }
    #expect(error == CheckpointError(.corrupt, .ingot, subject: "c", ""))
    #expect(throws: CheckpointError.self) { try file.verifiedSection(kind("XTRA")) }
    #expect(try file.verifiedSection(.architecture) == [0x7B, 0x7D])
  }

  @Test func `features that may be ignored are ignored`() throws {
    var forgery = try Forgery()
    forgery.set(UInt64.max, at: 24)
    forgery.reseal()
    #expect(try forgery.open().damage().isEmpty)
  }

  @Test func `unknown features and versions are named`() throws {
    var forgery = try Forgery()
    forgery.set(UInt64(1) << 5 | 1 << 63, at: 16)
    forgery.reseal()
    let feature = #expect(throws: CheckpointError.self) { try forgery.open() }
    #expect(feature?.detail.contains("5, 63") == true)
    forgery.set(UInt32(7), at: 8)
    let version = #expect(throws: CheckpointError.self) { try forgery.open() }
    #expect(version?.detail.contains("version 7") == true)
  }
}
