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
  return try encoder.embedImages(paths.count, compute) {
    Console.progress($0, of: paths.count, "images")
  } prepare: { index in
    try reading(paths[index]) { try preprocessing.tensor(fromFile: paths[index]) }
  }
}
