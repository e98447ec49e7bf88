// SPDX-License-Identifier: Apache-2.0

extension ImagePreprocessing {
  /// The steps that a model's configuration describes.
  ///
  /// - Parameter configuration: validated; `CLIPConfiguration.validate` allows bicubic and shortest side with centre crop only.
  public init(_ configuration: PreprocessingConfiguration) {
    self = .openAI(size: configuration.imageSize)
    mean = configuration.mean.map { Float($0) }
    standardDeviation = configuration.standardDeviation.map { Float($0) }
  }
}
