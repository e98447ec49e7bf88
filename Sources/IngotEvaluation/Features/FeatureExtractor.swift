// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotCLIP
public import IngotDatasets
public import IngotImage
public import IngotTensor

/// What turns pictures into rows of numbers.
///
/// Both steps give the same bits whatever is computed together and on how many threads: only so do shards that are computed apart make the
/// table that one run makes.
public protocol FeatureExtractor: Sendable {
  /// Prepares one picture; called on any thread.
  ///
  /// - Throws: `CheckpointError` or `FileError` for a picture that cannot be read.
  func prepare(_ image: SampleImage) throws -> [Float]

  /// Computes features of prepared pictures, at least one; called on any thread.
  ///
  /// - Parameters:
  ///   - prepared: the pictures.
  ///   - compute: how to compute.
  /// - Returns: one row each, always of the same width.
  /// - Throws: what computing throws.
  func features(of prepared: [[Float]], _ compute: Compute) throws -> Matrix<Float>
}

/// The image tower of a model.
public struct ModelFeatures: FeatureExtractor {
  /// The model.
  public let encoder: CLIPEncoder<Float>
  /// How pictures become its input.
  public let preprocessing: ImagePreprocessing
  /// Where features are taken.
  public let layer: FeatureLayer
  /// Whether rows are divided by their length.
  public let isNormalized: Bool

  /// Chooses what to compute.
  public init(
    _ encoder: CLIPEncoder<Float>, _ preprocessing: ImagePreprocessing, layer: FeatureLayer, isNormalized: Bool
  ) {
    self.encoder = encoder
    self.preprocessing = preprocessing
    self.layer = layer
    self.isNormalized = isNormalized
  }

  /// The pixel values of one picture.
  public func prepare(_ image: SampleImage) throws -> [Float] {
    try preprocessing.tensor(from: image.decoded())
  }

  /// One row for each picture.
  public func features(of prepared: [[Float]], _ compute: Compute) throws -> Matrix<Float> {
    var pixels: [Float] = []
    pixels.reserveCapacity(prepared.count * (prepared.first?.count ?? 0))
    for picture in prepared { pixels += picture }
    return try encoder.imageFeatures(
      pixels, count: prepared.count, layer: layer, isNormalized: isNormalized, batch: prepared.count, compute)
  }
}
