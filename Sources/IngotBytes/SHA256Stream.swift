// SPDX-License-Identifier: Apache-2.0
//
// The one place where pointers go to the SHA-256 of CIngotDigest, and to swift-crypto, which hashes where a CPU has no instructions for it.

internal import CIngotDigest
internal import Crypto

/// Computes a SHA-256 digest piece by piece.
public struct SHA256Stream: Sendable {
  private var state = ingot_sha256()
  /// `nil` where the CPU has instructions, and `state` is used.
  private var library: SHA256?

  /// Whether this CPU has instructions, with which two streams side by side take hardly longer than one.
  public static let hasInstructions = ingot_sha256_available() != 0

  /// An empty stream.
  public init() {
    self.init(withInstructions: Self.hasInstructions)
  }

  /// An empty stream, hashed in one of the two ways.
  init(withInstructions: Bool) {
    precondition(!withInstructions || Self.hasInstructions, "the CPU has the instructions")
    if withInstructions {
      // SAFETY: the state is a valid place to write to.
      unsafe ingot_sha256_begin(&state)
    } else {
      library = SHA256()
    }
  }

  /// Adds bytes.
  public mutating func update(_ data: RawSpan) {
    // SAFETY: both functions read exactly the bytes of the span, within the call.
    unsafe data.withUnsafeBytes { data in
      if library == nil {
        unsafe ingot_sha256_update(&state, data.baseAddress, data.count)
      } else {
        unsafe library?.update(bufferPointer: data)
      }
    }
  }

  /// Adds bytes to two streams: the same as one `update` of each, in less time where the CPU allows it.
  ///
  /// - Parameters:
  ///   - first: gets `data`.
  ///   - data: any number of bytes; the two are hashed side by side as far as both go.
  ///   - second: gets `other`.
  ///   - other: any number of bytes.
  public static func update(
    _ first: inout SHA256Stream, _ data: RawSpan, and second: inout SHA256Stream, _ other: RawSpan
  ) {
    guard first.library == nil, second.library == nil else {
      first.update(data)
      second.update(other)
      return
    }
    // SAFETY: the function reads exactly the bytes of both spans, within the call.
    unsafe data.withUnsafeBytes { data in
      unsafe other.withUnsafeBytes { other in
        unsafe ingot_sha256_update_two(
          &first.state, data.baseAddress, data.count, &second.state, other.baseAddress, other.count)
      }
    }
  }

  /// The digest of everything added so far; the stream may go on.
  public func finalize() -> SHA256Digest {
    if let library { return SHA256Digest(of32: Array(library.finalize())) }
    var state = state
    // SAFETY: the function writes exactly 32 bytes.
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: SHA256Digest.byteCount) { digest, count in
      unsafe ingot_sha256_end(&state, digest.baseAddress)
      count = SHA256Digest.byteCount
    }
    return SHA256Digest(of32: bytes)
  }
}
