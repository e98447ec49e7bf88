// SPDX-License-Identifier: Apache-2.0
//
// The one place where pointers go to libpng.

private import CPNG
import IngotBytes

/// PNG through libpng.
enum PNGDecoder {
  static func decode(_ bytes: RawSpan, pixelLimit: Int) throws(CheckpointError) -> PixelImage {
    let header = try PNGHeader(bytes, pixelLimit: pixelLimit)
    let mode = header.decodedMode
    guard let size = Int.product([header.width, header.height, mode.channels]) else {
      throw CheckpointError(.overflow, .image, "\(header.width)x\(header.height) pixels of mode \(mode.rawValue)")
    }
    let rowBytes = header.width * mode.channels
    var result = cpng_result()
    var status: Int32 = 0
    // SAFETY: libpng reads within `input.count` bytes and writes exactly `rowBytes * height` = `size` bytes, which the shim checks
    // against the stream's own header; on failure nothing counts as initialised.
    var pixels = unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
      status = unsafe bytes.withUnsafeBytes { input in
        unsafe cpng_decode(
          input.baseAddress?.assumingMemoryBound(to: UInt8.self), input.count, output.baseAddress, rowBytes,
          header.height, mode == .grey16 ? 1 : 0, &result)
      }
      count = status == Int32(bitPattern: CPNG_OK.rawValue) ? size : 0
    }
    guard pixels.count == size else { throw error(status, result) }
    if mode == .bilevel { for index in pixels.indices { pixels[index] = pixels[index] == 0 ? 0 : 255 } }
    var palette: [UInt8] = []
    if mode == .palette {
      // SAFETY: the array's bytes are plain memory, read within the closure.
      palette = unsafe withUnsafeBytes(of: result.palette) { unsafe Array($0) }
      palette.removeLast(palette.count - 3 * min(256, Int(result.palette_count)))
    }
    if header.isWidened {
      var widened: [UInt8] = []
      widened.reserveCapacity(pixels.count * 2)
      for index in stride(from: 0, to: pixels.count, by: 2) {
        for _ in 0..<3 { widened.append(pixels[index]) }
        widened.append(pixels[index + 1])
      }
      return try PixelImage(width: header.width, height: header.height, mode: .rgba, pixels: widened)
    }
    return try PixelImage(
      width: header.width, height: header.height, mode: mode, pixels: pixels, palette: palette)
  }

  private static func error(_ status: Int32, _ result: cpng_result) -> CheckpointError {
    // SAFETY: the shim ends the message with a zero byte.
    let words = unsafe withUnsafeBytes(of: result.message) { bytes in
      unsafe String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
    }
    let code: CheckpointError.Code
    switch UInt32(bitPattern: status) {
    case CPNG_TRUNCATED.rawValue: code = .truncated
    case CPNG_MEMORY.rawValue: code = .limit
    default: code = .corrupt
    }
    return CheckpointError(code, .image, at: result.offset, "PNG: \(words.isEmpty ? "no memory" : words)")
  }
}
