// SPDX-License-Identifier: Apache-2.0

/// Inputs that a model is run on, to see what its weights meet and what their errors do.
public struct CalibrationSet: Sendable {
  /// `[imageCount, 3, size, size]`, normalised.
  public let pixels: [Float]
  /// How many images.
  public let imageCount: Int
  /// Token ids, each as long as the model takes.
  public let texts: [[Int32]]
  /// Names the inputs: SHA-256 in hexadecimal digits.
  public let digest: String

  /// Puts inputs together.
  ///
  /// - Parameters:
  ///   - pixels: `[imageCount, 3, size, size]`, normalised.
  ///   - imageCount: how many images.
  ///   - texts: token ids, each as long as the model takes.
  ///   - digest: names the inputs.
  public init(pixels: [Float], imageCount: Int, texts: [[Int32]], digest: String) {
    self.pixels = pixels
    self.imageCount = imageCount
    self.texts = texts
    self.digest = digest
  }

  /// One input of each kind.
  public var first: CalibrationSet {
    CalibrationSet(
      pixels: imageCount == 0 ? [] : Array(pixels.prefix(pixels.count / imageCount)), imageCount: min(1, imageCount),
      texts: Array(texts.prefix(1)), digest: "")
  }
}
