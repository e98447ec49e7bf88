// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotImage
import IngotTestSupport
import Testing

struct FixtureTests {
  @Test func `Every image file of the folder is in the manifest, and unchanged`() throws {
    let manifest = try Manifest.load()
    let files = try FileManager.default.contentsOfDirectory(atPath: Fixtures.path("images"))
      .filter { $0.hasSuffix(".png") || $0.hasSuffix(".jpg") }
    #expect(Set(files) == Set(manifest.keys))
    #expect(files.count >= 70)
    for (name, entry) in manifest { #expect(try digest(Manifest.bytes(name)) == entry.bytes, "\(name)") }
  }

  @Test func `Every image decodes to Pillow's mode, size and bytes`() throws {
    for (name, entry) in try Manifest.load() {
      let image = try decode(Manifest.bytes(name))
      #expect(image.mode.rawValue == entry.mode, "\(name)")
      #expect(image.width == entry.width && image.height == entry.height, "\(name)")
      #expect(digest(image.pixels) == entry.decoded, "\(name)")
    }
  }

  @Test func `Every mode is among the images`() throws {
    let modes = Set(try Manifest.load().values.map(\.mode))
    #expect(modes == Set(PixelImage.Mode.allCases.map(\.rawValue)))
  }

  @Test func `Every image, resized and cropped to 28, 64 and 224, has the bytes of Pillow and torchvision`() throws {
    for (name, entry) in try Manifest.load() {
      let image = try decode(Manifest.bytes(name))
      for (size, expected) in entry.sizes {
        let pixels = try ImagePreprocessing.openAI(size: size).pixels(of: image)
        #expect(pixels.count == size * size * 3)
        #expect(digest(pixels) == expected.rgb, "\(name) at \(size)")
      }
    }
  }

  @Test func `Every image at 28, 64 and 224 gives the tensor of OpenAI's code, bit for bit`() throws {
    for (name, entry) in try Manifest.load() {
      for (size, expected) in entry.sizes {
        let tensor = try ImagePreprocessing.openAI(size: size).tensor(fromFile: Manifest.path(name))
        #expect(tensor.count == 3 * size * size)
        #expect(digest(tensor) == expected.tensor, "\(name) at \(size)")
      }
    }
  }

  @Test func `A tensor is compared in its last bit`() throws {
    let entry = try #require(try Manifest.load()["rgb.png"])
    var tensor = try ImagePreprocessing.openAI(size: 28).tensor(fromFile: Manifest.path("rgb.png"))
    tensor[100] = tensor[100].nextUp
    #expect(digest(tensor) != entry.size28.tensor)
  }
}
