// SPDX-License-Identifier: Apache-2.0

private import Crypto

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

  fileprivate init(_ digest: SHA256.Digest) {
    bytes = Array(digest)
  }

  /// Sixty-four lower-case hexadecimal digits.
  public var description: String {
    bytes.map { byte in (byte < 16 ? "0" : "") + String(byte, radix: 16) }.joined()
  }
}

/// Computes a SHA-256 digest piece by piece.
public struct SHA256Stream {
  private var hasher = SHA256()

  /// An empty stream.
  public init() {}

  /// Adds bytes.
  public mutating func update(_ data: RawSpan) {
    // SAFETY: the hasher reads the bytes within the call and keeps no pointer.
    unsafe data.withUnsafeBytes { unsafe hasher.update(bufferPointer: $0) }
  }

  /// The digest of everything added so far; the stream may go on.
  public func finalize() -> SHA256Digest {
    SHA256Digest(hasher.finalize())
  }
}
