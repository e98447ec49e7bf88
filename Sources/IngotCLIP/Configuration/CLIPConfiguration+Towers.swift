// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension CLIPConfiguration {
  /// The text tower.
  ///
  /// - Returns: its configuration.
  /// - Throws: `unsupported` when the model is an image tower alone.
  public func requireText() throws(CheckpointError) -> TextConfiguration {
    guard let text else {
      throw CheckpointError(.unsupported, .clip, subject: "text", "the model is an image tower, it has no text tower")
    }
    return text
  }

  /// How image files become pixel values.
  ///
  /// - Returns: the constants.
  /// - Throws: `unsupported` when the model is a text tower alone.
  public func requirePreprocessing() throws(CheckpointError) -> PreprocessingConfiguration {
    guard let preprocessing else {
      throw CheckpointError(.unsupported, .clip, subject: "vision", "the model is a text tower, it has no image tower")
    }
    return preprocessing
  }
}
