// SPDX-License-Identifier: Apache-2.0

extension ImagePreprocessing {
  /// The steps that a model's configuration describes.
  ///
  /// - Parameter configuration: validated.
  /// - Throws: `limit` for sizes, `unsupported` for steps that the original code does not have: the longest side is resized by OpenCLIP only.
  public init(_ configuration: PreprocessingConfiguration) throws(CheckpointError) {
    self.init(
      size: configuration.imageSize, resizeSide: configuration.resizeSize, resize: Resize(configuration.resize),
      interpolation: Interpolation(configuration.interpolation), pipeline: Pipeline(configuration.pipeline),
      channelOrder: configuration.channelOrder == .bgr ? .bgr : .rgb, mean: configuration.mean,
      standardDeviation: configuration.standardDeviation)
    try check()
  }
}

extension ImagePreprocessing.Pipeline {
  fileprivate init(_ pipeline: PreprocessingConfiguration.Pipeline) {
    switch pipeline {
    case .torchvision: self = .torchvision
    case .torchvisionRGB: self = .torchvisionRGB
    case .openCLIP: self = .openCLIP
    case .huggingFace: self = .huggingFace
    case .keras: self = .keras
    }
  }
}

extension ImagePreprocessing.Resize {
  fileprivate init(_ resize: PreprocessingConfiguration.Resize) {
    switch resize {
    case .shortestSide: self = .shortestSide
    case .longestSide: self = .longestSide
    case .squash: self = .squash
    }
  }
}

extension ImagePreprocessing.Interpolation {
  fileprivate init(_ interpolation: PreprocessingConfiguration.Interpolation) {
    switch interpolation {
    case .lanczos: self = .lanczos
    case .bicubic: self = .bicubic
    case .bilinear: self = .bilinear
    case .nearest: self = .nearest
    }
  }
}
