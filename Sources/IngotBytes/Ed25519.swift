// SPDX-License-Identifier: Apache-2.0

internal import Crypto
internal import FoundationEssentials

/// A private Ed25519 key (RFC 8032), as OpenSSL's `genpkey -algorithm ed25519` makes one.
public struct SigningKey: Sendable {
  private let key: Curve25519.Signing.PrivateKey

  /// A new key, from the system's random numbers.
  public init() {
    key = Curve25519.Signing.PrivateKey()
  }

  /// Reads a key.
  ///
  /// - Parameter text: PEM with the label `PRIVATE KEY` (PKCS #8, RFC 8410), not encrypted.
  /// - Throws: `malformed` for anything else.
  public init(pem text: String) throws(CheckpointError) {
    let seed = try PEM.read(text, PEM.privateKey)
    do {
      key = try Curve25519.Signing.PrivateKey(rawRepresentation: seed)
    } catch {
      throw CheckpointError(.malformed, .key, "the 32 bytes are no Ed25519 private key")
    }
  }

  /// The key as PEM: 48 bytes of PKCS #8.
  public var pem: String { PEM.write(Array(key.rawRepresentation), PEM.privateKey) }

  /// The key that verifies what this one signs.
  public var verifyingKey: VerifyingKey { VerifyingKey(key: key.publicKey) }

  /// Signs a message.
  ///
  /// - Parameter message: any bytes.
  /// - Returns: 64 bytes.
  /// - Throws: `unsupported` when the library cannot sign.
  public func signature(of message: [UInt8]) throws(CheckpointError) -> [UInt8] {
    do {
      return Array(try key.signature(for: Data(message)))
    } catch {
      throw CheckpointError(.unsupported, .key, "the signature could not be computed: \(error)")
    }
  }
}

/// A public Ed25519 key.
public struct VerifyingKey: Sendable, Hashable {
  private let key: Curve25519.Signing.PublicKey

  /// How many bytes a signature has.
  public static let signatureByteCount = 64

  fileprivate init(key: Curve25519.Signing.PublicKey) {
    self.key = key
  }

  /// Reads a key.
  ///
  /// - Parameter text: PEM with the label `PUBLIC KEY` (RFC 8410).
  /// - Throws: `malformed` for anything else.
  public init(pem text: String) throws(CheckpointError) {
    let point = try PEM.read(text, PEM.publicKey)
    do {
      key = try Curve25519.Signing.PublicKey(rawRepresentation: point)
    } catch {
      throw CheckpointError(.malformed, .key, "the 32 bytes are no Ed25519 public key")
    }
  }

  /// The key as PEM: 44 bytes of SubjectPublicKeyInfo.
  public var pem: String { PEM.write(bytes, PEM.publicKey) }

  /// The key's 32 bytes.
  public var bytes: [UInt8] { Array(key.rawRepresentation) }

  /// Whether a signature is of this message and by the private key that belongs to this one.
  public func verifies(_ signature: [UInt8], of message: [UInt8]) -> Bool {
    signature.count == Self.signatureByteCount && key.isValidSignature(Data(signature), for: Data(message))
  }

  /// Whether both are the same key.
  public static func == (a: VerifyingKey, b: VerifyingKey) -> Bool { a.bytes == b.bytes }

  /// Hashes what `==` compares.
  public func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// PEM around the fixed DER of RFC 8410: everything but the key's 32 bytes is the same in every file.
private enum PEM {
  struct Kind {
    let label: String
    /// What stands before the key in DER.
    let prefix: [UInt8]
  }

  static let privateKey = Kind(
    label: "PRIVATE KEY",
    prefix: [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20])
  static let publicKey = Kind(
    label: "PUBLIC KEY", prefix: [0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00])
  static let keyByteCount = 32

  static func write(_ key: [UInt8], _ kind: Kind) -> String {
    "-----BEGIN \(kind.label)-----\n\(Data(kind.prefix + key).base64EncodedString())\n-----END \(kind.label)-----\n"
  }

  static func read(_ text: String, _ kind: Kind) throws(CheckpointError) -> [UInt8] {
    let lines = text.split(whereSeparator: \.isNewline).map { $0.trimmed() }.filter { !$0.isEmpty }
    let (begin, end) = ("-----BEGIN \(kind.label)-----", "-----END \(kind.label)-----")
    guard lines.count >= 3, lines.first == begin, lines.last == end else {
      throw CheckpointError(
        .malformed, .key,
        "found \(lines.first.map { "“\($0.prefix(40))”" } ?? "nothing"), expected PEM from \(begin) to \(end)")
    }
    guard let der = Data(base64Encoded: lines.dropFirst().dropLast().joined()) else {
      throw CheckpointError(.malformed, .key, "the lines between \(begin) and \(end) are not base64")
    }
    guard der.count == kind.prefix.count + keyByteCount, Array(der.prefix(kind.prefix.count)) == kind.prefix else {
      throw CheckpointError(
        .malformed, .key,
        "found \(der.count) bytes of another kind of key, expected \(kind.prefix.count + keyByteCount) of an Ed25519 key"
      )
    }
    return Array(der.suffix(keyByteCount))
  }
}

extension FormatKind {
  /// Faults of a file that holds a key.
  public static let key = FormatKind(rawValue: "key")
  /// Faults of a detached signature.
  public static let signature = FormatKind(rawValue: "signature")
}
