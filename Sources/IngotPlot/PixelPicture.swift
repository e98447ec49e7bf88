// SPDX-License-Identifier: Apache-2.0

/// A small picture of pixels that goes into a page as a PNG file in a `data:` address.
///
/// The PNG is stored, not compressed: the same bytes with every version of every library. Thumbnails are a few kilobytes anyway.
public struct PixelPicture: Sendable, Hashable {
  /// Pixels per row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// Red, green and blue of each pixel, row by row.
  public let rgb: [UInt8]

  /// Makes a picture.
  ///
  /// - Parameters:
  ///   - width: pixels per row, 1...65,535.
  ///   - height: rows, 1...65,535.
  ///   - rgb: `width * height * 3` bytes.
  public init(width: Int, height: Int, rgb: [UInt8]) {
    precondition(1...65_535 ~= width && 1...65_535 ~= height && rgb.count == width * height * 3, "three bytes a pixel")
    self.width = width
    self.height = height
    self.rgb = rgb
  }

  /// Makes a picture from the normalised pixels a model is given.
  ///
  /// - Parameters:
  ///   - values: `[3, height, width]`; `value * deviation + mean` lies in 0...1, and is clipped to it. NaN is black.
  ///   - width: pixels per row.
  ///   - height: rows.
  ///   - mean: of the three channels.
  ///   - deviation: of the three channels.
  public init(planes values: ArraySlice<Float>, width: Int, height: Int, mean: [Double], deviation: [Double]) {
    precondition(values.count == 3 * width * height && mean.count == 3 && deviation.count == 3, "three planes")
    var rgb = [UInt8](repeating: 0, count: values.count)
    let plane = width * height
    for channel in 0..<3 {
      for pixel in 0..<plane {
        let value = Double(values[values.startIndex + channel * plane + pixel]) * deviation[channel] + mean[channel]
        rgb[pixel * 3 + channel] = value > 0 ? UInt8((min(1, value) * 255).rounded()) : 0
      }
    }
    self.init(width: width, height: height, rgb: rgb)
  }

  /// The picture with neither side longer than `side`.
  ///
  /// Each pixel is the mean of those it covers; smaller pictures stay as they are.
  ///
  /// - Parameter side: at least 1.
  /// - Returns: a picture of the same shape.
  public func shrunk(to side: Int) -> PixelPicture {
    let longest = max(width, height)
    guard longest > side else { return self }
    let columns = max(1, width * side / longest)
    let rows = max(1, height * side / longest)
    var result: [UInt8] = []
    result.reserveCapacity(columns * rows * 3)
    for row in 0..<rows {
      let from = row * height / rows
      let to = max(from + 1, (row + 1) * height / rows)
      for column in 0..<columns {
        let left = column * width / columns
        let right = max(left + 1, (column + 1) * width / columns)
        let count = (to - from) * (right - left)
        for channel in 0..<3 {
          var sum = 0
          for y in from..<to { for x in left..<right { sum += Int(rgb[(y * width + x) * 3 + channel]) } }
          result.append(UInt8((sum + count / 2) / count))
        }
      }
    }
    return PixelPicture(width: columns, height: rows, rgb: result)
  }

  /// The picture as a PNG file (W3C Portable Network Graphics; RFC 1950 and 1951 for the stored stream inside).
  public var png: [UInt8] {
    var rows: [UInt8] = []
    rows.reserveCapacity((width * 3 + 1) * height)
    for row in 0..<height {
      rows.append(0)
      rows += rgb[(row * width * 3)..<((row + 1) * width * 3)]
    }
    var stream: [UInt8] = [0x78, 0x01]
    var start = 0
    repeat {
      let end = min(rows.count, start + 65_535)
      let length = UInt16(end - start)
      stream.append(end == rows.count ? 1 : 0)
      stream += [UInt8(length & 0xFF), UInt8(length >> 8), UInt8(~length & 0xFF), UInt8(~length >> 8)]
      stream += rows[start..<end]
      start = end
    } while start < rows.count
    stream += Self.bigEndian(Self.adler32(rows))
    let header = Self.bigEndian(UInt32(width)) + Self.bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]
    return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + Self.chunk("IHDR", header) + Self.chunk("IDAT", stream)
      + Self.chunk("IEND", [])
  }

  /// The PNG file as an address that a page can hold.
  public var address: String { "data:image/png;base64," + Self.base64(png) }

  private static func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(name.utf8) + content
    return bigEndian(UInt32(content.count)) + body + bigEndian(crc32(body))
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [UInt8(value >> 24), UInt8(value >> 16 & 0xFF), UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
  }

  private static func adler32(_ bytes: [UInt8]) -> UInt32 {
    var (a, b): (UInt32, UInt32) = (1, 0)
    for byte in bytes {
      a = (a + UInt32(byte)) % 65_521
      b = (b + a) % 65_521
    }
    return b << 16 | a
  }

  private static let crcTable: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { value, _ in value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1 }
  }

  private static func crc32(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(~UInt32(0)) { crcTable[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }

  /// RFC 4648.
  static func base64(_ bytes: [UInt8]) -> String {
    let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    var result: [UInt8] = []
    result.reserveCapacity((bytes.count + 2) / 3 * 4)
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let rest = bytes.count - start
      let group =
        Int(bytes[start]) << 16 | (rest > 1 ? Int(bytes[start + 1]) << 8 : 0) | (rest > 2 ? Int(bytes[start + 2]) : 0)
      result.append(alphabet[group >> 18])
      result.append(alphabet[group >> 12 & 63])
      result.append(rest > 1 ? alphabet[group >> 6 & 63] : 0x3D)
      result.append(rest > 2 ? alphabet[group & 63] : 0x3D)
    }
    return String(decoding: result, as: UTF8.self)
  }
}
