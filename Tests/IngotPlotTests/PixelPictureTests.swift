// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials
import IngotBytes
import IngotImage
import IngotPlot
import Testing

@Suite struct PixelPictureTests {
  @Test(arguments: [(1, 1), (3, 2), (96, 64), (200, 150)])
  func `libpng reads back every pixel`(_ width: Int, _ height: Int) throws {
    // 200 × 150 pixels need two stored blocks.
    let rgb = (0..<width * height * 3).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }
    let picture = PixelPicture(width: width, height: height, rgb: rgb)
    let image = try picture.png.withRawSpan { try ImageDecoder.decode($0) }
    #expect(image.width == width && image.height == height && image.mode == .rgb)
    #expect(image.pixels == rgb)
    let encoded = try #require(Data(base64Encoded: String(picture.address.dropFirst("data:image/png;base64,".count))))
    #expect(Array(encoded) == picture.png)
    // The control: a changed byte is noticed.
    var damaged = picture.png
    damaged[damaged.count - 20] ^= 1
    #expect(throws: CheckpointError.self) { try damaged.withRawSpan { try ImageDecoder.decode($0) } }
  }

  @Test func `shrinking keeps the shape and the mean`() {
    let checks = PixelPicture(
      width: 200, height: 100,
      rgb: (0..<20_000).flatMap { [UInt8](repeating: ($0 + $0 / 200).isMultiple(of: 2) ? 255 : 0, count: 3) })
    let small = checks.shrunk(to: 50)
    #expect(small.width == 50 && small.height == 25)
    #expect(small.rgb.allSatisfy { $0 == 128 })
    #expect(checks.shrunk(to: 200) == checks)
    let line = PixelPicture(width: 1000, height: 1, rgb: [UInt8](repeating: 7, count: 3000)).shrunk(to: 10)
    #expect(line.width == 10 && line.height == 1 && line.rgb == [UInt8](repeating: 7, count: 30))
  }

  @Test func `normalised planes become the pixels they were made of`() {
    let mean = [0.48, 0.45, 0.4]
    let deviation = [0.26, 0.27, 0.28]
    let rgb: [UInt8] = [0, 128, 255, 7, 200, 31]
    var planes: [Float] = []
    for channel in 0..<3 {
      for pixel in 0..<2 {
        let value = Double(rgb[pixel * 3 + channel]) / 255
        planes.append(Float((value - mean[channel]) / deviation[channel]))
      }
    }
    #expect(PixelPicture(planes: planes[...], width: 2, height: 1, mean: mean, deviation: deviation).rgb == rgb)
    planes[0] = .nan
    planes[1] = .infinity
    let odd = PixelPicture(planes: planes[...], width: 2, height: 1, mean: mean, deviation: deviation).rgb
    #expect(odd[0] == 0 && odd[3] == 255)
  }
}
