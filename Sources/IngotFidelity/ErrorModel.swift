// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotFile
import IngotTensor

/// What is being verified.
public struct VerificationSubject: Sendable {
  /// The model's file.
  public let name: String
  /// How its weights are stored.
  public let encoding: String
  /// Where its tensors came from; says how far each is from its source.
  public let provenance: Provenance?
  /// Its tensors, under canonical names.
  public let tensors: [TensorDescriptor]

  /// Describes a model.
  public init(name: String, encoding: String, provenance: Provenance?, tensors: [TensorDescriptor]) {
    self.name = name
    self.encoding = encoding
    self.provenance = provenance
    self.tensors = tensors
  }
}

/// How far a faithful model may be from its reference: float32 rounding on both sides, and the stated errors of stored weights.
///
/// `Formats/numerics.md`, section "Tolerances", derives each formula.
struct ErrorModel {
  /// Half the distance from 1 to the next float32.
  static let unitRoundoff = 0x1p-24
  /// Expected errors are multiplied by this: three standard deviations.
  static let safety = 3.0
  /// The project's requirement for models that hold the reference's own values.
  static let losslessEmbedding = 1e-5

  private let configuration: CLIPConfiguration
  private let relativeErrors: [String: Double]
  /// Whether any tensor differs from its source.
  let isLossy: Bool

  init(_ subject: VerificationSubject, _ configuration: CLIPConfiguration) {
    self.configuration = configuration
    var errors: [String: Double] = [:]
    for tensor in subject.tensors {
      errors[tensor.name] = subject.provenance?.tensors[tensor.name]?.fidelity.relativeError ?? 0
    }
    relativeErrors = errors
    isLossy = errors.values.contains { $0 > 0 }
  }

  /// The parts of a tower that are checked alone.
  enum Part: Hashable {
    /// From the inputs to the output of block 0, or from one block's output to the next's.
    case block(Int)
    /// From the last block's output to embeddings.
    case head
  }

  /// Root of the summed squares of the relative errors of a part's weights.
  func weightError(of part: Part, in tower: Tower) -> Double {
    relativeErrors.reduce(0) { sum, entry in
      Self.part(of: entry.key).map { $0 == (tower, part) } == true ? sum + entry.value * entry.value : sum
    }.squareRoot()
  }

  /// The same for a whole tower: errors of independent blocks add in squares along the residual stream.
  func weightError(of tower: Tower) -> Double {
    relativeErrors.reduce(0) { sum, entry in
      Self.part(of: entry.key)?.0 == tower ? sum + entry.value * entry.value : sum
    }.squareRoot()
  }

  /// Relative error of a part that float32 arithmetic explains: sums of k products, each rounded, err by √k units roundoff; both sides
  /// compute, and the sums of a part follow each other.
  func roundingError(of part: Part, in tower: Tower) -> Double {
    2 * Self.safety * Self.unitRoundoff * Double(sumLength(of: part, in: tower)).squareRoot()
  }

  /// How far apart unit embeddings may lie.
  func embeddingDistance(of tower: Tower) -> Double {
    Self.losslessEmbedding + Self.safety * weightError(of: tower)
  }

  /// Which part a tensor belongs to; `nil` for those that take no part.
  static func part(of name: String) -> (Tower, Part)? {
    let parts = name.split(separator: ".")
    guard parts.count >= 2, let tower = Tower(rawValue: String(parts[0])) else { return nil }
    switch parts[1] {
    case "blocks", "stages": return (tower, .block(Int(parts[2]) ?? 0))
    case "post_norm", "projection", "attention_pool", "final_norm": return (tower, .head)
    default: return (tower, .block(0))
    }
  }

  /// Products that are summed one after the other on the way through a part.
  private func sumLength(of part: Part, in tower: Tower) -> Int {
    func blockLength(_ blocks: TransformerConfiguration, tokens: Int) -> Int {
      3 * blocks.width + blocks.width / blocks.heads + tokens + blocks.mlpWidth
    }
    switch (tower, configuration.vision, part) {
    case (.text, _, .head): return configuration.text.transformer.width * 2
    case (.text, _, .block):
      return blockLength(configuration.text.transformer, tokens: configuration.text.contextLength)
    case (.vision, .transformer(let vision), .head): return vision.transformer.width * 2
    case (.vision, .transformer(let vision), .block(let index)):
      let patches = index == 0 ? 3 * vision.patchSize * vision.patchSize + vision.transformer.width : 0
      return blockLength(vision.transformer, tokens: vision.tokens) + patches
    case (.vision, .residualNetwork(let vision), .head): return vision.featureWidth * 3 + vision.grid * vision.grid
    case (.vision, .residualNetwork(let vision), .block(let stage)):
      let planes = vision.width << stage
      return vision.blocks[stage] * planes * (4 + 9 + 1) + (stage == 0 ? 27 + 9 * vision.width : 0)
    }
  }
}
