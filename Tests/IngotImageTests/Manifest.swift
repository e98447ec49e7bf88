// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotImage
import IngotTestSupport

/// What Pillow and torchvision say of the images in `Fixtures/images`: its `manifest.json`.
struct Manifest: Decodable {
  /// Digests of what OpenAI's preprocessing makes of an image at one size.
  struct Processed: Decodable, Equatable {
    let rgb: String
    let tensor: String
  }

  struct Entry: Decodable {
    let mode: String
    let width: Int
    let height: Int
    let bytes: String
    let decoded: String
    let size28: Processed
    let size64: Processed
    let size224: Processed

    enum CodingKeys: String, CodingKey {
      case mode, width, height, bytes, decoded
      case size28 = "28"
      case size64 = "64"
      case size224 = "224"
    }

    var sizes: [(Int, Processed)] { [(28, size28), (64, size64), (224, size224)] }
  }

  static func load() throws -> [String: Entry] {
    try JSONDecoder().decode([String: Entry].self, from: Data(contentsOf: URL(filePath: path("manifest.json"))))
  }

  static func path(_ name: String) -> String { Fixtures.path("images/" + name) }

  static func bytes(_ name: String) throws -> [UInt8] {
    let file = try MappedFile(path: path(name))
    return file.bytes.copied()
  }
}

/// The digest of an array's bytes, in hexadecimal.
func digest<T: BitwiseCopyable>(_ values: [T]) -> String {
  values.withRawSpan { SHA256Digest(of: $0).description }
}

/// Decodes bytes in memory.
func decode(_ bytes: [UInt8], pixelLimit: Int = ImageDecoder.defaultPixelLimit) throws -> PixelImage {
  try bytes.withRawSpan { span in try ImageDecoder.decode(span, pixelLimit: pixelLimit) }
}

/// The code of the error that decoding throws, `nil` when it does not.
func refusal(_ bytes: [UInt8], pixelLimit: Int = ImageDecoder.defaultPixelLimit) throws -> CheckpointError.Code? {
  do {
    _ = try decode(bytes, pixelLimit: pixelLimit)
    return nil
  } catch let error as CheckpointError {
    return error.code
  }
}
