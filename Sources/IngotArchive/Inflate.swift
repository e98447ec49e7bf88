// SPDX-License-Identifier: Apache-2.0
//
// The one place where pointers go to zlib, and to the fast part of CRC-32.

private import CIngotKernels
private import CZlib
import IngotBytes

/// zlib's inflate and CRC-32.
enum Inflate {
  /// Deflate cannot make more than this many bytes of one (zlib's documentation, `zlib_tech`).
  private static let largestRatio = 1032
  /// A member may be this many times as large as its stored bytes, or as large as `sizeWithoutLimit`.
  private static let allowedRatio = 200
  private static let sizeWithoutLimit = 1 << 30

  /// Inflates a raw deflate stream that must have exactly `size` bytes of content.
  ///
  /// - Parameters:
  ///   - stored: the stream.
  ///   - size: what the headers say.
  ///   - subject: the member's name, for errors.
  ///   - offset: where the stream lies, for errors.
  /// - Returns: the content.
  /// - Throws: `corrupt` when the stream is damaged, longer or shorter; `limit` for a suspicious ratio.
  static func raw(_ stored: RawSpan, size: Int, subject: String, at offset: Int) throws(CheckpointError) -> [UInt8] {
    func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
      CheckpointError(code, .zip, at: offset, subject: subject, detail)
    }
    guard size <= stored.byteCount.multiplied(by: largestRatio) ?? .max else {
      throw fault(.corrupt, "\(stored.byteCount) deflated bytes cannot become the \(size) that the headers say")
    }
    guard size <= sizeWithoutLimit || size / max(1, stored.byteCount) <= allowedRatio else {
      throw fault(
        .limit, "\(stored.byteCount) deflated bytes would become \(size), more than \(allowedRatio) times as many")
    }
    // One byte more than announced, so that a longer stream shows.
    let result = run(stored, room: size + 1, windowBits: -15)
    guard let result, result.isComplete, result.content.count == size else {
      throw fault(
        .corrupt, "inflates to \(result.map { "\($0.content.count)" } ?? "no") bytes, the headers say \(size)")
    }
    guard result.consumed == stored.byteCount else {
      throw fault(.corrupt, "the deflated stream ends after \(result.consumed) of \(stored.byteCount) bytes")
    }
    return result.content
  }

  /// Inflates the first bytes of a raw deflate stream.
  ///
  /// - Parameters:
  ///   - stored: the stream.
  ///   - count: how many bytes of content.
  ///   - subject: the member's name, for errors.
  ///   - offset: where the stream lies, for errors.
  /// - Returns: exactly as many.
  /// - Throws: `corrupt` when the stream is damaged or shorter.
  static func prefix(
    _ stored: RawSpan, count: Int, subject: String, at offset: Int
  ) throws(CheckpointError) -> [UInt8] {
    let result = run(stored, room: count, windowBits: -15)
    guard let result, result.content.count == count else {
      throw CheckpointError(
        .corrupt, .zip, at: offset, subject: subject,
        "inflates to \(result.map { "\($0.content.count)" } ?? "no") bytes, expected at least \(count)")
    }
    return result.content
  }

  /// Inflates a gzip file of one member to at most `limit` bytes.
  static func gzip(_ stored: RawSpan, limit: Int) -> (content: [UInt8], consumed: Int, isComplete: Bool)? {
    let room = min(limit, stored.byteCount.multiplied(by: largestRatio) ?? limit)
    return run(stored, room: room, windowBits: 15 + 16)
  }

  /// Inflates a zlib stream to at most `limit` bytes.
  static func zlib(_ stored: RawSpan, limit: Int) -> (content: [UInt8], consumed: Int, isComplete: Bool)? {
    let room = min(limit, stored.byteCount.multiplied(by: largestRatio) ?? limit)
    return run(stored, room: room, windowBits: 15)
  }

  /// CRC-32: by carry-less multiplication where the machine has it, the rest by zlib.
  ///
  /// - Parameters:
  ///   - bytes: the next bytes.
  ///   - previous: the CRC-32 of what came before them.
  /// - Returns: the CRC-32 of all.
  static func crc32(_ bytes: RawSpan, after previous: UInt32 = 0) -> UInt32 {
    // SAFETY: both read exactly the bytes of the span, within the call.
    unsafe bytes.withUnsafeBytes { bytes in
      var crc = previous
      let done = unsafe ingot_crc32_blocks(&crc, bytes.baseAddress, bytes.count)
      let rest = unsafe bytes.baseAddress?.advanced(by: done).assumingMemoryBound(to: UInt8.self)
      guard let rest = unsafe rest else { return crc }
      return UInt32(truncatingIfNeeded: unsafe crc32_z(UInt(crc), rest, bytes.count - done))
    }
  }

  private static func run(
    _ stored: RawSpan, room: Int, windowBits: Int32
  ) -> (content: [UInt8], consumed: Int, isComplete: Bool)? {
    var stream = unsafe z_stream()
    guard unsafe inflateInit2_(&stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
      return nil
    }
    defer { unsafe inflateEnd(&stream) }
    var status = Z_OK
    var consumed = 0
    // SAFETY: next_in and next_out stay within their buffers: zlib advances them by no more than avail_in and avail_out, which are
    // refilled here from what is left of each.
    let content = unsafe [UInt8](unsafeUninitializedCapacity: room) { out, count in
      unsafe stored.withUnsafeBytes { input in
        guard let source = unsafe input.baseAddress?.assumingMemoryBound(to: UInt8.self), let target = out.baseAddress
        else { return }
        while status == Z_OK {
          let given = min(input.count - consumed, 1 << 30)
          let free = min(room - count, 1 << 30)
          if free == 0 || given == 0 { break }
          unsafe stream.next_in = UnsafeMutablePointer(mutating: source + consumed)
          unsafe stream.avail_in = UInt32(given)
          unsafe stream.next_out = target + count
          unsafe stream.avail_out = UInt32(free)
          status = unsafe inflate(&stream, Z_NO_FLUSH)
          consumed += unsafe given - Int(stream.avail_in)
          count += unsafe free - Int(stream.avail_out)
        }
      }
    }
    guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else { return nil }
    return (content, consumed, status == Z_STREAM_END)
  }
}
