// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotDatasets
import IngotImage

/// The pixels of a sample's picture.
///
/// - Parameter image: the picture, wherever it is.
/// - Returns: its pixels.
/// - Throws: `FileError`, and what is wrong with a picture file.
func decoded(_ image: SampleImage) throws -> PixelImage {
  switch image {
  case .file(let path):
    let file = try MappedFile(path: path)
    return try ImageDecoder.decode(file.bytes)
  case .encoded(let bytes):
    var result: PixelImage?
    try bytes.withBytes { result = try ImageDecoder.decode($0) }
    guard let result else { preconditionFailure("bytes are lent once") }
    return result
  case .pixels(let picture):
    return try PixelImage(
      width: picture.width, height: picture.height, mode: picture.channels == 1 ? .grey : .rgb, pixels: picture.pixels)
  }
}
