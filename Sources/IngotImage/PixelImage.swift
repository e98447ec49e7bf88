// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// A decoded image in the mode that Pillow would give it: 8 bits per sample, or grey of 16.
public struct PixelImage: Sendable, Hashable {
  /// What the bytes of a pixel mean.
  ///
  /// Raw values are Pillow's names.
  public enum Mode: String, Sendable, Hashable, CaseIterable {
    /// Black (0) or white (255), one byte per pixel.
    case bilevel = "1"
    /// Grey.
    case grey = "L"
    /// Grey of 16 bits, the lower byte first.
    case grey16 = "I;16"
    /// Grey and alpha, not premultiplied.
    case greyAlpha = "LA"
    /// An index into `palette`.
    case palette = "P"
    /// Red, green, blue.
    case rgb = "RGB"
    /// Red, green, blue and alpha, not premultiplied.
    case rgba = "RGBA"
    /// Cyan, magenta, yellow, black; 255 is full ink.
    case cmyk = "CMYK"

    /// Bytes per pixel, 1 to 4.
    public var channels: Int {
      switch self {
      case .bilevel, .grey, .palette: 1
      case .grey16, .greyAlpha: 2
      case .rgb: 3
      case .rgba, .cmyk: 4
      }
    }
  }

  /// Pixels per row, at least 1.
  public let width: Int
  /// Rows, at least 1.
  public let height: Int
  /// What the bytes of a pixel mean.
  public let mode: Mode
  /// `height` rows of `width` pixels of `mode.channels` bytes, top row first, without padding.
  public let pixels: [UInt8]
  /// Red, green, blue of each entry, at most 256, for mode `palette`; empty for the others.
  ///
  /// An index without an entry is black.
  public let palette: [UInt8]

  /// Makes an image from its parts.
  ///
  /// - Parameters:
  ///   - width: pixels per row.
  ///   - height: rows.
  ///   - mode: what the bytes of a pixel mean.
  ///   - pixels: `height * width * mode.channels` bytes.
  ///   - palette: up to 256 times three bytes, for mode `palette` only.
  /// - Throws: `mismatch` when sizes are not positive or do not agree with the count of bytes.
  public init(
    width: Int, height: Int, mode: Mode, pixels: [UInt8], palette: [UInt8] = []
  ) throws(CheckpointError) {
    guard width > 0, height > 0 else {
      throw CheckpointError(.mismatch, .image, "an image of \(width)x\(height) pixels; both must be positive")
    }
    guard let expected = Int.product([width, height, mode.channels]), expected == pixels.count else {
      throw CheckpointError(
        .mismatch, .image,
        "\(pixels.count) bytes for \(width)x\(height) pixels of mode \(mode.rawValue) with \(mode.channels) bytes each")
    }
    guard palette.count.isMultiple(of: 3), palette.count <= 768, mode == .palette || palette.isEmpty else {
      throw CheckpointError(
        .mismatch, .image, "a palette of \(palette.count) bytes for mode \(mode.rawValue)")
    }
    self.width = width
    self.height = height
    self.mode = mode
    self.pixels = pixels
    self.palette = palette
  }
}
