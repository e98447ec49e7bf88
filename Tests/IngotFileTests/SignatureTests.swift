// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotFile
import IngotTestSupport
import Testing

@Suite struct SignatureTests {
  private let file: IngotFile
  private let other: IngotFile
  private let key: SigningKey

  init() throws {
    file = try IngotFile(MappedFile(path: Fixtures.path("ingot-v1/quantized.ingot")))
    other = try IngotFile(MappedFile(path: Fixtures.path("ingot-v1/sections.ingot")))
    let pem = try String(contentsOf: URL(filePath: Fixtures.path("signature/private.pem")), encoding: .utf8)
    key = try SigningKey(pem: pem)
  }

  private func fault(_ signature: ModelSignature, _ file: IngotFile, _ key: VerifyingKey) -> CheckpointError? {
    #expect(throws: CheckpointError.self) { try signature.check(file, by: key) }
  }

  @Test func `what is signed is a line of text and the root`() throws {
    let root = try #require(SHA256Digest(bytes: [UInt8](repeating: 0xab, count: 32)))
    let message = try Data(contentsOf: URL(filePath: Fixtures.path("signature/message.bin")))
    #expect(ModelSignature.message(for: root) == [UInt8](message))
  }

  @Test func `a signature goes through its file and holds`() throws {
    let signature = try ModelSignature(of: file.rootDigest, by: key)
    let read = try ModelSignature(reading: Array(signature.text.utf8))
    #expect(read == signature)
    try read.check(file, by: key.verifyingKey)
  }

  @Test func `another key, another file and altered bytes are told apart`() throws {
    let signature = try ModelSignature(of: file.rootDigest, by: key)
    #expect(fault(signature, file, SigningKey().verifyingKey)?.subject == "key")
    // Replayed from another model.
    #expect(fault(signature, other, key.verifyingKey)?.subject == "root")
    // Swapped: the bytes of another signature by the same key, under this root.
    let swapped = try ModelSignature(of: other.rootDigest, by: key)
    let lines = signature.text.split(separator: "\n").map(String.init)
    let foreign = swapped.text.split(separator: "\n").map(String.init)
    let mixed = (lines[0..<3] + foreign[3...]).joined(separator: "\n") + "\n"
    #expect(fault(try ModelSignature(reading: Array(mixed.utf8)), file, key.verifyingKey)?.subject == "signature")
    // The root of another file written over: the bytes no longer fit.
    let forged = [foreign[0], foreign[1], lines[2], lines[3]].joined(separator: "\n") + "\n"
    #expect(fault(try ModelSignature(reading: Array(forged.utf8)), other, key.verifyingKey)?.subject == "signature")
  }

  @Test func `every truncation, and every changed byte, is refused or does not verify`() throws {
    let bytes = Array(try ModelSignature(of: file.rootDigest, by: key).text.utf8)
    for count in 0..<bytes.count {
      let error = #expect(throws: CheckpointError.self) { try ModelSignature(reading: Array(bytes.prefix(count))) }
      #expect(error?.code == .truncated, "after \(count) bytes: \(String(describing: error))")
    }
    for place in bytes.indices {
      var altered = bytes
      altered[place] ^= 1
      #expect(throws: CheckpointError.self, "byte \(place)") {
        try ModelSignature(reading: altered).check(file, by: key.verifyingKey)
      }
    }
    #expect(throws: CheckpointError.self) { try ModelSignature(reading: bytes + [10]) }
  }
}
