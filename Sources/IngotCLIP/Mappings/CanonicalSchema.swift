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
    case always, transformer, residualNetwork, batchNorm, folded
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
    switch (condition, vision) {
    case (.always, _), (.transformer, .transformer), (.residualNetwork, .residualNetwork): true
    case (.batchNorm, .residualNetwork(let network)): network.normalization == .batchNorm
    case (.folded, .residualNetwork(let network)): network.normalization == .folded
    default: false
    }
  }

  /// The value of a symbol of the table, at the given indices.
  fileprivate func value(of symbol: Character, at indices: [Character: Int]) -> Int {
    switch symbol {
    case "E": return embeddingWidth
    case "V": return text.vocabularySize
    case "C": return text.contextLength
    case "X": return text.transformer.width
    case "Y": return text.transformer.mlpWidth
    case "N": return text.transformer.layers
    default: break
    }
    let stage = indices["s"] ?? 0
    switch vision {
    case .transformer(let vision):
      switch symbol {
      case "W": return vision.transformer.width
      case "F": return vision.transformer.mlpWidth
      case "L": return vision.transformer.layers
      case "P": return vision.patchSize
      case "G": return vision.grid
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
    }
    preconditionFailure("the table uses symbol \(symbol), which this configuration does not have")
  }
}

extension ResidualNetworkConfiguration {
  /// Channels that enter a block.
  func inputWidth(stage: Int, block: Int) -> Int {
    if block > 0 { return Self.expansion * width << stage }
    return stage == 0 ? width : Self.expansion * width << (stage - 1)
  }
}
