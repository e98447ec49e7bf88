// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotImage
import IngotTestSupport
import Testing

struct RefusalTests {
  private static let otherFormats: [(String, [UInt8])] = [
    ("a GIF", [0x47, 0x49, 0x46, 0x38, 0x39, 0x61, 1, 0, 1, 0]),
    ("a WebP", [0x52, 0x49, 0x46, 0x46, 36, 0, 0, 0, 0x57, 0x45, 0x42, 0x50, 0x56, 0x50, 0x38, 0x20]),
    ("a BMP", [0x42, 0x4d, 70, 0, 0, 0]),
    ("a TIFF", [0x49, 0x49, 0x2a, 0, 8, 0, 0, 0]),
    ("a TIFF", [0x4d, 0x4d, 0, 0x2a, 0, 0, 0, 8]),
    ("an AVIF or HEIF", [0, 0, 0, 0x1c, 0x66, 0x74, 0x79, 0x70, 0x61, 0x76, 0x69, 0x66]),
  ]

  @Test(arguments: otherFormats)
  func `Other formats are refused by name`(name: String, bytes: [UInt8]) throws {
    do {
      _ = try decode(bytes)
      Issue.record("decoded")
    } catch let error as CheckpointError {
      #expect(error.code == .unsupported && error.format == .image)
      #expect(error.detail == "this is \(name) file; only JPEG, PNG and PPM are read")
    }
  }

  @Test func `Bytes of no known format are refused with the bytes that were found`() throws {
    do {
      _ = try decode(Array("hello".utf8))
      Issue.record("decoded")
    } catch let error as CheckpointError {
      #expect(error.code == .unsupported)
      #expect(error.detail.hasSuffix("this starts with 68 65 6c 6c"))
    }
  }

  @Test func `An empty file is truncated`() throws {
    #expect(try refusal([]) == .truncated)
  }

  @Test func `A colour type and depth that do not go together are malformed`() throws {
    var bytes = try Manifest.bytes("rgb.png")
    bytes[24] = 4
    #expect(try refusal(bytes) == .malformed)
  }

  @Test func `A JPEG of 12 bits per sample is refused`() throws {
    var bytes = try Manifest.bytes("l.jpg")
    let frame = try #require(bytes.indices.first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 })
    bytes[frame + 4] = 12
    #expect(try refusal(bytes) == .unsupported)
  }

  @Test func `A lossless JPEG is refused`() throws {
    var bytes = try Manifest.bytes("l.jpg")
    let frame = try #require(bytes.indices.first { bytes[$0] == 0xff && bytes[$0 + 1] == 0xc0 })
    bytes[frame + 1] = 0xc3
    #expect(try refusal(bytes) == .unsupported)
  }

  @Test func `A missing file is an error of the file, not of the format`() {
    #expect(throws: FileError.self) {
      try ImagePreprocessing.openAI(size: 28).tensor(fromFile: Fixtures.path("images/missing.png"))
    }
  }

  @Test(arguments: [0, -1, ImagePreprocessing.largestSize + 1])
  func `An input size out of range is refused`(size: Int) throws {
    let image = try PixelImage(width: 1, height: 1, mode: .grey, pixels: [7])
    #expect(throws: CheckpointError(.limit, .image, "")) { try ImagePreprocessing.openAI(size: size).pixels(of: image) }
  }

  @Test func `Two means, or a deviation of zero, are refused`() throws {
    let image = try PixelImage(width: 1, height: 1, mode: .grey, pixels: [7])
    var preprocessing = ImagePreprocessing.openAI(size: 2)
    preprocessing.mean = [0, 0]
    #expect(throws: CheckpointError(.mismatch, .image, "")) { try preprocessing.tensor(from: image) }
    preprocessing = .openAI(size: 2)
    preprocessing.standardDeviation = [1, 0, 1]
    #expect(throws: CheckpointError(.mismatch, .image, "")) { try preprocessing.tensor(from: image) }
  }

  @Test func `An image is not made of a wrong number of bytes`() {
    #expect(throws: CheckpointError(.mismatch, .image, "")) {
      try PixelImage(width: 2, height: 2, mode: .rgb, pixels: [1, 2, 3])
    }
  }

  @Test func `An image too long to be resized in reasonable memory is refused at once`() throws {
    let count = 20_000_000
    for mode in [PixelImage.Mode.grey, .palette] {
      let image = try PixelImage(
        width: count, height: 1, mode: mode, pixels: [UInt8](repeating: 0, count: count))
      // A side of 224 times as many pixels.
      #expect(throws: CheckpointError(.limit, .image, "")) {
        try ImagePreprocessing.openAI(size: 224).pixels(of: image)
      }
      var steps = ImagePreprocessing.openAI(size: 224)
      steps.resize = .squash
      if mode == .palette {
        #expect(try steps.pixels(of: image).allSatisfy { $0 == 0 })
      } else {
        #expect(throws: CheckpointError(.limit, .image, "")) { try steps.pixels(of: image) }
      }
    }
  }
}
