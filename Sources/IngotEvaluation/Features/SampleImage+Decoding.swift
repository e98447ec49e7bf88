// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotDatasets
public import IngotImage

extension SampleImage {
  /// The pixels of the picture, wherever it is.
  ///
  /// - Returns: the pixels.
  /// - Throws: `FileError`, and what is wrong with a picture file.
  public func decoded() throws -> PixelImage {
    switch self {
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
        width: picture.width, height: picture.height, mode: picture.channels == 1 ? .grey : .rgb,
        pixels: picture.pixels)
    }
  }
}
