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
  /// The image tower; `nil` for a text tower alone.
  public var vision: VisionConfiguration?
  /// The text tower; `nil` for an image tower alone.
  public var text: TextConfiguration?
  /// How image files become pixel values; `nil` without an image tower.
  public var preprocessing: PreprocessingConfiguration?
  /// How logits become probabilities, and whether a bias is added to them.
  public var similarity: Similarity
  /// Where each constant that no tensor shape reveals was taken from, by its path, for example `vision.activation`.
  public var sources: [String: ConstantSource]
  /// In which numbers activations meet int8 weights where whoever runs the model does not say; `nil` for int16.
  public var activations: ActivationEncoding?

  /// What a model was trained to do with the logits of an image against texts.
  public enum Similarity: String, Sendable, Hashable, Codable {
    /// Softmax over the texts; logits are scaled cosines.
    case softmax
    /// A sigmoid for each pair; a stored bias is added to the scaled cosines.
    case sigmoid
    /// A tower alone has no logits.
    case none
  }

  /// Makes a configuration.
  public init(
    family: String, embeddingWidth: Int, vision: VisionConfiguration?, text: TextConfiguration?,
    preprocessing: PreprocessingConfiguration?, similarity: Similarity = .softmax, sources: [String: ConstantSource],
    activations: ActivationEncoding? = nil
  ) {
    self.family = family
    self.embeddingWidth = embeddingWidth
    self.vision = vision
    self.text = text
    self.preprocessing = preprocessing
    self.similarity = similarity
    self.sources = sources
    self.activations = activations
  }
}

/// Where a constant was taken from.
public enum ConstantSource: String, Sendable, Hashable, Codable {
  /// The shapes of the tensors.
  case shape
  /// Marks in the checkpoint that only one publisher leaves.
  case fingerprint
  /// The library's code: every model with this key scheme has it, and nothing in the file could say otherwise.
  case family
  /// A configuration file beside the weights.
  case configFile = "config-file"
  /// The table of published models.
  case registry
  /// The person who converted it.
  case option

  /// In words, for people.
  public var explanation: String {
    switch self {
    case .shape: "the tensors' shapes"
    case .fingerprint: "marks that only one publisher leaves"
    case .family: "the original code, which has no setting for it"
    case .configFile: "a file beside the weights"
    case .registry: "the table of published models"
    case .option: "an option"
    }
  }
}
