// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// Compares the constants of two models.
struct ConstantDefects {
  private(set) var findings: [DoctorReport.Finding] = []
  /// How many were compared.
  private(set) var count = 0

  init(_ source: CLIPConfiguration, _ model: CLIPConfiguration) {
    compare(.similarityExchanged, "similarity", source.similarity.rawValue, model.similarity.rawValue)
    if let a = source.text, let b = model.text { compare(a, b) }
    switch (source.vision, model.vision) {
    case (.transformer(let a), .transformer(let b)): compare(a, b)
    case (.residualNetwork(let a), .residualNetwork(let b)):
      compare(.wrongEpsilon, "vision.epsilon", a.normEpsilon, b.normEpsilon)
      compare(.wrongHeadCount, "vision.heads", a.heads, b.heads)
    case (.convolutional(let a), .convolutional(let b)): compare(a, b)
    case (.mobile(let a), .mobile(let b)):
      compare(.wrongEpsilon, "vision.epsilon", a.normEpsilon, b.normEpsilon)
      compare(.wrongHeadCount, "vision.head width", a.headWidth, b.headWidth)
      compare(.activationExchanged, "vision.activation", a.activation.rawValue, b.activation.rawValue)
    case (nil, nil): break
    default:
      compare(.architectureChanged, "vision", "\(source.vision == nil)", "\(model.vision == nil) or another kind")
    }
    if let a = source.preprocessing, let b = model.preprocessing { compare(a, b) }
  }

  private mutating func compare<T: Equatable>(_ defect: Defect, _ name: String, _ source: T, _ model: T) {
    count += 1
    if source != model { findings.append(DoctorReport.Finding(defect, name, "is \(model), the source has \(source)")) }
  }

  private mutating func compare(_ tower: String, _ a: TransformerConfiguration, _ b: TransformerConfiguration) {
    compare(.activationExchanged, "\(tower).activation", a.activation.rawValue, b.activation.rawValue)
    compare(.wrongEpsilon, "\(tower).epsilon", a.normEpsilon, b.normEpsilon)
    compare(.wrongHeadCount, "\(tower).heads", a.heads, b.heads)
    compare(.architectureChanged, "\(tower).norms", a.block.norms.rawValue, b.block.norms.rawValue)
    compare(.architectureChanged, "\(tower).mlp", a.block.mlp.rawValue, b.block.mlp.rawValue)
    compare(.architectureChanged, "\(tower).layer scale", a.block.hasLayerScale, b.block.hasLayerScale)
    compare(
      .architectureChanged, "\(tower).attention norm", a.block.hasAttentionInnerNorm, b.block.hasAttentionInnerNorm)
    compare(.architectureChanged, "\(tower).hidden norm", a.block.hasMLPInnerNorm, b.block.hasMLPInnerNorm)
    compare(
      .architectureChanged, "\(tower).rotary", a.block.rotary.map { "\($0)" } ?? "none",
      b.block.rotary.map { "\($0)" } ?? "none")
  }

  private mutating func compare(_ a: TextConfiguration, _ b: TextConfiguration) {
    compare("text", a.transformer, b.transformer)
    compare(.wrongTextPooling, "text.pooling", a.pooling.rawValue, b.pooling.rawValue)
    compare(.wrongTextPooling, "text.end token", a.endToken ?? -1, b.endToken ?? -1)
    compare(.maskExchanged, "text.causal", a.isCausal, b.isCausal)
    compare(.maskExchanged, "text.masked token", a.maskedToken ?? -1, b.maskedToken ?? -1)
    compare(.architectureChanged, "text.embedding norm", a.hasEmbeddingNorm, b.hasEmbeddingNorm)
    compare(.architectureChanged, "text.final norm", a.hasFinalNorm, b.hasFinalNorm)
  }

  private mutating func compare(_ a: VisionTransformerConfiguration, _ b: VisionTransformerConfiguration) {
    compare("vision", a.transformer, b.transformer)
    compare(.wrongImagePooling, "vision.pooling", a.pooling.rawValue, b.pooling.rawValue)
    compare(.wrongImagePooling, "vision.final norm", a.finalNorm.rawValue, b.finalNorm.rawValue)
    compare(.architectureChanged, "vision.pre norm", a.hasPreNorm, b.hasPreNorm)
    compare(.architectureChanged, "vision.class token", a.hasClassToken, b.hasClassToken)
    compare(.wrongImageSize, "vision.image size", a.patchSize * a.grid + a.margin, b.patchSize * b.grid + b.margin)
  }

  private mutating func compare(_ a: ConvolutionalConfiguration, _ b: ConvolutionalConfiguration) {
    compare(.activationExchanged, "vision.activation", a.activation.rawValue, b.activation.rawValue)
    compare(.wrongEpsilon, "vision.epsilon", a.normEpsilon, b.normEpsilon)
    compare(.architectureChanged, "vision.stride", a.stridePlacement.rawValue, b.stridePlacement.rawValue)
    compare(.architectureChanged, "vision.stem", "\(a.stem)", "\(b.stem)")
    compare(.architectureChanged, "vision.normalization", a.normalization.rawValue, b.normalization.rawValue)
    compare(
      .architectureChanged, "vision.weight standardization", a.weightStandardizationEpsilon ?? 0,
      b.weightStandardizationEpsilon ?? 0)
    compare(.architectureChanged, "vision.layer scale", a.hasLayerScale, b.hasLayerScale)
    compare(.wrongImagePooling, "vision.final norm", a.finalNorm.rawValue, b.finalNorm.rawValue)
    compare(.wrongImageSize, "vision.image size", a.imageSize, b.imageSize)
  }

  private mutating func compare(_ a: PreprocessingConfiguration, _ b: PreprocessingConfiguration) {
    compare(.wrongImageSize, "preprocessing.image size", a.imageSize, b.imageSize)
    compare(.wrongInterpolation, "preprocessing.interpolation", a.interpolation.rawValue, b.interpolation.rawValue)
    compare(.wrongResize, "preprocessing.resize", a.resize.rawValue, b.resize.rawValue)
    compare(.wrongResize, "preprocessing.shorter side", a.resizeSize ?? a.imageSize, b.resizeSize ?? b.imageSize)
    count += 2
    let isSame = a.mean == b.mean && a.standardDeviation == b.standardDeviation
    let orders = (a.channelOrder ?? .rgb, b.channelOrder ?? .rgb)
    if isSame, orders.0 == orders.1 { return }
    let constants = "\(b.mean) and \(b.standardDeviation), the source has \(a.mean) and \(a.standardDeviation)"
    let isReversed = a.mean.reversed() == b.mean && a.standardDeviation.reversed() == b.standardDeviation
    if isSame || isReversed {
      findings.append(
        DoctorReport.Finding(
          .coloursReversed, "preprocessing",
          orders.0 == orders.1 ? constants : "the order is \(orders.1.rawValue), the source has \(orders.0.rawValue)"))
    } else if b.mean.allSatisfy({ $0 == 0 }), b.standardDeviation.allSatisfy({ $0 == 1 }) {
      findings.append(DoctorReport.Finding(.normalizationDropped, "preprocessing", constants))
    } else {
      findings.append(DoctorReport.Finding(.wrongNormalization, "preprocessing", constants))
    }
  }
}
