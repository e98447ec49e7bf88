// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// Decodes JPEG, PNG and binary PPM to the mode and the bytes that Pillow gives.
public enum ImageDecoder {
  /// More pixels than this Pillow takes for a decompression bomb and refuses.
  public static let defaultPixelLimit = 178_956_970

  /// Decodes a whole JPEG, PNG, PPM (`P6`) or PGM (`P5`) file.
  ///
  /// - Parameters:
  ///   - bytes: the file.
  ///   - pixelLimit: the largest product of width and height; checked before anything is allocated.
  /// - Returns: the pixels. Orientation from Exif, colour profiles and gamma are not applied, as Pillow does not apply them.
  /// - Throws: `unsupported` for other formats and kinds, `limit` for too many pixels, `truncated`, `malformed` or `corrupt` for damage.
  public static func decode(
    _ bytes: RawSpan, pixelLimit: Int = defaultPixelLimit
  ) throws(CheckpointError) -> PixelImage {
    if bytes.starts(with: PNGHeader.signature) { return try PNGDecoder.decode(bytes, pixelLimit: pixelLimit) }
    if bytes.starts(with: [0xff, 0xd8, 0xff]) { return try JPEGDecoder.decode(bytes, pixelLimit: pixelLimit) }
    if PPMDecoder.recognises(bytes) { return try PPMDecoder.decode(bytes, pixelLimit: pixelLimit) }
    guard bytes.byteCount > 0 else { throw CheckpointError(.truncated, .image, at: 0, "the file is empty") }
    for magic in [PNGHeader.signature, [0xff, 0xd8, 0xff]] where bytes.byteCount < magic.count {
      if bytes.starts(with: Array(magic.prefix(bytes.byteCount))) {
        throw CheckpointError(
          .truncated, .image, at: bytes.byteCount,
          "the signature needs \(magic.count) bytes, there are \(bytes.byteCount)")
      }
    }
    if let name = otherFormat(bytes) {
      throw CheckpointError(.unsupported, .image, at: 0, "this is \(name) file; only JPEG, PNG and PPM are read")
    }
    let found = (0..<min(4, bytes.byteCount)).map { hexadecimal(bytes[byte: $0]) }.joined(separator: " ")
    throw CheckpointError(
      .unsupported, .image, at: 0,
      "neither JPEG (starts with ff d8 ff) nor PNG (starts with 89 50 4e 47) nor PPM (starts with P6); this starts with \(found)"
    )
  }

  /// Refuses more pixels than allowed.
  static func check(
    width: Int, height: Int, pixelLimit: Int, at offset: Int
  ) throws(CheckpointError) {
    guard width > 0, height > 0 else {
      throw CheckpointError(.malformed, .image, at: offset, "\(width)x\(height) pixels; both must be positive")
    }
    guard let count = width.multiplied(by: height), count <= pixelLimit else {
      throw CheckpointError(
        .limit, .image, at: offset, "\(width)x\(height) pixels, more than the \(pixelLimit) allowed")
    }
  }

  private static func hexadecimal(_ byte: UInt8) -> String {
    (byte < 16 ? "0" : "") + String(byte, radix: 16)
  }

  private static func otherFormat(_ bytes: RawSpan) -> String? {
    if bytes.starts(with: Array("GIF8".utf8)) { return "a GIF" }
    if bytes.starts(with: Array("RIFF".utf8)), bytes.byteCount >= 12,
      bytes.extracting(8..<12).starts(with: Array("WEBP".utf8))
    {
      return "a WebP"
    }
    if bytes.starts(with: Array("BM".utf8)) { return "a BMP" }
    if bytes.starts(with: [0x49, 0x49, 0x2a, 0]) || bytes.starts(with: [0x4d, 0x4d, 0, 0x2a]) { return "a TIFF" }
    if bytes.starts(with: [0, 0, 0, 0x0c, 0x6a, 0x50, 0x20, 0x20]) { return "a JPEG 2000" }
    if bytes.byteCount >= 12, bytes.extracting(4..<8).starts(with: Array("ftyp".utf8)) { return "an AVIF or HEIF" }
    return nil
  }
}

extension RawSpan {
  /// Whether the first bytes are `prefix`.
  func starts(with prefix: [UInt8]) -> Bool {
    guard byteCount >= prefix.count else { return false }
    return prefix.indices.allSatisfy { self[byte: $0] == prefix[$0] }
  }
}
