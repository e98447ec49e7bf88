// SPDX-License-Identifier: Apache-2.0
//
// The one place where pointers go to libjpeg-turbo.

private import CJPEG
import IngotBytes

/// JPEG through libjpeg-turbo: accurate integer DCT and fancy upsampling, the library's defaults and Pillow's.
enum JPEGDecoder {
  static func decode(_ bytes: RawSpan, pixelLimit: Int) throws(CheckpointError) -> PixelImage {
    // SAFETY: the decoder lives within the closure, and so within the life of the bytes it reads.
    let result = unsafe bytes.withUnsafeBytes { unsafe decode($0, pixelLimit: pixelLimit) }
    return try result.get()
  }

  private static func decode(
    _ input: UnsafeRawBufferPointer, pixelLimit: Int
  ) -> Result<PixelImage, CheckpointError> {
    var decoder: OpaquePointer?
    var header = cjpeg_header()
    // SAFETY: the library reads within `input.count` bytes; the decoder is closed once, whatever happens.
    let opened = unsafe cjpeg_open(
      input.baseAddress?.assumingMemoryBound(to: UInt8.self), input.count, &decoder, &header)
    defer { unsafe cjpeg_close(decoder) }
    guard opened == ok else { return unsafe .failure(error(opened, decoder)) }
    do throws(CheckpointError) {
      let width = Int(header.width)
      let height = Int(header.height)
      let offset = unsafe cjpeg_offset(decoder)
      try ImageDecoder.check(width: width, height: height, pixelLimit: pixelLimit, at: offset)
      let mode = try mode(components: Int(header.components), at: offset)
      guard header.least_bytes <= UInt64(input.count) else {
        throw CheckpointError(
          .truncated, .image, at: offset,
          "\(width)x\(height) pixels take \(header.least_bytes) bytes at least, the file has \(input.count)")
      }
      guard let size = Int.product([width, height, mode.channels]) else {
        throw CheckpointError(.overflow, .image, at: offset, "\(width)x\(height) pixels of mode \(mode.rawValue)")
      }
      var status = ok
      // SAFETY: the shim writes `width * channels` bytes for each of `height` rows, `size` in all, after checking both against the
      // library; on failure nothing counts as initialised.
      var pixels = unsafe [UInt8](unsafeUninitializedCapacity: size) { output, count in
        status = unsafe cjpeg_read(decoder, output.baseAddress, width * mode.channels, height)
        count = status == ok ? size : 0
      }
      guard status == ok else { throw unsafe error(status, decoder) }
      // Pillow takes every JPEG of four components for one of Adobe's, which store the inverse.
      if mode == .cmyk { for index in pixels.indices { pixels[index] = 255 - pixels[index] } }
      return .success(try PixelImage(width: width, height: height, mode: mode, pixels: pixels))
    } catch {
      return .failure(error)
    }
  }

  private static var ok: Int32 { Int32(bitPattern: CJPEG_OK.rawValue) }

  private static func mode(components: Int, at offset: Int) throws(CheckpointError) -> PixelImage.Mode {
    switch components {
    case 1: return .grey
    case 3: return .rgb
    case 4: return .cmyk
    default:
      throw CheckpointError(
        .unsupported, .image, at: offset, "a JPEG of \(components) components; 1, 3 and 4 are read")
    }
  }

  private static func error(_ status: Int32, _ decoder: OpaquePointer?) -> CheckpointError {
    // SAFETY: the message is NUL-terminated and valid until the decoder is closed, after this call.
    let words = unsafe String(cString: cjpeg_message(decoder))
    let code: CheckpointError.Code
    switch UInt32(bitPattern: status) {
    case CJPEG_TRUNCATED.rawValue: code = .truncated
    case CJPEG_MEMORY.rawValue, CJPEG_LIMIT.rawValue: code = .limit
    case CJPEG_UNSUPPORTED.rawValue: code = .unsupported
    default: code = .corrupt
    }
    return CheckpointError(code, .image, at: unsafe cjpeg_offset(decoder), "JPEG: \(words)")
  }
}
