// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotCLIP

/// Inputs made for a model when none are given: the same ones for the same configuration, everywhere.
public enum ProbeInputs {
  /// Images of smooth random waves and texts of random tokens.
  ///
  /// - Parameters:
  ///   - configuration: the model's.
  ///   - images: how many images.
  ///   - texts: how many texts.
  /// - Returns: a bundle of inputs without results.
  public static func bundle(for configuration: CLIPConfiguration, images: Int = 8, texts: Int = 8) -> GoldenBundle {
    var random = SplitMix64(state: 0x1476_07)
    let size = configuration.preprocessing.imageSize
    var pixels: [Float] = []
    for _ in 0..<images {
      for channel in 0..<3 {
        let waves = (0..<6).map { _ in
          (
            x: random.unit() * 12, y: random.unit() * 12, phase: random.unit() * 6.283185307179586,
            height: random.unit() * 0.2
          )
        }
        let mean = configuration.preprocessing.mean[channel]
        let deviation = configuration.preprocessing.standardDeviation[channel]
        for row in 0..<size {
          for column in 0..<size {
            let value = waves.reduce(0.5) { sum, wave in
              sum + wave.height
                * sin(wave.x * Double(column) / Double(size) + wave.y * Double(row) / Double(size) + wave.phase)
            }
            pixels.append(Float((min(max(value, 0), 1) - mean) / deviation))
          }
        }
      }
    }
    let vocabulary = configuration.text.vocabularySize
    let context = configuration.text.contextLength
    let tokens = (0..<texts).map { index in
      var text = [Int32](repeating: 0, count: context)
      // Lengths from the shortest that has a start, a word and an end to the full context.
      let length = min(context, 3 + (context - 3) * index / max(1, texts - 1))
      for position in 0..<length { text[position] = Int32(random.next() % UInt64(max(1, vocabulary - 2))) }
      if length >= 2 { text[0] = Int32(vocabulary - 2) }
      text[max(0, length - 1)] = Int32(vocabulary - 1)
      return text
    }
    return GoldenBundle(pixels: pixels, imageCount: images, texts: tokens)
  }
}
