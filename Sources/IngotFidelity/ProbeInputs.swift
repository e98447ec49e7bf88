// SPDX-License-Identifier: Apache-2.0

import Glibc
import IngotCLIP
import IngotStatistics

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
    var random = SplitMix64(seed: 0x1476_07)
    let pixels = configuration.preprocessing.map { waves(images, $0, &random) } ?? []
    let tokens = configuration.text.map { sentences(texts, $0, &random) } ?? []
    return GoldenBundle(pixels: pixels, imageCount: pixels.isEmpty ? 0 : images, texts: tokens)
  }

  /// Sums of sine waves, clipped to what pixels can be, normalised.
  private static func waves(
    _ images: Int, _ preprocessing: PreprocessingConfiguration, _ random: inout SplitMix64
  ) -> [Float] {
    let size = preprocessing.imageSize
    var pixels: [Float] = []
    for _ in 0..<images {
      for channel in 0..<3 {
        let waves = (0..<6).map { _ in
          (
            x: random.unit() * 12, y: random.unit() * 12, phase: random.unit() * 6.283185307179586,
            height: random.unit() * 0.2
          )
        }
        let mean = preprocessing.mean[channel]
        let deviation = preprocessing.standardDeviation[channel]
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
    return pixels
  }

  /// Random tokens of all lengths, ended as the model's pooling needs it and filled up with padding.
  private static func sentences(
    _ texts: Int, _ configuration: TextConfiguration, _ random: inout SplitMix64
  ) -> [[Int32]] {
    let vocabulary = configuration.vocabularySize
    let context = configuration.contextLength
    let end = configuration.endToken ?? vocabulary - 1
    return (0..<texts).map { index in
      var text = [Int32](repeating: Int32(configuration.maskedToken ?? 0), count: context)
      // Lengths from the shortest that has a start, a word and an end to the full context.
      let length = min(context, 3 + (context - 3) * index / max(1, texts - 1))
      for position in 0..<length {
        let token = Int(random.next() % UInt64(max(1, vocabulary - 2)))
        // Padding and the end are where they belong, not among the words.
        text[position] = Int32(token == end || token == configuration.maskedToken ? vocabulary - 2 : token)
      }
      if length >= 2 { text[0] = Int32(vocabulary - 2) }
      text[max(0, length - 1)] = Int32(end)
      return text
    }
  }
}
