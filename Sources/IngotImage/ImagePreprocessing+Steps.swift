// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension ImagePreprocessing {
  /// Resizes, crops and converts an image.
  ///
  /// - Parameter image: an image of any size and mode.
  /// - Returns: red, green, blue of `size` rows of `size` pixels.
  /// - Throws: what `check` throws, `unsupported` for an image so long that nothing is left of its shorter side, `limit` for one so long that
  ///   it cannot be resized in reasonable memory.
  public func pixels(of image: PixelImage) throws(CheckpointError) -> [UInt8] {
    try pixels(of: image, PixelKernels())
  }

  /// As the public function, with the instructions chosen.
  func pixels(of image: PixelImage, _ kernels: PixelKernels) throws(CheckpointError) -> [UInt8] {
    let placement = try placement(of: image)
    var mode = image.mode
    var raster = Raster(
      width: image.width, height: image.height, channels: mode.channels, samples: image.pixels)
    if convertsFirst {
      raster = Raster(
        width: image.width, height: image.height, channels: 3, samples: raster.rgb(mode, palette: image.palette))
      mode = .rgb
    }
    let window = placement.window
    if window.width == image.width, window.height == image.height {
      // Not resized at all: alpha is not multiplied in and divided out again.
      raster = raster.cropped(window)
    } else {
      if mode != .bilevel, mode != .palette, interpolation != .nearest { try checkWeights(of: image, window) }
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
  /// - Throws: what `pixels(of:)` throws.
  public func tensor(from image: PixelImage) throws(CheckpointError) -> [Float] {
    PixelKernels.planes(try pixels(of: image), table, isReversed: channelOrder == .bgr)
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

  /// Whether the image becomes RGB before it is resized.
  private var convertsFirst: Bool {
    switch pipeline {
    case .torchvision, .openCLIP: false
    case .torchvisionRGB, .huggingFace, .keras: true
    }
  }

  /// For each plane of the input, what becomes of the samples 0 to 255, in the original's order of operations and precision.
  private var table: [Float] {
    (0..<3).flatMap { channel in
      (0..<256).map { sample in
        switch pipeline {
        case .torchvision, .torchvisionRGB, .openCLIP:
          (Float(sample) / 255 - Float(mean[channel])) / Float(standardDeviation[channel])
        case .huggingFace:
          (Float(Double(sample) * (1.0 / 255)) - Float(mean[channel])) / Float(standardDeviation[channel])
        case .keras:
          (Float(sample) - Float(mean[channel] * 255)) / Float(standardDeviation[channel] * 255)
        }
      }
    }
  }
}
