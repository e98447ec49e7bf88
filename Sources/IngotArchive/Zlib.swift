// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension FormatKind {
  /// Faults of a zlib stream (RFC 1950).
  public static let zlib = FormatKind(rawValue: "zlib")
}

/// Reads zlib streams (RFC 1950), as they stand within other formats.
public enum Zlib {
  /// Decompresses a whole stream.
  ///
  /// - Parameters:
  ///   - bytes: the stream; nothing may follow it.
  ///   - limit: the largest content allowed, in bytes.
  ///   - offset: where the stream lies in its file, for errors.
  /// - Returns: the content; zlib has compared its Adler-32.
  /// - Throws: `corrupt` for a damaged stream, `truncated` for one that is cut off, `limit` when the content is larger than allowed,
  ///   `malformed` when bytes follow.
  public static func decompress(
    _ bytes: RawSpan, limit: Int, at offset: Int = 0
  ) throws(CheckpointError) -> [UInt8] {
    guard let result = Inflate.zlib(bytes, limit: limit.adding(1) ?? limit) else {
      throw CheckpointError(
        .corrupt, .zlib, at: offset, "\(bytes.byteCount) bytes are not a zlib stream, or a damaged one")
    }
    guard result.content.count <= limit else {
      throw CheckpointError(.limit, .zlib, at: offset, "the content is larger than the \(limit) bytes allowed")
    }
    guard result.isComplete else {
      throw CheckpointError(
        .truncated, .zlib, at: offset + result.consumed,
        "the stream is cut off after \(result.content.count) bytes of content")
    }
    guard result.consumed == bytes.byteCount else {
      throw CheckpointError(
        .malformed, .zlib, at: offset + result.consumed,
        "\(bytes.byteCount - result.consumed) bytes follow the end of the stream")
    }
    return result.content
  }
}
