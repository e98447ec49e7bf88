// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTestSupport
import Testing

@testable import IngotImage

struct PixelKernelTests {
  /// Images whose sides make the last loads of a row end before, at and after the end of the samples.
  private func image(_ width: Int, _ height: Int, _ mode: PixelImage.Mode, seed: UInt64) throws -> PixelImage {
    var random = SeededGenerator(seed: seed)
    // Extremes overshoot: that is where clipping shows.
    let pixels = (0..<width * height * mode.channels).map { _ in
      Bool.random(using: &random) ? UInt8.random(in: 0...255, using: &random) : Bool.random(using: &random) ? 0 : 255
    }
    return try PixelImage(width: width, height: height, mode: mode, pixels: pixels)
  }

  @Test(arguments: PixelKernels.Path.allCases.filter(\.isAvailable))
  func `Every instruction path gives the bytes of the plain one`(path: PixelKernels.Path) throws {
    for mode in [PixelImage.Mode.grey, .greyAlpha, .rgb, .rgba] {
      for width in Array(1...24) + [63, 64, 65, 301] {
        for height in [1, 2, 3, 4, 5, 7, 8, 33] {
          for interpolation in [ImagePreprocessing.Interpolation.bilinear, .bicubic, .lanczos] {
            let source = try image(width, height, mode, seed: UInt64(width * 100 + height))
            for side in [1, 5, 16, 43] {
              let steps = ImagePreprocessing(
                size: side, resize: .squash, interpolation: interpolation, mean: [0, 0, 0],
                standardDeviation: [1, 1, 1])
              let expected = try steps.pixels(of: source, PixelKernels(path: .plain))
              let found = try steps.pixels(of: source, PixelKernels(path: path))
              if found != expected {
                Issue.record("\(mode.rawValue) \(width)x\(height) to \(side), \(interpolation.rawValue)")
              }
            }
          }
        }
      }
    }
  }

  @Test func `The plain path is the definition: sums of samples times weights in fixed point`() throws {
    let source = try image(37, 1, .rgb, seed: 9)
    let weights = ResamplingWeights(source: 37, target: 11, window: 0..<11, .bicubic)
    let raster = Raster(width: 37, height: 1, channels: 3, samples: source.pixels)
    let found = PixelKernels(path: .plain).resampleColumns(raster, rows: 0..<1, weights)
    for output in 0..<11 {
      for channel in 0..<3 {
        var sum = 1 << 21
        for tap in 0..<Int(weights.counts[output]) {
          let sample = source.pixels[(Int(weights.starts[output]) + tap) * 3 + channel]
          sum += Int(sample) * Int(weights.fixed[output * weights.stride + tap])
        }
        #expect(Int(found.samples[output * 3 + channel]) == min(255, max(0, sum >> 22)))
      }
    }
  }

  @Test func `Weights of an output add up to one, and those past its count are zero`() {
    for (source, target) in [(37, 11), (11, 37), (1, 5), (5000, 3)] {
      for interpolation in [ImagePreprocessing.Interpolation.bilinear, .bicubic, .lanczos] {
        let weights = ResamplingWeights(source: source, target: target, window: 0..<target, interpolation)
        #expect(weights.stride.isMultiple(of: 4))
        for output in 0..<target {
          let row = weights.values[weights.stride * output..<weights.stride * (output + 1)]
          #expect(abs(row.reduce(0, +) - 1) < 1e-12)
          #expect(row.dropFirst(Int(weights.counts[output])).allSatisfy { $0 == 0 })
          #expect(row.allSatisfy { abs($0) < 2 })
        }
      }
    }
  }

  @Test func `Planes hold each channel's part of the table`() {
    let table = (0..<768).map { Float($0) }
    #expect(PixelKernels.planes([1, 2, 3, 255, 0, 9], table) == [1, 255, 258, 256, 515, 521])
    #expect(PixelKernels.planes([1, 2, 3, 255, 0, 9], table, isReversed: true) == [3, 9, 258, 256, 513, 767])
  }
}
