// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension Publication {
  /// A model as `build_model` of OpenAI's `clip/model.py` takes it: its sizes are in the tensors, all else is the code's.
  static func openAI(_ configuration: CLIPConfiguration) throws(CheckpointError) -> Publication {
    var obstacles = Obstacles("OpenAI's code")
    obstacles.requireBothTowers(configuration)
    obstacles.require(
      configuration.similarity == .softmax, "similarity", configuration.similarity.rawValue, "softmax")
    var notes: [String] = []
    if let text = configuration.text {
      obstacles.requireTextOfCLIP(text, layerScale: false)
      obstacles.requireOpenAI(text.transformer, "text")
      obstacles.require(text.isCausal, "text.mask", "all", "causal")
      obstacles.require(
        text.pooling == .largestToken || text.endsWithLargestToken, "text.pooling",
        text.pooling.rawValue + (text.endToken.map { " (\($0))" } ?? ""), "largest-token")
      obstacles.require(text.projection == .matrix, "text.projection", text.projection.rawValue, "matrix")
      notes = noteOnEndToken(text)
    }
    if case .transformer(let vision)? = configuration.vision {
      obstacles.requireVisionOfCLIP(vision, layerScale: false)
      obstacles.requireOpenAI(vision.transformer, "vision")
      obstacles.require(vision.hasPreNorm, "vision.hasPreNorm", "false", "a norm before the blocks")
      obstacles.require(
        vision.pooling == .classToken, "vision.pooling", vision.pooling.rawValue, "class-token")
      obstacles.require(vision.projection == .matrix, "vision.projection", vision.projection.rawValue, "matrix")
    } else if case .residualNetwork(let vision)? = configuration.vision {
      obstacles.require(
        vision.heads == vision.featureWidth / NativeConstants.headWidth, "vision.heads", "\(vision.heads)",
        "\(vision.featureWidth / NativeConstants.headWidth), the width over \(NativeConstants.headWidth)")
      obstacles.requireNativeNorms(vision)
    } else if configuration.vision != nil {
      obstacles.require(false, "vision", "another convolutional tower", "a vision transformer or its own ResNet")
    }
    try obstacles.check()
    var numbers: [String: Int64] = [:]
    if let text = configuration.text, let vision = configuration.vision {
      numbers = [
        "archive.input_resolution": Int64(vision.imageSize), "archive.context_length": Int64(text.contextLength),
        "archive.vocab_size": Int64(text.vocabularySize),
      ]
    }
    return Publication(
      naming: .openAI, loader: "clip.model.build_model", numbers: numbers, notes: notes, mapping: .openAI)
  }
}

extension Obstacles {
  /// Requires what `clip/model.py` fixes for both towers.
  fileprivate mutating func requireOpenAI(_ blocks: TransformerConfiguration, _ tower: String) {
    let heads = blocks.width / NativeConstants.headWidth
    require(
      blocks.activation == .quickGELU, "\(tower).activation", blocks.activation.rawValue,
      "\(Activation.quickGELU.rawValue)")
    require(
      blocks.heads == heads, "\(tower).heads", "\(blocks.heads)",
      "\(heads), the width \(blocks.width) over \(NativeConstants.headWidth)")
    require(
      blocks.normEpsilon == NativeConstants.normEpsilon, "\(tower).normEpsilon", "\(blocks.normEpsilon)",
      "\(NativeConstants.normEpsilon)")
    require(
      blocks.mlpWidth == 4 * blocks.width, "\(tower).mlpWidth", "\(blocks.mlpWidth)",
      "\(4 * blocks.width), four times the width")
  }

  /// Requires what OpenAI's and OpenCLIP's code fix for OpenAI's ResNet.
  mutating func requireNativeNorms(_ vision: ResidualNetworkConfiguration) {
    require(
      vision.normEpsilon == NativeConstants.normEpsilon, "vision.normEpsilon", "\(vision.normEpsilon)",
      "\(NativeConstants.normEpsilon)")
    require(
      vision.normalization == .batchNorm, "vision.normalization", vision.normalization.rawValue,
      ResidualNetworkConfiguration.Normalization.batchNorm.rawValue)
  }
}
