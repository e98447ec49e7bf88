// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// How image files become pixel values.
public struct PreprocessingConfiguration: Sendable, Hashable, Codable {
  /// Whose code it is bit for bit: they round sizes and corners differently, and convert to RGB before or after resizing.
  public enum Pipeline: String, Sendable, Hashable, Codable {
    /// OpenAI's `_transform`, with torchvision.
    case torchvision
    /// torchvision's transforms on images that were converted to RGB when they were loaded: torchvision's own models, timm's.
    case torchvisionRGB = "torchvision-rgb"
    /// OpenCLIP's `image_transform_v2`.
    case openCLIP = "open-clip"
    /// An image processor of Hugging Face's transformers, the one that works with Pillow.
    case huggingFace = "hugging-face"
    /// Keras' `load_img` with `preprocess_input`, of the kind "caffe".
    case keras
  }

  /// What becomes of the aspect ratio.
  public enum Resize: String, Sendable, Hashable, Codable {
    /// The shorter side is resized, the centre cropped.
    case shortestSide = "shortest-side-then-center-crop"
    /// The longer side is resized, the rest filled up with black.
    case longestSide = "longest-side-then-pad"
    /// Both sides are resized.
    case squash
  }

  /// How pixels are interpolated, as Pillow does it.
  public enum Interpolation: String, Sendable, Hashable, Codable {
    /// Over 6 × 6 pixels, more when shrinking.
    case lanczos
    /// Over 4 × 4 pixels, more when shrinking.
    case bicubic
    /// Over 2 × 2 pixels, more when shrinking.
    case bilinear
    /// One pixel.
    case nearest
  }

  /// The order of an image's three colours.
  public enum ChannelOrder: String, Sendable, Hashable, Codable {
    /// Red first.
    case rgb
    /// Blue first.
    case bgr
  }

  /// Side of the square image the model sees, in pixels.
  public var imageSize: Int
  /// What the shorter side is resized to before the centre is cropped, in pixels; `nil` for `imageSize`.
  public var resizeSize: Int?
  /// The order of the colours, in which means and deviations stand too; `nil` for red first.
  public var channelOrder: ChannelOrder?
  /// Mean of each colour, of values in 0...1.
  public var mean: [Double]
  /// Standard deviation of each colour.
  public var standardDeviation: [Double]
  /// How pixels are interpolated.
  public var interpolation: Interpolation
  /// What becomes of the aspect ratio.
  public var resize: Resize
  /// Whose code it is bit for bit.
  public var pipeline: Pipeline

  /// OpenAI's preprocessing (`clip/clip.py`, `_transform`).
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: the constants of OpenAI's models.
  public static func openAI(imageSize: Int) -> PreprocessingConfiguration {
    PreprocessingConfiguration(
      imageSize: imageSize, mean: [0.48145466, 0.4578275, 0.40821073],
      standardDeviation: [0.26862954, 0.26130258, 0.27577711], interpolation: .bicubic, resize: .shortestSide,
      pipeline: .torchvision)
  }

  /// The defaults of transformers' `CLIPImageProcessor`.
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: OpenAI's constants, computed as transformers does.
  public static func huggingFaceCLIP(imageSize: Int) -> PreprocessingConfiguration {
    var configuration = openAI(imageSize: imageSize)
    configuration.pipeline = .huggingFace
    return configuration
  }

  /// The defaults of transformers' `SiglipImageProcessor`.
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: the constants of Google's SigLIP models.
  public static func siglip(imageSize: Int) -> PreprocessingConfiguration {
    PreprocessingConfiguration(
      imageSize: imageSize, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5], interpolation: .bicubic,
      resize: .squash, pipeline: .huggingFace)
  }
}
