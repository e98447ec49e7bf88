// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// Everything that inference needs to know of a CLIP model besides its weights.
///
/// Stored as JSON in the architecture section of an `.ingot` file (`Formats/ingot.md`).
public struct CLIPConfiguration: Sendable, Hashable, Codable {
  /// The key scheme the model came from.
  public var family: String
  /// Width of the shared embedding space.
  public var embeddingWidth: Int
  /// The image tower.
  public var vision: VisionConfiguration
  /// The text tower.
  public var text: TextConfiguration
  /// How image files become pixel values.
  public var preprocessing: PreprocessingConfiguration
  /// Where each constant that no tensor shape reveals was taken from, by its path, for example `vision.activation`.
  public var sources: [String: ConstantSource]

  /// Makes a configuration.
  public init(
    family: String, embeddingWidth: Int, vision: VisionConfiguration, text: TextConfiguration,
    preprocessing: PreprocessingConfiguration, sources: [String: ConstantSource]
  ) {
    self.family = family
    self.embeddingWidth = embeddingWidth
    self.vision = vision
    self.text = text
    self.preprocessing = preprocessing
    self.sources = sources
  }
}

/// Where a constant was taken from.
public enum ConstantSource: String, Sendable, Hashable, Codable {
  /// The shapes of the tensors.
  case shape
  /// Marks in the checkpoint that only one publisher leaves.
  case fingerprint
  /// What every published model with this key scheme has; nothing in the file says so.
  case family
  /// The person who converted it.
  case option
}

/// How image files become pixel values.
public struct PreprocessingConfiguration: Sendable, Hashable, Codable {
  /// Side of the square image the model sees, in pixels.
  public var imageSize: Int
  /// Mean of each colour, of values in 0...1.
  public var mean: [Double]
  /// Standard deviation of each colour.
  public var standardDeviation: [Double]
  /// `bicubic`, as Pillow computes it.
  public var interpolation: String
  /// `shortest-side-then-center-crop`, as torchvision rounds it.
  public var resize: String

  /// OpenAI's preprocessing (`clip/clip.py`, `_transform`).
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: the constants of OpenAI's models.
  public static func openAI(imageSize: Int) -> PreprocessingConfiguration {
    PreprocessingConfiguration(
      imageSize: imageSize, mean: [0.48145466, 0.4578275, 0.40821073],
      standardDeviation: [0.26862954, 0.26130258, 0.27577711], interpolation: "bicubic",
      resize: "shortest-side-then-center-crop")
  }
}
