// SPDX-License-Identifier: Apache-2.0

/// A SHA-256 value (FIPS 180-4).
public struct SHA256Digest: Hashable, Sendable, CustomStringConvertible {
  /// Exactly 32 bytes.
  public let bytes: [UInt8]

  /// The number of bytes in a digest.
  public static let byteCount = 32

  /// Wraps 32 bytes.
  ///
  /// - Returns: `nil` for any other count.
  public init?(bytes: [UInt8]) {
    guard bytes.count == Self.byteCount else { return nil }
    self.bytes = bytes
  }

  /// The digest of `data`.
  public init(of data: RawSpan) {
    var stream = SHA256Stream()
    stream.update(data)
    self = stream.finalize()
  }

  /// Wraps bytes that a hash function gave.
  init(of32 bytes: [UInt8]) {
    precondition(bytes.count == Self.byteCount, "a digest has 32 bytes")
    self.bytes = bytes
  }

  /// Sixty-four lower-case hexadecimal digits.
  public var description: String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}
