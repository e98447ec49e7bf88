// SPDX-License-Identifier: Apache-2.0

extension ImagePreprocessing {
  /// The steps that a model's configuration describes.
  ///
  /// - Parameter configuration: validated.
  /// - Throws: `unsupported` for steps other than bicubic interpolation of the shorter side and a crop of the centre.
  public init(_ configuration: PreprocessingConfiguration) throws(CheckpointError) {
    guard configuration.interpolation == .bicubic, configuration.resize == .shortestSide else {
      throw CheckpointError(
        .unsupported, .image, subject: "preprocessing",
        "\(configuration.interpolation.rawValue), \(configuration.resize.rawValue)")
    }
    self = .openAI(size: configuration.imageSize)
    mean = configuration.mean.map { Float($0) }
    standardDeviation = configuration.standardDeviation.map { Float($0) }
  }
}
