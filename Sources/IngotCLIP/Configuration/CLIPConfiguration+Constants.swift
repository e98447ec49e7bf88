// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension CLIPConfiguration {
  /// A constant that no tensor shape reveals.
  public struct Constant: Sendable, Hashable {
    /// Its path in the configuration, for example `vision.activation`.
    public let key: String
    /// Its value in words.
    public let value: String
    /// Where it was taken from.
    public let source: ConstantSource
  }

  /// Every constant that was settled, by path.
  public var constants: [Constant] {
    sources.sorted { $0.key < $1.key }.map { Constant(key: $0.key, value: value(of: $0.key), source: $0.value) }
  }

  /// What a person would have to say of a checkpoint for it to have these constants.
  public var options: ModelOptions {
    var options = ModelOptions(activation: text?.transformer.activation, textHeads: text?.transformer.heads)
    switch vision {
    case .transformer(let vision):
      options.activation = options.activation ?? vision.transformer.activation
      options.visionHeads = vision.transformer.heads
    case .residualNetwork(let vision): options.visionHeads = vision.heads
    case .convolutional(let vision): options.imageSize = vision.imageSize
    case .mobile(let vision): options.imageSize = vision.imageSize
    case nil: break
    }
    return options
  }

  private func value(of key: String) -> String {
    let parts = key.split(separator: ".", maxSplits: 1).map(String.init)
    switch (parts.first, parts.last) {
    case ("preprocessing", _): return preprocessing?.summary ?? "none"
    case ("text", "mask"):
      guard let text else { return "none" }
      return text.isCausal ? "causal" : text.maskedToken.map { "all but padding (token \($0))" } ?? "all"
    case ("text", "pooling"): return text.map { $0.pooling.rawValue } ?? "none"
    case ("text", let name?): return text?.transformer.value(of: name) ?? "none"
    case ("vision", let name?):
      switch vision {
      case .transformer(let vision):
        return name == "pooling" ? vision.pooling.rawValue : vision.transformer.value(of: name)
      case .residualNetwork(let vision):
        return name == "heads" ? "\(vision.heads)" : name == "normEpsilon" ? "\(vision.normEpsilon)" : "attention"
      case .convolutional(let vision): return vision.value(of: name)
      case .mobile(let vision): return vision.value(of: name)
      case nil: return "none"
      }
    default: return "none"
    }
  }
}

extension TransformerConfiguration {
  fileprivate func value(of name: String) -> String {
    switch name {
    case "activation": activation.rawValue
    case "heads": "\(heads)"
    case "normEpsilon": "\(normEpsilon)"
    default: "none"
    }
  }
}

extension ConvolutionalConfiguration {
  fileprivate func value(of name: String) -> String {
    switch name {
    case "activation": activation.rawValue
    case "imageSize": "\(imageSize)"
    case "normEpsilon": "\(normEpsilon)"
    case "pooling": "average"
    case "stemPadding": "\(stem.padding), pooling over \(stem.poolingBorder.map { $0.rawValue } ?? "no map")"
    case "stride": "in the \(stridePlacement.rawValue) convolution"
    case "weightStandardization": weightStandardizationEpsilon.map { "epsilon \($0)" } ?? "none"
    default: "none"
    }
  }
}

extension MobileConfiguration {
  fileprivate func value(of name: String) -> String {
    switch name {
    case "activation": activation.rawValue
    case "headWidth": "\(headWidth)"
    case "imageSize": "\(imageSize)"
    case "normEpsilon": "\(normEpsilon)"
    case "pooling": "average"
    default: "none"
    }
  }
}

extension PreprocessingConfiguration {
  /// One line for people.
  public var summary: String {
    let sides = resizeSize.map { "\($0) then \(imageSize), " } ?? ""
    return
      "\(interpolation.rawValue), \(resize.rawValue), \(sides)as \(pipeline.rawValue), mean \(mean), deviation \(standardDeviation)"
  }
}
