// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension CLIPEncoder {
  /// Embeds images that are prepared as they are needed, so that memory does not grow with their number but for the result.
  ///
  /// - Parameters:
  ///   - count: how many images.
  ///   - compute: how to compute.
  ///   - progress: hears how many are done.
  ///   - prepare: the pixel values of one image, `[3, size, size]`, normalised; called on any thread.
  /// - Returns: `[count, embeddingWidth]`, each row of unit length: the bits of `embedImages`.
  /// - Throws: what preparing throws, for the first image that fails; `mismatch` for another number of pixels.
  public func embedImages(
    _ count: Int, _ compute: Compute, progress: (Int) -> Void = { _ in }, prepare: @Sendable (Int) throws -> [Float]
  ) throws -> Matrix<R> {
    let together = 16
    var values: [R] = []
    try compute.pipelineApart((count + together - 1) / together, ahead: 1) { index, compute in
      let part = index * together..<min((index + 1) * together, count)
      let pixels = try compute.map(part.count) { try prepare(part.lowerBound + $0) }
      return try embedImages(Array(pixels.joined()), count: part.count, compute).values
    } consume: {
      values += $0
      progress(values.count / configuration.embeddingWidth)
    }
    return Matrix(values: values, rows: count, columns: configuration.embeddingWidth)
  }
}
