// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotStatistics

/// Inputs made for a model when none are given: the same ones for the same configuration, everywhere.
public enum ProbeInputs {
  /// Seed of the images; the first of a hundred are those of ten.
  public static let imageSeed: UInt64 = 0x1476_07
  /// Seed of the texts.
  public static let textSeed: UInt64 = 0x1476_08
  /// Seeds of inputs to calibrate with: other ones, so that nothing is measured on what it was fitted to.
  public static let calibrationSeeds: (images: UInt64, texts: UInt64) = (0x1476_09, 0x1476_0A)
  /// No more probes of a kind are made: what a file asks for is not believed beyond this.
  public static let largestCount = 4096

  /// Images of smooth random waves and texts of random tokens.
  ///
  /// - Parameters:
  ///   - configuration: the model's.
  ///   - images: how many images.
  ///   - texts: how many texts.
  ///   - seeds: what they are drawn from.
  /// - Returns: a bundle of inputs without results.
  public static func bundle(
    for configuration: CLIPConfiguration, images: Int = 8, texts: Int = 8,
    seeds: (images: UInt64, texts: UInt64) = (imageSeed, textSeed)
  ) -> GoldenBundle {
    var random = SplitMix64(seed: seeds.images)
    let pixels = configuration.preprocessing.map { waves(images, $0, &random) } ?? []
    random = SplitMix64(seed: seeds.texts)
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
        // sin(a + b) = sin a · cos b + cos a · sin b: a sine for each row and column, none for a pixel.
        let columns = waves.map { wave in
          (0..<size).map { cell in
            let angle = wave.x * Double(cell) / Double(size)
            return (sine: sine(angle) * wave.height, cosine: sine(angle + quarterTurn) * wave.height)
          }
        }
        for row in 0..<size {
          var values = [Double](repeating: 0.5, count: size)
          for (wave, column) in zip(waves, columns) {
            let angle = wave.y * Double(row) / Double(size) + wave.phase
            let (high, low) = (sine(angle + quarterTurn), sine(angle))
            for cell in 0..<size { values[cell] += column[cell].sine * high + column[cell].cosine * low }
          }
          for value in values { pixels.append(Float((min(max(value, 0), 1) - mean) / deviation)) }
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

  private static let quarterTurn = 1.570_796_326_794_896_6

  /// The sine by sums and products of float64 alone, so that probes are the same bits on every machine; within 1e-15.
  ///
  /// - Parameter x: in ±1,000.
  /// - Returns: in −1...1, but for rounding.
  static func sine(_ x: Double) -> Double {
    let quarter = (x * 0.636_619_772_367_581_4).rounded()
    let r = (x - quarter * 1.570_796_326_794_896_6) - quarter * 6.123_233_995_736_766e-17
    let square = r * r
    func series(_ count: Int, from first: Double) -> Double {
      // r^first (1 − r² / ((first + 1)(first + 2)) (1 − r² / …)).
      (0..<count).reversed().reduce(1.0) { rest, term in
        let n = first + 2 * Double(term)
        return 1 - square / ((n + 1) * (n + 2)) * rest
      }
    }
    let isCosine = Int(quarter) & 1 == 1
    let value = isCosine ? series(9, from: 0) : r * series(9, from: 1)
    return Int(quarter) & 2 == 0 ? value : -value
  }
}
