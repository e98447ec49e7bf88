// SPDX-License-Identifier: Apache-2.0

extension PreprocessingConfiguration {
  /// torchvision's for ResNet-50 (`ResNet50_Weights.IMAGENET1K_V2`); the first weights, V1, resize to 256 before the crop.
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: ImageNet's constants, and a border around the crop in proportion to 232 around 224.
  public static func torchvisionResNet(imageSize: Int) -> PreprocessingConfiguration {
    PreprocessingConfiguration(
      imageSize: imageSize, resizeSize: imageSize * 232 / 224, mean: [0.485, 0.456, 0.406],
      standardDeviation: [0.229, 0.224, 0.225], interpolation: .bilinear, resize: .shortestSide,
      pipeline: .torchvisionRGB)
  }

  /// Keras' for ResNet-50 (`keras.applications.resnet.preprocess_input`): blue first, means of 0...255 subtracted, nothing divided.
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: the constants in units of 0...1, so that the deviation is 1 / 255.
  public static func kerasResNet(imageSize: Int) -> PreprocessingConfiguration {
    PreprocessingConfiguration(
      imageSize: imageSize, channelOrder: .bgr, mean: [103.939 / 255, 116.779 / 255, 123.68 / 255],
      standardDeviation: [1 / 255, 1 / 255, 1 / 255], interpolation: .nearest, resize: .squash, pipeline: .keras)
  }

  /// BiT's (`val_tx` in `bit_pytorch/train.py`): values from −1 to 1 of an image resized whatever its sides.
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: the constants.
  public static func bit(imageSize: Int) -> PreprocessingConfiguration {
    PreprocessingConfiguration(
      imageSize: imageSize, mean: [0.5, 0.5, 0.5], standardDeviation: [0.5, 0.5, 0.5], interpolation: .bilinear,
      resize: .squash, pipeline: .torchvisionRGB)
  }

  /// That of SimCLRv2's converter (`verify.py`): values from 0 to 1 of a central crop.
  ///
  /// - Parameter imageSize: side of the square image, in pixels.
  /// - Returns: the constants, with a border around the crop in proportion to 256 around 224.
  public static func simclr(imageSize: Int) -> PreprocessingConfiguration {
    PreprocessingConfiguration(
      imageSize: imageSize, resizeSize: imageSize * 256 / 224, mean: [0, 0, 0], standardDeviation: [1, 1, 1],
      interpolation: .bilinear, resize: .shortestSide, pipeline: .torchvisionRGB)
  }
}
