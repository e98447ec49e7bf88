// SPDX-License-Identifier: Apache-2.0

extension PixelImage {
  /// The pixels as red, green and blue, three bytes each, top row first: alpha is dropped, not blended; grey of 16 bits as Pillow does it.
  public var rgb: [UInt8] {
    Raster(width: width, height: height, channels: mode.channels, samples: pixels).rgb(mode, palette: palette)
  }
}
