// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Lays the sizes that the tensors show over towers whose other constants are known.
extension SizeReader {
  /// An image tower of the sizes found.
  ///
  /// - Parameter tower: says what is not a size.
  /// - Returns: the tower.
  mutating func sized(_ tower: VisionTransformerConfiguration) -> VisionTransformerConfiguration {
    var sized = tower
    sized.patchSize = extent("vision.patch_embedding.weight", axis: 3, rank: 4)
    sized.grid = grid("vision.position_embedding", extraTokens: tower.extraTokens)
    size(&sized.transformer, "vision", width: extent("vision.patch_embedding.weight", axis: 0, rank: 4), indices: "L")
    return sized
  }

  /// A text tower of the sizes found.
  ///
  /// - Parameter tower: says what is not a size.
  /// - Returns: the tower.
  mutating func sized(_ tower: TextConfiguration) -> TextConfiguration {
    var sized = tower
    sized.vocabularySize = extent("text.token_embedding.weight", axis: 0, rank: 2)
    sized.contextLength = extent("text.position_embedding", axis: 0, rank: 2)
    if tower.tokenTypes > 0 { sized.tokenTypes = extent("text.token_type_embedding", axis: 0, rank: 2) }
    size(&sized.transformer, "text", width: extent("text.token_embedding.weight", axis: 1, rank: 2), indices: "N")
    return sized
  }

  private mutating func size(
    _ blocks: inout TransformerConfiguration, _ tower: String, width: Int, indices: Character
  ) {
    blocks.width = width
    blocks.layers = count(of: "\(tower).blocks.")
    blocks.mlpWidth = extent("\(tower).blocks.{i<\(indices)}.mlp.up.weight", axis: 0, rank: 2)
  }

  /// OpenAI's modified ResNet of the sizes found.
  mutating func residualNetwork(heads: (_ width: Int) -> Int) -> ResidualNetworkConfiguration {
    let width = extent("vision.stages.{s<4}.{i<S}.conv1.weight", axis: 0, rank: 4, ["s": 0, "i": 0])
    if width % 2 != 0 { note("visual.layer1.0.conv1.weight has \(width) rows, an even number is needed") }
    return ResidualNetworkConfiguration(
      width: width, blocks: (0..<4).map { count(of: "vision.stages.", at: ["s": $0]) },
      grid: grid("vision.attention_pool.position_embedding", extraTokens: 1), heads: heads(width),
      normalization: has("vision.stem.norm1.weight") ? .batchNorm : .folded, normEpsilon: NativeConstants.normEpsilon)
  }

  /// Ends.
  ///
  /// - Throws: `mismatch`, listing every tensor that is needed to know the sizes and is missing or of another rank.
  func finish() throws(CheckpointError) {
    guard problems.isEmpty else {
      throw CheckpointError(
        .mismatch, .clip,
        "\(problems.count) tensors that fix the model's sizes do not fit: " + problems.joined(separator: "; "))
    }
  }
}

/// Constants of the code that OpenAI published and OpenCLIP continues.
enum NativeConstants {
  /// PyTorch's default for layer norms and batch norms, which OpenAI keeps.
  static let normEpsilon = 1e-5
  /// Width of one attention head in all of OpenAI's models (`build_model` in `clip/model.py`: `width // 64`).
  static let headWidth = 64
  /// Widths of image towers that OpenCLIP published with other heads: H, g and bigG have 16 (`model_configs/ViT-H-14.json`, …).
  static let publishedVisionHeads = [1280: 16, 1408: 16, 1664: 16]
  /// Heads of the BERTs that Chinese-CLIP published, by width (`RBT3-chinese.json`, `RoBERTa-wwm-ext-*-chinese.json`).
  static let publishedBERTHeads = [768: 12, 1024: 16]
}
