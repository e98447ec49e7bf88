// SPDX-License-Identifier: Apache-2.0

extension PreprocessingConfiguration {
  /// `cn_clip`'s `image_transform`: OpenAI's, but for the aspect ratio.
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: the constants of the original Chinese-CLIP.
  public static func chineseCLIP(imageSize: Int) -> PreprocessingConfiguration {
    var configuration = openAI(imageSize: imageSize)
    configuration.resize = .squash
    return configuration
  }

  /// OpenCLIP's for MobileCLIP and the smaller MobileCLIP2, whose own code has the same steps: nothing is subtracted, nothing divided.
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: the constants.
  public static func mobileCLIP(imageSize: Int) -> PreprocessingConfiguration {
    PreprocessingConfiguration(
      imageSize: imageSize, mean: [0, 0, 0], standardDeviation: [1, 1, 1], interpolation: .bilinear,
      resize: .shortestSide, pipeline: .openCLIP)
  }

  /// timm's for evaluation, of an image that its loader converted to RGB.
  ///
  /// - Parameters:
  ///   - imageSize: side of the square image, in pixels.
  ///   - cropShare: the image's part of what the shorter side is resized to (`crop_pct`), above 0 and at most 1.
  ///   - mean: of each colour.
  ///   - standardDeviation: of each colour.
  ///   - interpolation: how pixels are interpolated.
  /// - Returns: the constants; 0.875 and 0.5 are those of BiT as timm has it.
  public static func timm(
    imageSize: Int, cropShare: Double = 0.875, mean: [Double] = [0.5, 0.5, 0.5],
    standardDeviation: [Double] = [0.5, 0.5, 0.5], interpolation: Interpolation = .bilinear
  ) -> PreprocessingConfiguration {
    precondition(cropShare > 0 && cropShare <= 1 && imageSize > 0 && imageSize <= 1 << 20, "a part of an image")
    let side = Int((Double(imageSize) / cropShare).rounded(.down))
    return PreprocessingConfiguration(
      imageSize: imageSize, resizeSize: side == imageSize ? nil : side, mean: mean,
      standardDeviation: standardDeviation, interpolation: interpolation, resize: .shortestSide,
      pipeline: .torchvisionRGB)
  }
}
