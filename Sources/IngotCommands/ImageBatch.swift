// SPDX-License-Identifier: Apache-2.0

import Ingot
import IngotBytes
import IngotCLIP
import IngotImage
import IngotTensor

/// Embeds image files, some at a time, so that memory does not grow with their number.
func embedImages(
  _ paths: [String], _ encoder: CLIPEncoder<Float>, _ compute: Compute
) throws -> Matrix<Float> {
  let preprocessing = try ImagePreprocessing(encoder.configuration.requirePreprocessing())
  let together = 32
  var values: [Float] = []
  for start in stride(from: 0, to: paths.count, by: together) {
    let part = Array(paths[start..<min(start + together, paths.count)])
    let pixels = try compute.map(part.count) { index in
      try reading(part[index]) { try preprocessing.tensor(fromFile: part[index]) }
    }
    values += try encoder.embedImages(pixels.flatMap { $0 }, count: part.count, compute).values
    Console.progress(start + part.count, of: paths.count, "images")
  }
  return Matrix(values: values, rows: paths.count, columns: encoder.configuration.embeddingWidth)
}
