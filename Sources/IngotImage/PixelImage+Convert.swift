// SPDX-License-Identifier: Apache-2.0

/// Pillow's conversions between modes (its `Convert.c`), on pixels that are being resized.
extension Raster {
  /// Multiplies colour by alpha, which is the last channel: Pillow's LA to La, RGBA to RGBa.
  func premultiplied() -> Raster {
    var result = self
    for pixel in stride(from: 0, to: samples.count, by: channels) {
      let alpha = samples[pixel + channels - 1]
      for index in pixel..<pixel + channels - 1 {
        result.samples[index] = Self.multiplied(samples[index], alpha)
      }
    }
    return result
  }

  /// Divides colour by alpha, rounding down: Pillow's La to LA, RGBa to RGBA.
  func unpremultiplied() -> Raster {
    var result = self
    for pixel in stride(from: 0, to: samples.count, by: channels) {
      let alpha = samples[pixel + channels - 1]
      if alpha == 0 || alpha == 255 { continue }
      for index in pixel..<pixel + channels - 1 {
        result.samples[index] = UInt8(min(255, 255 * Int(samples[index]) / Int(alpha)))
      }
    }
    return result
  }

  /// The pixels as red, green, blue: alpha is dropped, not blended.
  ///
  /// - Parameters:
  ///   - mode: what the samples mean.
  ///   - palette: the colours of mode `palette`.
  /// - Returns: three bytes per pixel.
  func rgb(_ mode: PixelImage.Mode, palette: [UInt8]) -> [UInt8] {
    if mode == .rgb { return samples }
    var result: [UInt8] = []
    result.reserveCapacity(width * height * 3)
    for pixel in stride(from: 0, to: samples.count, by: channels) {
      switch mode {
      case .bilevel, .grey, .greyAlpha:
        for _ in 0..<3 { result.append(samples[pixel]) }
      case .grey16:
        // What Pillow does: everything above 255 becomes white.
        let value = samples[pixel + 1] == 0 ? samples[pixel] : 255
        for _ in 0..<3 { result.append(value) }
      case .palette:
        let entry = 3 * Int(samples[pixel])
        for index in entry..<entry + 3 { result.append(index < palette.count ? palette[index] : 0) }
      case .rgb, .rgba:
        for index in pixel..<pixel + 3 { result.append(samples[index]) }
      case .cmyk:
        let light = 255 - samples[pixel + 3]
        for index in pixel..<pixel + 3 { result.append(light - Self.multiplied(samples[index], light)) }
      }
    }
    return result
  }

  /// `a * b / 255`, rounded to nearest.
  private static func multiplied(_ a: UInt8, _ b: UInt8) -> UInt8 {
    let product = Int(a) * Int(b) + 128
    return UInt8(((product >> 8) + product) >> 8)
  }
}
