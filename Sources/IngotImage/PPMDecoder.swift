// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Binary PPM and PGM (`P6` and `P5`), as Pillow reads them: numbers in the header with blanks and comments between, then the samples.
enum PPMDecoder {
  /// Whether a file begins as one of the six kinds of Netpbm does.
  static func recognises(_ bytes: RawSpan) -> Bool {
    bytes.byteCount >= 3 && bytes[byte: 0] == UInt8(ascii: "P") && (0x31...0x36).contains(bytes[byte: 1])
      && isBlank(bytes[byte: 2])
  }

  static func decode(_ bytes: RawSpan, pixelLimit: Int) throws(CheckpointError) -> PixelImage {
    let mode: PixelImage.Mode
    switch bytes[byte: 1] {
    case UInt8(ascii: "6"): mode = .rgb
    case UInt8(ascii: "5"): mode = .grey
    case let kind:
      throw CheckpointError(
        .unsupported, .image, at: 1,
        "PNM: kind P\(Unicode.Scalar(kind)), only P5 and P6 (binary grey and colour) are read")
    }
    var position = 2
    let width = try number(bytes, &position, "width")
    let height = try number(bytes, &position, "height")
    let largest = try number(bytes, &position, "largest value")
    try ImageDecoder.check(width: width, height: height, pixelLimit: pixelLimit, at: 2)
    guard (1...255).contains(largest) else {
      throw CheckpointError(
        .unsupported, .image, at: position,
        "PNM: the largest value is \(largest), only samples of 8 bits (1 to 255) are read")
    }
    // One blank ends the header; whatever comes next is a sample.
    position += 1
    guard let size = Int.product([width, height, mode.channels]), let end = size.adding(position) else {
      throw CheckpointError(.overflow, .image, "\(width)x\(height) pixels of mode \(mode.rawValue)")
    }
    guard end <= bytes.byteCount else {
      throw CheckpointError(
        .truncated, .image, at: bytes.byteCount,
        "PNM: \(width)x\(height) pixels need \(size) bytes, \(max(0, bytes.byteCount - position)) left")
    }
    var pixels = bytes.extracting(position..<end).copied()
    if largest != 255 {
      // As Pillow scales: to nearest, and to even where two are equally near.
      let scaled = (0...255).map { value in
        UInt8(min(255, (Double(value) / Double(largest) * 255).rounded(.toNearestOrEven)))
      }
      for index in pixels.indices { pixels[index] = scaled[Int(pixels[index])] }
    }
    return try PixelImage(width: width, height: height, mode: mode, pixels: pixels)
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

  /// Reads a number after blanks and comments, and stops at the byte behind it.
  private static func number(
    _ bytes: RawSpan, _ position: inout Int, _ what: String
  ) throws(CheckpointError) -> Int {
    while position < bytes.byteCount {
      let byte = bytes[byte: position]
      if byte == UInt8(ascii: "#") {
        while position < bytes.byteCount, bytes[byte: position] != 0x0a, bytes[byte: position] != 0x0d { position += 1 }
      } else if !isBlank(byte) {
        break
      }
      position += 1
    }
    let start = position
    var value = 0
    while position < bytes.byteCount, (0x30...0x39).contains(bytes[byte: position]), position - start < 10 {
      value = value * 10 + Int(bytes[byte: position] - 0x30)
      position += 1
    }
    guard position < bytes.byteCount else {
      throw CheckpointError(.truncated, .image, at: bytes.byteCount, "PNM: the header ends within its \(what)")
    }
    guard position > start, isBlank(bytes[byte: position]) else {
      throw CheckpointError(
        .malformed, .image, at: position, "PNM: byte 0x\(String(bytes[byte: position], radix: 16)) within the \(what)")
    }
    return value
  }
}
