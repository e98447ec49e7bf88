// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTestSupport
import Testing

/// Keys and signatures against OpenSSL's, and against RFC 8032.
@Suite struct Ed25519Tests {
  private func bytes(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(filePath: Fixtures.path("signature/\(name)"))))
  }

  private func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }

  @Test func `keys of OpenSSL are read and written as they were`() throws {
    let key = try SigningKey(pem: text("private.pem"))
    #expect(try key.pem == text("private.pem"))
    #expect(try key.verifyingKey.pem == text("public.pem"))
    #expect(try VerifyingKey(pem: text("public.pem")) == key.verifyingKey)
  }

  @Test func `a signature of OpenSSL verifies, and no other does`() throws {
    let key = try VerifyingKey(pem: text("public.pem"))
    let (message, signature) = (try bytes("message.bin"), try bytes("signature.bin"))
    #expect(key.verifies(signature, of: message))
    #expect(try !VerifyingKey(pem: text("other.pem")).verifies(signature, of: message))
    #expect(!key.verifies(signature, of: message + [0]))
    #expect(!key.verifies(Array(signature.dropLast()), of: message))
    for place in signature.indices {
      var altered = signature
      altered[place] ^= 1
      #expect(!key.verifies(altered, of: message), "byte \(place)")
    }
    let own = try SigningKey(pem: text("private.pem")).signature(of: message)
    #expect(key.verifies(own, of: message))
  }

  /// RFC 8032, section 7.1, test 2.
  @Test func `signatures are those of the standard`() throws {
    let secret: [UInt8] = [
      0x4c, 0xcd, 0x08, 0x9b, 0x28, 0xff, 0x96, 0xda, 0x9d, 0xb6, 0xc3, 0x46, 0xec, 0x11, 0x4e, 0x0f, 0x5b, 0x8a, 0x31,
      0x9f, 0x35, 0xab, 0xa6, 0x24, 0xda, 0x8c, 0xf6, 0xed, 0x4f, 0xb8, 0xa6, 0xfb,
    ]
    let point: [UInt8] = [
      0x3d, 0x40, 0x17, 0xc3, 0xe8, 0x43, 0x89, 0x5a, 0x92, 0xb7, 0x0a, 0xa7, 0x4d, 0x1b, 0x7e, 0xbc, 0x9c, 0x98, 0x2c,
      0xcf, 0x2e, 0xc4, 0x96, 0x8c, 0xc0, 0xcd, 0x55, 0xf1, 0x2a, 0xf4, 0x66, 0x0c,
    ]
    let expected: [UInt8] = [
      0x92, 0xa0, 0x09, 0xa9, 0xf0, 0xd4, 0xca, 0xb8, 0x72, 0x0e, 0x82, 0x0b, 0x5f, 0x64, 0x25, 0x40, 0xa2, 0xb2, 0x7b,
      0x54, 0x16, 0x50, 0x3f, 0x8f, 0xb3, 0x76, 0x22, 0x23, 0xeb, 0xdb, 0x69, 0xda, 0x08, 0x5a, 0xc1, 0xe4, 0x3e, 0x15,
      0x99, 0x6e, 0x45, 0x8f, 0x36, 0x13, 0xd0, 0xf1, 0x1d, 0x8c, 0x38, 0x7b, 0x2e, 0xae, 0xb4, 0x30, 0x2a, 0xee, 0xb0,
      0x0d, 0x29, 0x16, 0x12, 0xbb, 0x0c, 0x00,
    ]
    let der: [UInt8] = [
      0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
    ]
    let pem =
      "-----BEGIN PRIVATE KEY-----\n\(Data(der + secret).base64EncodedString())\n-----END PRIVATE KEY-----\n"
    let key = try SigningKey(pem: pem)
    #expect(key.verifyingKey.bytes == point)
    #expect(key.verifyingKey.verifies(expected, of: [0x72]))
    #expect(key.verifyingKey.verifies(try key.signature(of: [0x72]), of: [0x72]))
    #expect(!key.verifyingKey.verifies(expected, of: [0x73]))
  }

  @Test func `other files are refused as keys, with what was found and expected`() throws {
    let cases: [(String, String)] = [
      ("", "found nothing"), (try text("public.pem"), "PRIVATE KEY"),
      ("-----BEGIN PRIVATE KEY-----\n***\n-----END PRIVATE KEY-----\n", "not base64"),
      ("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "another kind of key"),
    ]
    for (content, word) in cases {
      let error = #expect(throws: CheckpointError.self) { try SigningKey(pem: content) }
      #expect(error?.code == .malformed)
      #expect("\(error.map { "\($0)" } ?? "")".contains(word))
    }
    let other = try text("x25519.pem")
    #expect(throws: CheckpointError.self) { try VerifyingKey(pem: other) }
  }
}
