// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotImage
import Testing

struct PipelineTests {
  @Test func `Every original transform has a digest for every image, or a reason`() throws {
    let cases = try PipelineCase.load()
    let images = try Set(Manifest.load().keys)
    #expect(cases.count == 39 && images.count >= 90)
    for one in cases { #expect(Set(one.tensors.keys) == images, "\(one.name)") }
  }

  @Test(arguments: try PipelineCase.followed())
  func `Every image gives the tensor of the original transform, bit for bit`(original: PipelineCase) throws {
    #expect(try original.differences(original.preprocessing()) == [])
  }

  @Test func `What OpenCLIP cannot resize by its longest side is refused`() throws {
    var refused = 0
    for original in try PipelineCase.followed() {
      for (name, expected) in original.tensors where expected == nil {
        #expect(throws: CheckpointError(.unsupported, .image, "")) {
          try original.preprocessing().tensor(fromFile: Manifest.path(name))
        }
        refused += 1
      }
    }
    #expect(refused == 16)
  }

  @Test func `transformers 5 differs from 4 where there is transparency, and nowhere else`() throws {
    let five = try #require(try PipelineCase.load().first { $0.name.hasPrefix("transformers-5") })
    let differing = try five.differences(five.preprocessing())
    let modes = try Manifest.load().mapValues(\.mode)
    let transparent = modes.filter { $0.value.hasSuffix("A") }.map(\.key)
    #expect(Set(differing) == Set(transparent + differing.filter { $0.contains("transparen") }))
    #expect(differing.count >= 12)
  }

  // Controls: each constant shows in the digests.

  private func control(_ name: String, _ change: (inout ImagePreprocessing) -> Void) throws -> [String] {
    let original = try #require(try PipelineCase.load().first { $0.name == name })
    var steps = try original.preprocessing()
    change(&steps)
    return try original.differences(steps)
  }

  @Test func `Another rounding of the crop's corner is seen`() throws {
    // Half of 40 - 33, rounded down and to even: all images.
    #expect(try control("transformers-4 CLIP 40 33") { $0.pipeline = .torchvisionRGB }.count > 80)
    #expect(try control("torchvision ResNet50_Weights.IMAGENET1K_V2") { $0.pipeline = .huggingFace }.count > 20)
  }

  @Test func `RGB before instead of after resizing is seen in palettes, alpha, ink and bilevel images`() throws {
    let differing = try control("open_clip shortest bicubic 61") { $0.pipeline = .torchvisionRGB }
    let modes = try Manifest.load().mapValues(\.mode)
    #expect(Set(differing.compactMap { modes[$0] }).isSubset(of: ["1", "P", "LA", "RGBA", "CMYK", "I;16"]))
    #expect(Set(differing.compactMap { modes[$0] }).isSuperset(of: ["1", "P", "LA", "RGBA", "CMYK"]))
  }

  @Test func `Every other filter is seen`() throws {
    for interpolation in ImagePreprocessing.Interpolation.allCases where interpolation != .bicubic {
      #expect(try control("open_clip squash bicubic 64") { $0.interpolation = interpolation }.count > 60)
    }
  }

  @Test func `Every other treatment of the aspect ratio is seen`() throws {
    #expect(try control("open_clip squash bicubic 64") { $0.resize = .shortestSide }.count > 60)
    #expect(try control("open_clip longest bicubic 64") { $0.resize = .squash }.count > 60)
    #expect(try control("transformers-4 CLIP 40 33") { $0.resizeSide = 33 }.count > 60)
  }

  @Test func `Means and deviations are seen in their last bit`() throws {
    let name = "open_clip squash bicubic 64"
    #expect(try control(name) { $0.mean[1] = Double(Float($0.mean[1]).nextUp) }.count > 80)
    #expect(try control(name) { $0.standardDeviation[2] = Double(Float($0.standardDeviation[2]).nextUp) }.count > 80)
  }

  @Test func `The order of the colours is seen`() throws {
    #expect(try control("keras ResNet50 60") { $0.channelOrder = .rgb }.count > 60)
  }

  @Test func `Only OpenCLIP resizes the longest side`() throws {
    let image = try PixelImage(width: 2, height: 1, mode: .grey, pixels: [7, 9])
    var steps = ImagePreprocessing.openAI(size: 4)
    steps.resize = .longestSide
    #expect(throws: CheckpointError(.unsupported, .image, subject: "preprocessing", "")) {
      try steps.pixels(of: image)
    }
    steps.pipeline = .openCLIP
    #expect(try steps.pixels(of: image).prefix(12).allSatisfy { $0 == 0 })
    steps.resizeSide = 5
    #expect(throws: CheckpointError(.unsupported, .image, subject: "preprocessing", "")) {
      try steps.pixels(of: image)
    }
  }
}
