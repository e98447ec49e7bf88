// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads gzip files (RFC 1952).
public enum Gzip {
  /// Decompresses a whole gzip file of one member.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - limit: the largest content allowed, in bytes.
  /// - Returns: the content; zlib has compared its CRC-32 and size.
  /// - Throws: `corrupt` for a damaged or truncated file, `limit` when the content is larger than allowed.
  public static func decompress(_ bytes: RawSpan, limit: Int) throws(CheckpointError) -> [UInt8] {
    guard let result = Inflate.gzip(bytes, limit: limit.adding(1) ?? limit) else {
      throw CheckpointError(.corrupt, .gzip, at: 0, "\(bytes.byteCount) bytes are not a gzip file, or a damaged one")
    }
    guard result.content.count <= limit else {
      throw CheckpointError(.limit, .gzip, at: 0, "the content is larger than the \(limit) bytes allowed")
    }
    guard result.isComplete else {
      throw CheckpointError(
        .truncated, .gzip, at: result.consumed, "the stream is cut off after \(result.content.count) bytes of content")
    }
    guard result.consumed == bytes.byteCount else {
      throw CheckpointError(
        .malformed, .gzip, at: result.consumed,
        "\(bytes.byteCount - result.consumed) bytes follow the end of the stream")
    }
    return result.content
  }
}
