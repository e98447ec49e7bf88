// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The steps from an image to a CLIP model's input, bit for bit those of OpenAI's `_transform` with Pillow and torchvision:
/// bicubic resize of the shorter side, crop of the centre, conversion to RGB, division by 255, normalisation.
public struct ImagePreprocessing: Sendable, Hashable {
  /// The largest `size` accepted.
  public static let largestSize = 8192

  /// Pixels on each side of the model's input.
  public var size: Int
  /// What is subtracted from red, green and blue, which run from 0 to 1.
  public var mean: [Float]
  /// What red, green and blue are divided by after that; not zero.
  public var standardDeviation: [Float]

  /// Makes the steps from their constants, which are checked when an image is processed.
  ///
  /// - Parameters:
  ///   - size: pixels on each side of the model's input.
  ///   - mean: three numbers.
  ///   - standardDeviation: three numbers other than zero.
  public init(size: Int, mean: [Float], standardDeviation: [Float]) {
    self.size = size
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The constants of OpenAI's models.
  ///
  /// - Parameter size: pixels on each side of the model's input.
  /// - Returns: the steps.
  public static func openAI(size: Int) -> ImagePreprocessing {
    ImagePreprocessing(
      size: size, mean: [0.48145466, 0.4578275, 0.40821073],
      standardDeviation: [0.26862954, 0.26130258, 0.27577711])
  }

  /// Resizes, crops and converts an image.
  ///
  /// - Parameter image: an image of any size and mode.
  /// - Returns: red, green, blue of `size` rows of `size` pixels.
  /// - Throws: `limit` when `size` is not in 1...`largestSize`.
  public func pixels(of image: PixelImage) throws(CheckpointError) -> [UInt8] {
    guard (1...Self.largestSize).contains(size) else {
      throw CheckpointError(.limit, .image, "an input of \(size) pixels; 1 to \(Self.largestSize) are allowed")
    }
    let window = try window(of: image)
    let raster = Raster(
      width: image.width, height: image.height, channels: image.mode.channels, samples: image.pixels)
    let resized: Raster
    if window.width == image.width, window.height == image.height {
      // Not resized at all: alpha is not multiplied in and divided out again.
      resized = raster.cropped(window)
    } else {
      switch image.mode {
      case .bilevel, .palette: resized = raster.resizedNearest(window)
      case .greyAlpha, .rgba: resized = raster.premultiplied().resizedBicubic(window).unpremultiplied()
      case .grey, .rgb, .cmyk: resized = raster.resizedBicubic(window)
      }
    }
    return resized.rgb(image.mode, palette: image.palette)
  }

  /// Makes a model's input from an image.
  ///
  /// - Parameter image: an image of any size and mode.
  /// - Returns: `[3, size, size]`, normalised.
  /// - Throws: `limit` when `size` is out of range, `mismatch` when there are not three means and three deviations or a deviation is zero.
  public func tensor(from image: PixelImage) throws(CheckpointError) -> [Float] {
    guard mean.count == 3, standardDeviation.count == 3, !standardDeviation.contains(0) else {
      throw CheckpointError(
        .mismatch, .image,
        "means \(mean) and deviations \(standardDeviation); three of each, no deviation zero, are needed")
    }
    let pixels = try pixels(of: image)
    var result: [Float] = []
    result.reserveCapacity(pixels.count)
    for channel in 0..<3 {
      let values = (0...255).map { (Float($0) / 255 - mean[channel]) / standardDeviation[channel] }
      for index in stride(from: channel, to: pixels.count, by: 3) { result.append(values[Int(pixels[index])]) }
    }
    return result
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

  /// torchvision's sizes: the longer side is rounded down, the crop's corner to even.
  private func window(of image: PixelImage) throws(CheckpointError) -> CropWindow {
    let short = min(image.width, image.height)
    guard let product = size.multiplied(by: max(image.width, image.height)) else {
      throw CheckpointError(.overflow, .image, "\(image.width)x\(image.height) pixels resized to \(size)")
    }
    let long = Int(Double(product) / Double(short))
    let (width, height) = image.width <= image.height ? (size, long) : (long, size)
    let left = Int((Double(width - size) / 2).rounded(.toNearestOrEven))
    let top = Int((Double(height - size) / 2).rounded(.toNearestOrEven))
    return CropWindow(width: width, height: height, columns: left..<left + size, rows: top..<top + size)
  }
}

extension Raster {
  /// The pixels that `window` keeps, where nothing is resized.
  func cropped(_ window: CropWindow) -> Raster {
    var kept: [UInt8] = []
    for row in window.rows {
      let line = row * width
      kept += samples[(line + window.columns.lowerBound) * channels..<(line + window.columns.upperBound) * channels]
    }
    return Raster(width: window.columns.count, height: window.rows.count, channels: channels, samples: kept)
  }
}
