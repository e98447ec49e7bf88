// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Reads a configuration off the shapes of OpenAI's tensors, as `build_model` in `clip/model.py` does.
struct OpenAIShapes {
  private let shapes: [String: Shape]
  private var problems: [String] = []

  init(_ tensors: [TensorDescriptor]) {
    shapes = Dictionary(tensors.map { ($0.name, $0.shape) }) { first, _ in first }
  }

  /// Width of one attention head in all of OpenAI's models (`build_model`: `width // 64`).
  static let headWidth = 64
  /// PyTorch's default for layer norms and batch norms, which OpenAI keeps.
  static let normEpsilon = 1e-5

  /// The configuration.
  ///
  /// - Parameters:
  ///   - tensors: the checkpoint's.
  ///   - activation: of the MLPs; `nil` takes OpenAI's.
  /// - Returns: the configuration.
  /// - Throws: `mismatch`, listing every tensor that is needed to know the sizes and is missing or of another rank.
  static func configuration(
    of tensors: [TensorDescriptor], activation: Activation?
  ) throws(CheckpointError) -> CLIPConfiguration {
    var reader = OpenAIShapes(tensors)
    let configuration = reader.read(activation ?? .quickGELU, isGiven: activation != nil)
    guard reader.problems.isEmpty, let configuration else {
      throw CheckpointError(
        .mismatch, .clip,
        "\(reader.problems.count) tensors that fix the model's sizes do not fit: "
          + reader.problems.joined(separator: "; "))
    }
    try configuration.validate()
    return configuration
  }

  private mutating func read(_ activation: Activation, isGiven: Bool) -> CLIPConfiguration? {
    let embeddingWidth = extent("text_projection", axis: 1, rank: 2)
    let textWidth = extent("token_embedding.weight", axis: 1, rank: 2)
    let text = TextConfiguration(
      vocabularySize: extent("token_embedding.weight", axis: 0, rank: 2),
      contextLength: extent("positional_embedding", axis: 0, rank: 2),
      transformer: blocks("transformer", width: textWidth, activation), pooling: .largestToken)
    let isTransformer = shapes.keys.contains { $0.hasPrefix("visual.transformer.") || $0 == "visual.class_embedding" }
    let vision = isTransformer ? visionTransformer(activation) : residualNetwork()
    guard problems.isEmpty else { return nil }
    let hasBuffers = ["input_resolution", "context_length", "vocab_size"].allSatisfy { shapes[$0] != nil }
    let source: ConstantSource = isGiven ? .option : hasBuffers ? .fingerprint : .family
    let mark: ConstantSource = hasBuffers ? .fingerprint : .family
    var sources: [String: ConstantSource] = [
      "text.activation": source, "text.heads": mark, "text.normEpsilon": mark, "text.pooling": mark,
      "vision.heads": mark, "vision.normEpsilon": mark, "preprocessing": mark,
    ]
    if isTransformer { sources["vision.activation"] = source }
    return CLIPConfiguration(
      family: Family.openAI.name, embeddingWidth: embeddingWidth, vision: vision, text: text,
      preprocessing: .openAI(imageSize: vision.imageSize), sources: sources)
  }

  private mutating func blocks(_ name: String, width: Int, _ activation: Activation) -> TransformerConfiguration {
    TransformerConfiguration(
      width: width, layers: count(of: "\(name).resblocks."), heads: heads(width, name),
      mlpWidth: extent("\(name).resblocks.0.mlp.c_fc.weight", axis: 0, rank: 2), activation: activation,
      normEpsilon: Self.normEpsilon)
  }

  private mutating func visionTransformer(_ activation: Activation) -> VisionConfiguration {
    let width = extent("visual.conv1.weight", axis: 0, rank: 4)
    return .transformer(
      VisionTransformerConfiguration(
        patchSize: extent("visual.conv1.weight", axis: 3, rank: 4), grid: grid("visual.positional_embedding"),
        transformer: blocks("visual.transformer", width: width, activation)))
  }

  private mutating func residualNetwork() -> VisionConfiguration {
    let width = extent("visual.layer1.0.conv1.weight", axis: 0, rank: 4)
    let hasNorms = shapes.keys.contains { $0.hasPrefix("visual.bn1.") }
    if width % 2 != 0 { problems.append("visual.layer1.0.conv1.weight has \(width) rows, an even number is needed") }
    return .residualNetwork(
      ResidualNetworkConfiguration(
        width: width, blocks: (1...4).map { count(of: "visual.layer\($0).") },
        grid: grid("visual.attnpool.positional_embedding"), heads: max(1, width * 32 / Self.headWidth),
        normalization: hasNorms ? .batchNorm : .folded, normEpsilon: Self.normEpsilon))
  }

  /// One extent of a tensor; notes a problem and gives 1 when it cannot be had.
  private mutating func extent(_ name: String, axis: Int, rank: Int) -> Int {
    guard let shape = shapes[name] else {
      note("\(name) is missing")
      return 1
    }
    guard shape.rank == rank, shape[axis] > 0 else {
      note("\(name) has shape \(shape), expected \(rank) dimensions, none empty")
      return 1
    }
    return shape[axis]
  }

  /// Side of the square grid whose positions, and one for the class token, a table holds.
  private mutating func grid(_ name: String) -> Int {
    let rows = extent(name, axis: 0, rank: 2)
    let side = Int(Double(rows - 1).squareRoot().rounded())
    if problems.isEmpty, side * side != rows - 1 || side == 0 {
      note("\(name) has \(rows) rows, expected one more than a square")
    }
    return max(side, 1)
  }

  private mutating func heads(_ width: Int, _ name: String) -> Int {
    if problems.isEmpty, width % Self.headWidth != 0 {
      note("\(name) is \(width) wide, OpenAI's models are multiples of \(Self.headWidth)")
    }
    return max(1, width / Self.headWidth)
  }

  /// How many different indices follow a prefix.
  private mutating func count(of prefix: String) -> Int {
    let indices = Set(
      shapes.keys.filter { $0.hasPrefix(prefix) }.map { $0.dropFirst(prefix.count).prefix { $0 != "." } })
    if indices.isEmpty { note("no tensor is named \(prefix)N") }
    return max(indices.count, 1)
  }

  private mutating func note(_ problem: String) {
    if !problems.contains(problem) { problems.append(problem) }
  }
}
