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
  public let checkpoint: any Checkpoint

  /// Describes a model.
  public init(name: String, encoding: String, provenance: Provenance?, checkpoint: any Checkpoint) {
    self.name = name
    self.encoding = encoding
    self.provenance = provenance
    self.checkpoint = checkpoint
  }

  /// For each tensor that is not its source's own values, the length of its error over its own.
  var relativeErrors: [String: Double] {
    var errors: [String: Double] = [:]
    for tensor in checkpoint.tensors {
      guard let fidelity = provenance?.tensors[tensor.name]?.fidelity, fidelity.relativeError > 0 else { continue }
      errors[tensor.name] = fidelity.relativeError
    }
    return errors
  }
}

/// How far a faithful model may be from its reference: float32 rounding on both sides, and what random errors of the size of the stored
/// weights' own do to this model on these inputs.
///
/// `Formats/numerics.md`, section "Tolerances", derives each number.
enum ErrorModel {
  /// Half the distance from 1 to the next float32.
  static let unitRoundoff = 0x1p-24
  /// The project's requirement for models that hold the reference's own values.
  static let losslessEmbedding = 1e-5
  /// A cosine of float32 vectors is itself known to about this only.
  static let cosineResolution = 1e-6
  /// Expected rounding errors are multiplied by this: three standard deviations.
  static let roundingSafety = 3.0
  /// The length of a whole output sums thousands of errors: independent draws of them differ by far less than a factor of two.
  static let lengthSafety = 2.0
  /// The largest of many embeddings or logits scatters more.
  static let extremeSafety = 3.0
  /// One channel's error may be a single random number: the ratio of two such has long tails.
  static let channelSafety = 6.0
  /// How many random errors are tried; the largest effect counts.
  ///
  /// - Parameter weights: how many weights are stored with errors, in the tower that has the fewest.
  /// - Returns: 3; more for a tower so small that the errors of its parts hang on few numbers and scatter accordingly.
  static func draws(weights: Int) -> UInt64 { weights < smallModel ? 12 : 3 }
  /// Weights of a tower whose parts have hundreds of them, not thousands.
  static let smallModel = 100_000

  /// Relative error of a part that float32 arithmetic explains: sums of k products, each rounded, err by √k units roundoff; both sides
  /// compute, and the sums of a part follow each other.
  static func roundingError(of part: PartOutput.Part, _ configuration: CLIPConfiguration) -> Double {
    2 * roundingSafety * unitRoundoff * Double(sumLength(of: part, configuration)).squareRoot()
  }

  /// Products that are summed one after the other on the way through a part.
  private static func sumLength(of part: PartOutput.Part, _ configuration: CLIPConfiguration) -> Int {
    func blockLength(_ blocks: TransformerConfiguration, tokens: Int) -> Int {
      3 * blocks.width + blocks.width / blocks.heads + tokens + blocks.mlpWidth
    }
    switch (part, configuration.vision) {
    case (.logitScale, _): return configuration.embeddingWidth
    case (.head(.text), _): return (configuration.text?.transformer.width ?? 0) * 2
    case (.block(.text, _), _):
      return configuration.text.map { blockLength($0.transformer, tokens: $0.contextLength) } ?? 0
    case (.head(.vision), .transformer(let vision)):
      let width = vision.transformer.width
      switch vision.pooling {
      case .classToken: return width * 2
      case .average: return width * 2 + vision.tokens
      case .attention: return width * 2 + blockLength(vision.transformer, tokens: vision.tokens)
      }
    case (.block(.vision, let index), .transformer(let vision)):
      let patches = index == 0 ? 3 * vision.patchSize * vision.patchSize + vision.transformer.width : 0
      return blockLength(vision.transformer, tokens: vision.tokens) + patches
    case (.head(.vision), .residualNetwork(let vision)): return vision.featureWidth * 3 + vision.grid * vision.grid
    case (.block(.vision, let stage), .residualNetwork(let vision)):
      // Each block sums over its input, nine times its planes, and its planes; the stem comes before stage 0.
      let planes = vision.width << stage
      return vision.blocks[stage] * planes * (4 + 9 + 1) + (stage == 0 ? 27 + 9 * vision.width : 0)
    case (.head(.vision), .convolutional(let vision)): return vision.headSumLength
    case (.block(.vision, let stage), .convolutional(let vision)): return vision.sumLength(ofStage: stage)
    case (.head(.vision), .mobile(let vision)): return vision.headSumLength
    case (.block(.vision, let stage), .mobile(let vision)): return vision.sumLength(ofStage: stage)
    case (.head(.vision), nil), (.block(.vision, _), nil): return 0
    }
  }
}
