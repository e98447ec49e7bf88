// SPDX-License-Identifier: Apache-2.0

/// Inputs that a model is calibrated with.
public struct CalibrationSet: Sendable {
  /// `[imageCount, 3, size, size]`, normalised.
  public let pixels: [Float]
  /// How many images.
  public let imageCount: Int
  /// Token ids, each as long as the model takes.
  public let texts: [[Int32]]

  /// Puts inputs together.
  ///
  /// - Parameters:
  ///   - pixels: `[imageCount, 3, size, size]`, normalised.
  ///   - imageCount: how many images.
  ///   - texts: token ids, each as long as the model takes.
  public init(pixels: [Float], imageCount: Int, texts: [[Int32]]) {
    self.pixels = pixels
    self.imageCount = imageCount
    self.texts = texts
  }
}
