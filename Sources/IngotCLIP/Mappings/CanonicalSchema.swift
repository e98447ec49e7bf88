// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The tensors that a model of a given configuration has: names, shapes and roles.
///
/// The table is `Formats/mappings/canonical.md`.
public enum CanonicalSchema {
  /// What a tensor is used for, which decides how it may be stored.
  public enum Role: String, Sendable {
    /// Weights `[outputs, inputs]` of a product.
    case matrix
    /// Weights `[inputs, outputs]` of a product.
    case projection
    /// Weights `[outputs, channels, height, width]` of a convolution.
    case convolution
    /// Weights `[outputs, channels, height, width]` of the patch embedding.
    case patches
    /// Weights `[channels, 1, height, width]` of a convolution of each channel alone.
    case depthwise
    /// A table or vector added to activations.
    case embedding
    /// Gain, bias or statistics of a normalization.
    case norm
    /// Added to the results of a product.
    case bias
    /// A single number that inference uses.
    case scalar
    /// Carried along; takes no part in inference.
    case buffer

  }

  /// Which configurations have a row.
  enum Condition: Sendable {
    case always, logits, logitBias
    case text, textLayerScale, tokenTypes, embeddingNorm, textFinalNorm, textProjection, textProjectionBias
    case transformer, classToken, patchBias, preNorm, attentionPooling, visionProjection, visionProjectionBias
    case fullBias, queryValueBias, attentionInnerNorm, gated, mlpInnerNorm, layerScale
    case residualNetwork, batchNorm, folded
    case convolutional, stemBias, stemNorm, stemStatistics, bottleneck, bottleneckBias, bottleneckStatistics
    case shortcutNorm, shortcutStatistics, convNext, mapLayerScale, mapNorm, mapProjection, mapProjectionBias
    case mapHead, mapHeadBias
    case mobile, mobileFolded, mobileBranches, mobileStemScale, mobileStatistics, mobileProjectionBias
  }

  /// Whether a tensor may be absent.
  public enum Presence: Sendable {
    /// Its absence is an error.
    case required
    /// Some checkpoints have it.
    case optional
  }

  /// One row of the table.
  struct Row: Sendable {
    let name: KeyPattern
    let shape: ShapeExpression
    let role: Role
    let condition: Condition
    let presence: Presence

    init(_ name: String, _ shape: String, _ role: Role, _ condition: Condition, _ presence: Presence) {
      self.name = KeyPattern(name)
      self.shape = ShapeExpression(shape)
      self.role = role
      self.condition = condition
      self.presence = presence
    }
  }

  /// One tensor of a configuration.
  public struct Entry: Sendable, Hashable {
    /// The canonical name.
    public let name: String
    /// The shape that the configuration asks for.
    public let shape: Shape
    /// What the tensor is used for.
    public let role: Role
    /// Whether it may be absent.
    public let presence: Presence
    /// The row of the table.
    let pattern: String
    /// The indices that fill the pattern.
    let indices: [Character: Int]
  }

  /// All tensors of a model.
  ///
  /// - Parameter configuration: a validated configuration.
  /// - Returns: the entries, in the table's order.
  public static func entries(for configuration: CLIPConfiguration) -> [Entry] {
    rows.filter { configuration.meets($0.condition) }.flatMap { row in
      row.name.expand { name, indices in configuration.value(of: name, at: indices) }.map { indices in
        Entry(
          name: row.name.filled(with: indices),
          shape: row.shape.evaluated { configuration.value(of: $0, at: indices) },
          role: row.role, presence: row.presence, pattern: row.name.text, indices: indices)
      }
    }
  }
}

extension CLIPConfiguration {
  fileprivate func meets(_ condition: CanonicalSchema.Condition) -> Bool {
    switch condition {
    case .always: true
    case .logits: similarity != .none
    case .logitBias: similarity == .sigmoid
    case .text, .textLayerScale, .tokenTypes, .embeddingNorm, .textFinalNorm, .textProjection, .textProjectionBias:
      text.map { $0.meets(condition) } ?? false
    case .transformer, .classToken, .patchBias, .preNorm, .attentionPooling, .visionProjection, .visionProjectionBias,
      .fullBias, .queryValueBias, .attentionInnerNorm, .gated, .mlpInnerNorm, .layerScale:
      if case .transformer(let vision) = vision { vision.meets(condition) } else { false }
    case .residualNetwork, .batchNorm, .folded:
      if case .residualNetwork(let vision) = vision { vision.meets(condition) } else { false }
    case .convolutional, .stemBias, .stemNorm, .stemStatistics, .bottleneck, .bottleneckBias, .bottleneckStatistics,
      .shortcutNorm, .shortcutStatistics, .convNext, .mapLayerScale, .mapNorm, .mapProjection, .mapProjectionBias,
      .mapHead, .mapHeadBias:
      if case .convolutional(let vision) = vision { vision.meets(condition) } else { false }
    case .mobile, .mobileFolded, .mobileBranches, .mobileStemScale, .mobileStatistics, .mobileProjectionBias:
      if case .mobile(let vision) = vision { vision.meets(condition) } else { false }
    }
  }

  /// The value of a symbol of the table, at the given indices.
  fileprivate func value(of symbol: Character, at indices: [Character: Int]) -> Int {
    if symbol == "E" { return embeddingWidth }
    if let text, let value = text.value(of: symbol) { return value }
    let stage = indices["s"] ?? 0
    switch vision {
    case .transformer(let vision):
      switch symbol {
      case "W": return vision.transformer.width
      case "F": return vision.transformer.mlpWidth
      case "L": return vision.transformer.layers
      case "P": return vision.patchSize
      case "G": return vision.grid
      case "K": return vision.extraTokens
      default: break
      }
    case .residualNetwork(let network):
      switch symbol {
      case "B": return network.width
      case "G": return network.grid
      case "S": return network.blocks[stage]
      case "Q": return network.width << stage
      case "I": return network.inputWidth(stage: stage, block: indices["i"] ?? 0)
      default: break
      }
    case .convolutional(let vision):
      if let value = vision.value(of: symbol, at: indices) { return value }
    case .mobile(let vision):
      if let value = vision.value(of: symbol, at: indices) { return value }
    case nil: break
    }
    preconditionFailure("the table uses symbol \(symbol), which this configuration does not have")
  }
}

extension TextConfiguration {
  fileprivate func meets(_ condition: CanonicalSchema.Condition) -> Bool {
    switch condition {
    case .textLayerScale: transformer.block.hasLayerScale
    case .tokenTypes: tokenTypes > 0
    case .embeddingNorm: hasEmbeddingNorm
    case .textFinalNorm: hasFinalNorm
    case .textProjection: projection != .none
    case .textProjectionBias: projection == .linear
    default: true
    }
  }

  fileprivate func value(of symbol: Character) -> Int? {
    switch symbol {
    case "V": vocabularySize
    case "C": positionCount ?? contextLength
    case "X": transformer.width
    case "Y": transformer.mlpWidth
    case "N": transformer.layers
    case "T": tokenTypes
    default: nil
    }
  }
}

extension VisionTransformerConfiguration {
  fileprivate func meets(_ condition: CanonicalSchema.Condition) -> Bool {
    switch condition {
    case .classToken: hasClassToken
    case .patchBias: hasPatchBias
    case .preNorm: hasPreNorm
    case .attentionPooling: pooling == .attention
    case .visionProjection: projection != .none
    case .visionProjectionBias: projection == .linear
    default: transformer.block.meets(condition)
    }
  }
}

extension BlockConfiguration {
  fileprivate func meets(_ condition: CanonicalSchema.Condition) -> Bool {
    switch condition {
    case .fullBias: attentionBias == .all
    case .queryValueBias: attentionBias == .queryAndValue
    case .attentionInnerNorm: hasAttentionInnerNorm
    case .gated: mlp == .gated
    case .mlpInnerNorm: hasMLPInnerNorm
    case .layerScale: hasLayerScale
    default: true
    }
  }
}

extension ResidualNetworkConfiguration {
  fileprivate func meets(_ condition: CanonicalSchema.Condition) -> Bool {
    switch condition {
    case .batchNorm: normalization == .batchNorm
    case .folded: normalization == .folded
    default: true
    }
  }

  /// Channels that enter a block.
  func inputWidth(stage: Int, block: Int) -> Int {
    if block > 0 { return Self.expansion * width << stage }
    return stage == 0 ? width : Self.expansion * width << (stage - 1)
  }
}
