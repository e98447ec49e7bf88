// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The picture of a sample, not yet decoded.
public enum SampleImage: Sendable {
  /// A picture file of the file system.
  case file(String)
  /// The bytes of a picture file that stands in an archive, or was made by another program.
  case encoded(LentBytes)
  /// The pixels themselves, for datasets that are distributed so.
  case pixels(RawPicture)
}

/// Pixels as a dataset stores them, 8 bits a sample.
public struct RawPicture: Sendable, Hashable {
  /// Pixels per row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// 1 for grey, 3 for red, green, blue.
  public let channels: Int
  /// `height` rows of `width` pixels of `channels` bytes, top row first.
  public let pixels: [UInt8]

  /// Makes a picture from its parts.
  ///
  /// - Parameters:
  ///   - width: pixels per row, at least 1.
  ///   - height: rows, at least 1.
  ///   - channels: 1 or 3.
  ///   - pixels: `height * width * channels` bytes.
  public init(width: Int, height: Int, channels: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && (channels == 1 || channels == 3), "a picture has pixels")
    precondition(pixels.count == width * height * channels, "as many bytes as pixels")
    self.width = width
    self.height = height
    self.channels = channels
    self.pixels = pixels
  }

  /// Makes a picture of one plane for each channel.
  ///
  /// - Parameters:
  ///   - planes: `channels` planes of `height * width` bytes, one after the other.
  ///   - width: pixels per row.
  ///   - height: rows.
  ///   - channels: 1 or 3.
  ///   - columnsFirst: whether a plane's columns stand one after the other, as MATLAB writes them, and not its rows.
  init(planes: [UInt8], width: Int, height: Int, channels: Int, columnsFirst: Bool = false) {
    let area = width * height
    precondition(planes.count == area * channels, "as many bytes as pixels")
    var pixels = [UInt8](repeating: 0, count: planes.count)
    for channel in 0..<channels {
      for row in 0..<height {
        for column in 0..<width {
          let source = columnsFirst ? column * height + row : row * width + column
          pixels[(row * width + column) * channels + channel] = planes[channel * area + source]
        }
      }
    }
    self.init(width: width, height: height, channels: channels, pixels: pixels)
  }
}
