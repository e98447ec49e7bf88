// SPDX-License-Identifier: Apache-2.0

/// The steps from an image to a model's input, bit for bit those of the code that a model was made with (`Formats/preprocessing.md`).
public struct ImagePreprocessing: Sendable, Hashable {
  /// Whose code the steps are those of.
  ///
  /// They differ in whether RGB comes before or after resizing, in how corners are rounded, and in the last bit of the scaled values.
  public enum Pipeline: String, Sendable, Hashable, CaseIterable {
    /// torchvision's transforms on the image as it was opened, RGB after resizing: OpenAI's `_transform`, `cn_clip`'s `image_transform`.
    case torchvision
    /// torchvision's transforms on an image that was converted to RGB when it was loaded: torchvision's own models, timm's.
    case torchvisionRGB
    /// OpenCLIP's `image_transform_v2`.
    case openCLIP
    /// The image processors of Hugging Face's transformers 4 that work with Pillow.
    case huggingFace
    /// Keras' `load_img` and `preprocess_input` of the kind "caffe": values run from 0 to 255, and so do the means after a factor of 255.
    case keras
  }

  /// What becomes of the aspect ratio.
  public enum Resize: String, Sendable, Hashable, CaseIterable {
    /// The shorter side is resized to `resizeSide`, the centre cropped.
    case shortestSide
    /// The longer side is resized to `size`, the rest filled up with zeros before the conversion to RGB.
    case longestSide
    /// Both sides are resized to `resizeSide`, the centre cropped if that is larger than `size`.
    case squash
  }

  /// The order of the colours in a model's input.
  public enum ChannelOrder: String, Sendable, Hashable, CaseIterable {
    /// Red first.
    case rgb
    /// Blue first.
    case bgr
  }

  /// The largest `size` and `resizeSide` accepted.
  public static let largestSize = 8192

  /// Pixels on each side of the model's input.
  public var size: Int
  /// Pixels to which the image is resized before the centre is cropped; usually `size`.
  public var resizeSide: Int
  /// What becomes of the aspect ratio.
  public var resize: Resize
  /// How pixels are interpolated.
  public var interpolation: Interpolation
  /// Whose code the steps are those of.
  public var pipeline: Pipeline
  /// The order of the colours in the input, in `mean` and in `standardDeviation`.
  public var channelOrder: ChannelOrder
  /// What is subtracted from the colours, which run from 0 to 1.
  public var mean: [Double]
  /// What the colours are divided by after that; not zero.
  public var standardDeviation: [Double]

  /// Makes the steps from their constants, which are checked when an image is processed.
  ///
  /// - Parameters:
  ///   - size: pixels on each side of the model's input.
  ///   - resizeSide: pixels to which the image is resized before the centre is cropped; `nil` is `size`.
  ///   - resize: what becomes of the aspect ratio.
  ///   - interpolation: how pixels are interpolated.
  ///   - pipeline: whose code the steps are those of.
  ///   - channelOrder: the order of the colours.
  ///   - mean: three numbers.
  ///   - standardDeviation: three numbers other than zero.
  public init(
    size: Int, resizeSide: Int? = nil, resize: Resize = .shortestSide, interpolation: Interpolation = .bicubic,
    pipeline: Pipeline = .torchvision, channelOrder: ChannelOrder = .rgb, mean: [Double], standardDeviation: [Double]
  ) {
    self.size = size
    self.resizeSide = resizeSide ?? size
    self.resize = resize
    self.interpolation = interpolation
    self.pipeline = pipeline
    self.channelOrder = channelOrder
    self.mean = mean
    self.standardDeviation = standardDeviation
  }

  /// The steps of OpenAI's models.
  ///
  /// - Parameter size: pixels on each side of the model's input.
  /// - Returns: the steps.
  public static func openAI(size: Int) -> ImagePreprocessing {
    ImagePreprocessing(
      size: size, mean: [0.48145466, 0.4578275, 0.40821073],
      standardDeviation: [0.26862954, 0.26130258, 0.27577711])
  }
}
