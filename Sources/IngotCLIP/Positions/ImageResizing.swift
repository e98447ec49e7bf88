// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A model for images of another size than the one that it has positions for.
public struct ImageResizing: Sendable, Hashable {
  /// The constant that a person chooses.
  static let key = "vision.imageSize"
  /// The tensor whose values change.
  public static let tensor = "vision.position_embedding"
  /// The largest image that a person may choose, in pixels.
  public static let largestImage = ConvolutionalConfiguration.largestImage
  /// Numbers in the largest table of positions that is made: far beyond any real one.
  static let largestTable = 1 << 28

  /// The model for the other size.
  public let configuration: CLIPConfiguration
  /// How its positions come about.
  public let interpolation: PositionInterpolation

  /// Describes a model for another size; `nil` for one that sees this size already, and for a tower of which no tensor depends on it.
  ///
  /// - Parameters:
  ///   - configuration: of the model as it is.
  ///   - imageSize: side of the square image that is wanted, in pixels.
  /// - Throws: `unsupported` for a model without an image tower and for OpenAI's ResNet, `mismatch` when the size is not a multiple of the
  ///   patch's, `limit` when it is too large.
  public init?(_ configuration: CLIPConfiguration, to imageSize: Int) throws(CheckpointError) {
    guard let vision = configuration.vision else {
      throw CheckpointError(
        .unsupported, .clip, subject: Self.key,
        "the model is a text tower; it has no images, of \(imageSize) pixels or any other size")
    }
    guard vision.imageSize != imageSize else { return nil }
    if case .residualNetwork(let network) = vision {
      throw CheckpointError(
        .unsupported, .clip, subject: Self.key,
        "found \(imageSize), the attention pool of this ResNet has positions for \(network.grid) × \(network.grid) places of a "
          + "\(vision.imageSize) pixel image; OpenCLIP interpolates those of vision transformers alone")
    }
    guard case .transformer(var tower) = vision else { return nil }
    guard imageSize > 0, imageSize % tower.patchSize == 0 else {
      throw CheckpointError(
        .mismatch, .clip, subject: Self.key,
        "found \(imageSize), which is not a multiple of the patch size \(tower.patchSize)")
    }
    let grid = imageSize / tower.patchSize
    let numbers = Int.product([grid, grid, tower.transformer.width])
    guard imageSize <= Self.largestImage, let numbers, numbers <= Self.largestTable else {
      throw CheckpointError(
        .limit, .clip, subject: Self.key,
        "found \(imageSize), which makes \(grid) × \(grid) positions of width \(tower.transformer.width); allowed are \(Self.largestImage) "
          + "pixels and \(Self.largestTable) numbers")
    }
    interpolation = PositionInterpolation(from: tower.grid, to: grid, extraTokens: tower.extraTokens)
    tower.grid = grid
    tower.margin = 0
    var resized = configuration
    resized.vision = .transformer(tower)
    resized.preprocessing?.imageSize = imageSize
    resized.sources[Self.key] = .option
    try resized.validate()
    self.configuration = resized
  }
}
