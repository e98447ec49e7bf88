// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension ImagePreprocessing {
  /// Resizes, crops and converts an image.
  ///
  /// - Parameter image: an image of any size and mode.
  /// - Returns: red, green, blue of `size` rows of `size` pixels.
  /// - Throws: `limit` when a size is not in 1...`largestSize`, `unsupported` for steps that no pipeline has.
  public func pixels(of image: PixelImage) throws(CheckpointError) -> [UInt8] {
    try pixels(of: image, PixelKernels())
  }

  /// As the public function, with the instructions chosen.
  func pixels(of image: PixelImage, _ kernels: PixelKernels) throws(CheckpointError) -> [UInt8] {
    let placement = try placement(of: image)
    var mode = image.mode
    var raster = Raster(
      width: image.width, height: image.height, channels: mode.channels, samples: image.pixels)
    if pipeline == .torchvisionRGB || pipeline == .huggingFace {
      raster = Raster(
        width: image.width, height: image.height, channels: 3, samples: raster.rgb(mode, palette: image.palette))
      mode = .rgb
    }
    let window = placement.window
    if window.width == image.width, window.height == image.height {
      // Not resized at all: alpha is not multiplied in and divided out again.
      raster = raster.cropped(window)
    } else {
      switch mode {
      case .bilevel, .palette: raster = raster.resizedNearest(window)
      case .grey16: raster = raster.resizedGrey16(window, interpolation)
      case .greyAlpha, .rgba:
        raster =
          interpolation == .nearest
          ? raster.resizedNearest(window)
          : raster.premultiplied().resized(window, interpolation, kernels).unpremultiplied()
      case .grey, .rgb, .cmyk: raster = raster.resized(window, interpolation, kernels)
      }
    }
    return raster.padded(width: size, height: size, column: placement.column, row: placement.row)
      .rgb(mode, palette: image.palette)
  }

  /// Makes a model's input from an image.
  ///
  /// - Parameter image: an image of any size and mode.
  /// - Returns: `[3, size, size]`, normalised.
  /// - Throws: what `pixels(of:)` throws, and `mismatch` when there are not three means and three deviations or a deviation is zero.
  public func tensor(from image: PixelImage) throws(CheckpointError) -> [Float] {
    guard mean.count == 3, standardDeviation.count == 3, !standardDeviation.contains(0) else {
      throw CheckpointError(
        .mismatch, .image,
        "means \(mean) and deviations \(standardDeviation); three of each, no deviation zero, are needed")
    }
    return PixelKernels.planes(try pixels(of: image), table)
  }

  /// Makes a model's input from a JPEG or PNG file.
  ///
  /// - Parameter path: the file.
  /// - Returns: `[3, size, size]`, normalised.
  /// - Throws: `FileError` when the file cannot be read, `CheckpointError` for what is in it.
  public func tensor(fromFile path: String) throws -> [Float] {
    let file = try MappedFile(path: path)
    let image = try ImageDecoder.decode(file.bytes)
    return try tensor(from: image)
  }

  /// For each channel, what becomes of the samples 0 to 255.
  private var table: [Float] {
    (0..<3).flatMap { channel in
      (0..<256).map { sample in (scaled(sample) - mean[channel]) / standardDeviation[channel] }
    }
  }

  /// A sample in 0...1.
  private func scaled(_ sample: Int) -> Float {
    switch pipeline {
    case .torchvision, .torchvisionRGB, .openCLIP: Float(sample) / 255
    case .huggingFace: Float(Double(sample) * (1.0 / 255))
    }
  }
}
