// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// Where an image tower's features are taken.
public enum FeatureLayer: String, Sendable, Hashable, Codable, CaseIterable {
  /// After the projection to the space that images and texts share: what zero-shot classification compares.
  case projected
  /// Before it: of a vision transformer the normed class token, of a residual network what its pooling has attended to, else the pooled map.
  case preProjection = "pre-projection"
}

extension CLIPEncoder {
  /// Computes features of images, one row each.
  ///
  /// - Parameters:
  ///   - pixels: `[count, 3, size, size]`, normalised as the preprocessing says.
  ///   - count: how many images, at least one.
  ///   - layer: where features are taken.
  ///   - isNormalized: whether rows are divided by their length.
  ///   - batch: how many are computed together; changes memory, not results.
  ///   - compute: how to compute.
  /// - Returns: `[count, width of the layer]`; projected and normalised, what `embedImages` gives.
  /// - Throws: `mismatch` when there are not as many pixels as the images have, `unsupported` without an image tower.
  public func imageFeatures(
    _ pixels: [Float], count: Int, layer: FeatureLayer, isNormalized: Bool, batch: Int = 16, _ compute: Compute
  ) throws -> Matrix<R> {
    precondition(count > 0, "images")
    let vision = try requireVision()
    var values: [R] = []
    try forEachBatch(of: pixels, count: count, batch, compute) { images, _ in
      switch vision {
      case .transformer(let tower):
        let x = try tower.input(of: images, compute)
        values +=
          try layer == .projected
          ? tower.embed(x, images: images.count, from: 0, compute).values
          : tower.pooled(x, images: images.count, from: 0, compute).values
      case .staged(let tower): values += try staged(tower, images, layer, compute)
      }
    }
    var features = Matrix(values: values, rows: count, columns: values.count / count)
    if isNormalized { compute.l2Normalize(&features) }
    return features
  }

  private func staged(
    _ tower: any StagedTower<R>, _ images: [[R]], _ layer: FeatureLayer, _ compute: Compute
  ) throws -> [R] {
    var x = try tower.input(of: images, compute)
    for index in 0..<tower.stageCount { x = try tower.stage(index, x, compute) }
    return try layer == .projected ? tower.head(x, compute).values : tower.pooled(x, compute).values
  }
}
