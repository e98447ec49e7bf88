// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// What a PNG file's chunks say before anything is inflated (PNG specification, sections 5 and 11.2.1).
struct PNGHeader {
  static let signature: [UInt8] = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]
  /// Deflate cannot make more than this many bytes of one (zlib's documentation, `zlib_tech`).
  private static let largestRatio = 1032

  let width: Int
  let height: Int
  /// The mode that libpng's output has.
  let decodedMode: PixelImage.Mode
  /// Whether Pillow shows the grey and alpha of this file as RGBA.
  let isWidened: Bool

  /// Walks over all chunks up to IEND.
  ///
  /// - Parameters:
  ///   - bytes: the file, which starts with the signature.
  ///   - pixelLimit: the largest product of width and height.
  /// - Throws: `truncated` or `malformed` chunks, `unsupported` kinds, `limit` for pixels, `corrupt` for too few bytes.
  init(_ bytes: RawSpan, pixelLimit: Int) throws(CheckpointError) {
    let header = try Chunk(bytes, at: Self.signature.count)
    guard header.name == "IHDR", header.length == 13 else {
      throw CheckpointError(
        .malformed, .image, at: Self.signature.count,
        "the first chunk is \(header.name) of \(header.length) bytes; it must be IHDR of 13")
    }
    width = bytes.bigEndian32(at: header.content)
    height = bytes.bigEndian32(at: header.content + 4)
    try ImageDecoder.check(width: width, height: height, pixelLimit: pixelLimit, at: header.content)
    let depth = Int(bytes[byte: header.content + 8])
    let type = Int(bytes[byte: header.content + 9])
    decodedMode = try Self.mode(type: type, depth: depth, at: header.content + 8)
    isWidened = type == 4 && depth == 16

    var imageBytes = 0
    var chunk = header
    while chunk.name != "IEND" {
      chunk = try Chunk(bytes, at: chunk.end)
      if chunk.name == "IDAT" { imageBytes += chunk.length }
      if chunk.name == "fcTL", imageBytes == 0 { try Self.checkFrame(bytes, chunk, width: width, height: height) }
    }
    let bits = depth * (type == 2 ? 3 : type == 4 ? 2 : type == 6 ? 4 : 1)
    guard let perRow = width.multiplied(by: bits), let least = (perRow / 8).multiplied(by: height),
      let most = (imageBytes + 1).multiplied(by: Self.largestRatio)
    else {
      throw CheckpointError(.overflow, .image, at: header.content, "\(width)x\(height) pixels of \(bits) bits")
    }
    guard least <= most else {
      throw CheckpointError(
        .corrupt, .image, at: header.content, subject: "IDAT",
        "\(imageBytes) deflated bytes cannot become the \(least) that \(width)x\(height) pixels of \(bits) bits take")
    }
  }

  private static func mode(type: Int, depth: Int, at offset: Int) throws(CheckpointError) -> PixelImage.Mode {
    switch (type, depth) {
    case (0, 1): return .bilevel
    case (0, 2), (0, 4), (0, 8): return .grey
    case (0, 16): return .grey16
    case (2, 8), (2, 16): return .rgb
    case (3, 1), (3, 2), (3, 4), (3, 8): return .palette
    case (4, 8), (4, 16): return .greyAlpha
    case (6, 8), (6, 16): return .rgba
    default:
      throw CheckpointError(
        .malformed, .image, at: offset, "colour type \(type) with \(depth) bits per sample does not exist")
    }
  }

  /// The first frame of an animated PNG is the image only if it covers all of it.
  private static func checkFrame(
    _ bytes: RawSpan, _ chunk: Chunk, width: Int, height: Int
  ) throws(CheckpointError) {
    guard chunk.length == 26 else {
      throw CheckpointError(
        .malformed, .image, at: chunk.content, subject: "fcTL", "\(chunk.length) bytes; it must have 26")
    }
    let frame = (0..<4).map { bytes.bigEndian32(at: chunk.content + 4 + 4 * $0) }
    guard frame == [width, height, 0, 0] else {
      throw CheckpointError(
        .unsupported, .image, at: chunk.content, subject: "fcTL",
        "an animation whose first frame (\(frame[0])x\(frame[1]) at \(frame[2]), \(frame[3])) is not the whole \(width)x\(height)"
      )
    }
  }

  /// The place of one chunk.
  private struct Chunk {
    let name: String
    let length: Int
    let content: Int
    var end: Int { content + length + 4 }

    init(_ bytes: RawSpan, at offset: Int) throws(CheckpointError) {
      guard bytes.byteCount - offset >= 8 else {
        throw CheckpointError(
          .truncated, .image, at: offset, "a chunk needs 8 bytes, \(bytes.byteCount - offset) left before IEND")
      }
      length = bytes.bigEndian32(at: offset)
      content = offset + 8
      let letters = (4..<8).map { bytes[byte: offset + $0] }
      guard letters.allSatisfy({ (0x41...0x5a).contains($0 & 0xdf) }) else {
        throw CheckpointError(
          .malformed, .image, at: offset + 4, "a chunk's name must be four letters, found the bytes \(letters)")
      }
      name = String(decoding: letters, as: UTF8.self)
      guard length < 1 << 31 else {
        throw CheckpointError(
          .malformed, .image, at: offset, subject: name, "\(length) bytes, more than \(Int(Int32.max))")
      }
      guard bytes.byteCount - content >= length + 4 else {
        throw CheckpointError(
          .truncated, .image, at: offset, subject: name,
          "content and checksum need \(length + 4) bytes, \(bytes.byteCount - content) left")
      }
    }
  }
}

extension RawSpan {
  /// The big-endian unsigned integer of 32 bits at `offset`.
  fileprivate func bigEndian32(at offset: Int) -> Int {
    Int(littleEndian(UInt32.self, at: offset).byteSwapped)
  }
}
