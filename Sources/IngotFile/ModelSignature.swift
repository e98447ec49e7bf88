// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// A detached signature over an `.ingot` file: `Formats/ingot.md`, section 12.
public struct ModelSignature: Sendable, Hashable {
  /// The root digest that was signed.
  public let root: SHA256Digest
  /// The public key's 32 bytes.
  public let key: [UInt8]
  /// The signature's 64 bytes.
  public let bytes: [UInt8]

  /// The first line of a signature file, and the first 27 bytes of what is signed.
  static let title = "Ingot signature, version 1\n"
  /// No signature file is longer.
  public static let largestFile = 4096

  /// What is signed for a file: `Ingot signature, version 1`, a line feed, the 32 bytes of the root digest.
  public static func message(for root: SHA256Digest) -> [UInt8] {
    Array(title.utf8) + root.bytes
  }

  /// Signs a file.
  ///
  /// - Parameters:
  ///   - root: its root digest.
  ///   - key: the private key.
  /// - Throws: `unsupported` when the library cannot sign.
  public init(of root: SHA256Digest, by key: SigningKey) throws(CheckpointError) {
    self.root = root
    self.key = key.verifyingKey.bytes
    bytes = try key.signature(of: Self.message(for: root))
  }

  /// The text of a signature file: four lines.
  public var text: String {
    "\(Self.title)root \(root)\nkey \(Self.hexadecimal(key))\nsignature \(Self.hexadecimal(bytes))\n"
  }

  /// Reads a signature file.
  ///
  /// - Parameter file: the bytes of one.
  /// - Throws: `truncated` when it ends early, `malformed` for anything else, with the place.
  public init(reading file: [UInt8]) throws(CheckpointError) {
    var rest = file[...]
    func place() -> Int { rest.startIndex }
    guard file.starts(with: Self.title.utf8) else {
      let isPrefix = Array(Self.title.utf8).starts(with: file)
      throw CheckpointError(
        isPrefix ? .truncated : .malformed, .signature, at: 0,
        "found \(file.count) bytes, expected a file that begins with “\(Self.title.dropLast())”")
    }
    rest = rest.dropFirst(Self.title.utf8.count)
    func field(_ name: String, _ count: Int) throws(CheckpointError) -> [UInt8] {
      let start = place()
      guard let end = rest.firstIndex(of: UInt8(ascii: "\n")) else {
        throw CheckpointError(
          .truncated, .signature, at: start, subject: name,
          "the file ends after \(file.count) bytes, in this line or before it")
      }
      let line = rest[..<end]
      rest = rest[(end + 1)...]
      let digits = line.dropFirst(name.utf8.count + 1)
      guard line.starts(with: Array("\(name) ".utf8)), digits.count == 2 * count,
        let bytes = Self.bytes(ofHexadecimal: digits)
      else {
        throw CheckpointError(
          .malformed, .signature, at: start, subject: name, "expected “\(name) ” and \(2 * count) hexadecimal digits")
      }
      return bytes
    }
    guard let root = SHA256Digest(bytes: try field("root", SHA256Digest.byteCount)) else {
      preconditionFailure("as many bytes as asked for")
    }
    self.root = root
    key = try field("key", 32)
    bytes = try field("signature", VerifyingKey.signatureByteCount)
    guard rest.isEmpty else {
      throw CheckpointError(.malformed, .signature, at: place(), "\(rest.count) bytes follow the signature")
    }
  }

  /// Checks that the signature is of this file and by this key.
  ///
  /// - Parameters:
  ///   - file: its root digest, and what that covers, have been checked.
  ///   - key: whose signature is wanted.
  /// - Throws: `mismatch` that says which of the three does not belong: another key, another file, or altered bytes.
  public func check(_ file: IngotFile, by key: VerifyingKey) throws(CheckpointError) {
    guard self.key == key.bytes else {
      throw CheckpointError(
        .mismatch, .signature, subject: "key",
        "signed with the key \(Self.hexadecimal(self.key)), expected \(Self.hexadecimal(key.bytes))")
    }
    guard root == file.rootDigest else {
      throw CheckpointError(
        .mismatch, .signature, subject: "root",
        "a signature of another file: it is of root \(root), this file's root is \(file.rootDigest)")
    }
    guard key.verifies(bytes, of: Self.message(for: root)) else {
      throw CheckpointError(
        .mismatch, .signature, subject: "signature",
        "not made by this key over this root: the 64 bytes were altered or taken from another signature")
    }
  }

  private static func hexadecimal(_ bytes: [UInt8]) -> String {
    bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  private static func bytes(ofHexadecimal digits: some Collection<UInt8>) -> [UInt8]? {
    func value(_ digit: UInt8) -> UInt8? {
      switch digit {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
      case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
      default: nil
      }
    }
    let values = digits.compactMap(value)
    guard values.count == digits.count, values.count % 2 == 0 else { return nil }
    return stride(from: 0, to: values.count, by: 2).map { values[$0] << 4 | values[$0 + 1] }
  }
}
