// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotImage
import IngotTestSupport
import Testing

struct PreprocessingTests {
  /// A grey image in which every row holds its own number and every column is the same, or the other way round.
  private func ramp(width: Int, height: Int) throws -> PixelImage {
    let pixels = (0..<height).flatMap { row in (0..<width).map { UInt8(width > height ? $0 : row) } }
    return try PixelImage(width: width, height: height, mode: .grey, pixels: pixels)
  }

  @Test(arguments: [(1, 0), (2, 1), (3, 2), (5, 2), (7, 4), (11, 6)])
  func `An excess of so many rows is cropped half above, rounded to even`(excess: Int, above: Int) throws {
    let tall = try ImagePreprocessing.openAI(size: 8).pixels(of: ramp(width: 8, height: 8 + excess))
    #expect(tall[0] == above)
    let wide = try ImagePreprocessing.openAI(size: 8).pixels(of: ramp(width: 8 + excess, height: 8))
    #expect(wide[0] == above)
  }

  @Test func `Resizing keeps an image of one colour`() throws {
    let image = try PixelImage(
      width: 13, height: 29, mode: .rgb, pixels: (0..<13 * 29).flatMap { _ in [12, 200, 255] as [UInt8] })
    let pixels = try ImagePreprocessing.openAI(size: 31).pixels(of: image)
    #expect(pixels == (0..<31 * 31).flatMap { _ in [12, 200, 255] as [UInt8] })
  }

  @Test func `A very long image costs no more than its crop`() throws {
    let image = try PixelImage(
      width: 1, height: 3_000_000, mode: .grey, pixels: [UInt8](repeating: 9, count: 3_000_000))
    let pixels = try ImagePreprocessing.openAI(size: 224).pixels(of: image)
    #expect(pixels == [UInt8](repeating: 9, count: 224 * 224 * 3))
  }

  @Test func `A palette index without an entry is black`() throws {
    let image = try PixelImage(width: 1, height: 1, mode: .palette, pixels: [2], palette: [1, 2, 3, 4, 5, 6])
    #expect(try ImagePreprocessing.openAI(size: 1).pixels(of: image) == [0, 0, 0])
  }

  @Test func `Other means and deviations are used`() throws {
    let image = try PixelImage(width: 1, height: 1, mode: .rgb, pixels: [255, 0, 51])
    let preprocessing = ImagePreprocessing(size: 1, mean: [0.5, 0, 0.2], standardDeviation: [0.5, 1, 1])
    #expect(try preprocessing.tensor(from: image) == [1, 0, 0])
  }

  @Test func `Grey of 16 bits becomes what Pillow makes of it: all above 255 is white`() throws {
    let image = try PixelImage(width: 2, height: 2, mode: .grey16, pixels: [7, 0, 255, 0, 0, 1, 255, 255])
    #expect(
      try ImagePreprocessing.openAI(size: 2).pixels(of: image)
        == [7, 7, 7, 255, 255, 255, 255, 255, 255, 255, 255, 255])
  }

  @Test func `What is too small for the crop is surrounded by black, the odd row where the original leaves it`() throws
  {
    let image = try PixelImage(width: 1, height: 1, mode: .grey, pixels: [200])
    var steps = ImagePreprocessing.openAI(size: 4)
    steps.resizeSide = 1
    steps.pipeline = .huggingFace
    #expect(try steps.pixels(of: image).enumerated().filter { $0.element == 200 }.map(\.offset) == [30, 31, 32])
    steps.pipeline = .torchvision
    #expect(try steps.pixels(of: image).enumerated().filter { $0.element == 200 }.map(\.offset) == [15, 16, 17])
  }
}
