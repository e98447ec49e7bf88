// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// Which part of a resized image is kept, and where it lies in the model's input.
struct Placement {
  /// The part kept.
  let window: CropWindow
  /// The column and row of the input where it begins; zeros are around it.
  let column: Int
  let row: Int
}

extension ImagePreprocessing {
  /// Checks the constants, which is also done for every image.
  ///
  /// - Throws: `limit` when a size is not in 1...`largestSize`, `unsupported` for steps that no pipeline has, `mismatch` when there are not
  ///   three means and three deviations or a deviation is zero as a float32.
  public func check() throws(CheckpointError) {
    for side in [size, resizeSide] where !(1...Self.largestSize).contains(side) {
      throw CheckpointError(.limit, .image, "an input of \(side) pixels; 1 to \(Self.largestSize) are allowed")
    }
    guard mean.count == 3, standardDeviation.count == 3, !standardDeviation.contains(where: { Float($0) == 0 }) else {
      throw CheckpointError(
        .mismatch, .image,
        "means \(mean) and deviations \(standardDeviation); three of each, no deviation zero, are needed")
    }
    guard resize == .longestSide else { return }
    guard pipeline == .openCLIP, resizeSide == size, interpolation == .bicubic || interpolation == .bilinear else {
      throw CheckpointError(
        .unsupported, .image, subject: "preprocessing",
        "\(pipeline.rawValue), \(interpolation.rawValue), \(resizeSide) then \(size) pixels; only OpenCLIP resizes the longest side"
      )
    }
  }

  /// Where the pixels of an image go.
  ///
  /// - Throws: what `check` throws, `unsupported` for an image so long that its shorter side would vanish, `limit` for one so long that
  ///   Pillow could not count the resized pixels of a side.
  func placement(of image: PixelImage) throws(CheckpointError) -> Placement {
    try check()
    let (width, height) = try resizedSize(of: image)
    guard max(width, height) <= Int(Int32.max) else {
      throw CheckpointError(
        .limit, .image,
        "\(image.width)x\(image.height) pixels, resized to \(width)x\(height); \(Int32.max) is the most of a side")
    }
    let (columns, column) = kept(of: width)
    let (rows, row) = kept(of: height)
    return Placement(
      window: CropWindow(width: width, height: height, columns: columns, rows: rows), column: column, row: row)
  }

  /// Refuses to shrink by so much that the weights alone would take hundreds of megabytes; Pillow does so at four times as many.
  ///
  /// - Throws: `limit`.
  func checkWeights(of image: PixelImage, _ window: CropWindow) throws(CheckpointError) {
    for (source, target, outputs) in [
      (image.width, window.width, window.columns.count), (image.height, window.height, window.rows.count),
    ] {
      let reach = interpolation.support * max(Double(source) / Double(target), 1)
      let count = Double(outputs) * (2 * reach.rounded(.up) + 1)
      guard count <= Double(Self.mostWeights) else {
        throw CheckpointError(
          .limit, .image,
          "\(source) pixels become \(target), which takes \(Int(count)) weights; \(Self.mostWeights) are allowed")
      }
    }
  }

  /// The most weights of one direction.
  private static let mostWeights = 1 << 26

  private func resizedSize(of image: PixelImage) throws(CheckpointError) -> (width: Int, height: Int) {
    switch resize {
    case .squash: return (resizeSide, resizeSide)
    case .shortestSide:
      let short = min(image.width, image.height)
      guard let product = resizeSide.multiplied(by: max(image.width, image.height)) else {
        throw CheckpointError(.overflow, .image, "\(image.width)x\(image.height) pixels resized to \(resizeSide)")
      }
      // Rounded down, as torchvision and transformers do.
      let long = Int(Double(product) / Double(short))
      return image.width <= image.height ? (resizeSide, long) : (long, resizeSide)
    case .longestSide:
      // Rounded to even, as Python does.
      let ratio = max(Double(image.height) / Double(size), Double(image.width) / Double(size))
      let width = Int((Double(image.width) / ratio).rounded(.toNearestOrEven))
      let height = Int((Double(image.height) / ratio).rounded(.toNearestOrEven))
      guard width > 0, height > 0 else {
        throw CheckpointError(
          .unsupported, .image,
          "\(image.width)x\(image.height) pixels, of which none are left on the shorter side when the longer becomes \(size)"
        )
      }
      return (width, height)
    }
  }

  /// The centre of one direction: what is kept of `length` pixels, and where the input has it.
  private func kept(of length: Int) -> (Range<Int>, Int) {
    let excess = length - size
    if excess >= 0 {
      let start: Int
      switch pipeline {
      case .huggingFace: start = excess / 2
      case .torchvision, .torchvisionRGB, .openCLIP, .keras: start = Int((Double(excess) / 2).rounded(.toNearestOrEven))
      }
      return (start..<start + size, 0)
    }
    // transformers leaves the odd row above, torchvision and OpenCLIP below.
    return (0..<length, pipeline == .huggingFace ? (1 - excess) / 2 : -excess / 2)
  }
}
