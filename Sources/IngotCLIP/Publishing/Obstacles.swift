// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Collects what stands against writing a model for a library: every constant that its code cannot have.
struct Obstacles {
  /// The library or class, for messages.
  let library: String
  private(set) var lines: [String] = []

  init(_ library: String) { self.library = library }

  /// Requires something of a constant.
  ///
  /// - Parameters:
  ///   - condition: whether the library can have it.
  ///   - key: the constant's path in the configuration.
  ///   - found: its value in words.
  ///   - expected: what the library has.
  mutating func require(_ condition: Bool, _ key: String, _ found: @autoclosure () -> String, _ expected: String) {
    if !condition { lines.append("\(key) is \(found()), it has \(expected)") }
  }

  /// Ends.
  ///
  /// - Throws: `unsupported`, naming each constant that stands against it.
  func check() throws(CheckpointError) {
    guard !lines.isEmpty else { return }
    throw CheckpointError(
      .unsupported, .clip,
      "\(library) cannot be this model:\n" + lines.map { "  \($0)" }.joined(separator: "\n"))
  }
}

extension Obstacles {
  /// What all text towers but BERT have in common.
  mutating func requireTextOfCLIP(_ text: TextConfiguration, layerScale: Bool) {
    requirePlain(text.transformer.block, "text", layerScale: layerScale)
    require(text.maskedToken == nil, "text.maskedToken", "\(text.maskedToken ?? 0)", "no mask over padding")
    require(text.tokenTypes == 0, "text.tokenTypes", "\(text.tokenTypes)", "no types of tokens")
    require(!text.hasEmbeddingNorm, "text.hasEmbeddingNorm", "true", "no norm over embeddings")
    require(text.hasFinalNorm, "text.hasFinalNorm", "false", "a norm after the blocks")
    require(
      text.positionCount ?? text.contextLength == text.contextLength, "text.positionCount",
      "\(text.positionCount ?? 0)", "as many positions as the context length, \(text.contextLength)")
  }

  /// What image towers with OpenAI's names have in common.
  mutating func requireVisionOfCLIP(_ vision: VisionTransformerConfiguration, layerScale: Bool) {
    requirePlain(vision.transformer.block, "vision", layerScale: layerScale)
    require(vision.hasClassToken, "vision.hasClassToken", "false", "a class token")
    require(!vision.hasPatchBias, "vision.hasPatchBias", "true", "no bias in the patch embedding")
  }

  /// Requires blocks with norms before the branches and nothing beside attention and an MLP of two products.
  mutating func requirePlain(_ block: BlockConfiguration, _ tower: String, layerScale: Bool) {
    let key = "\(tower).block"
    require(block.norms == .before, "\(key).norms", block.norms.rawValue, "norms before the branches")
    require(block.attentionBias == .all, "\(key).attentionBias", block.attentionBias.rawValue, "a bias for keys")
    require(!block.hasAttentionInnerNorm, "\(key).hasAttentionInnerNorm", "true", "no norm within attention")
    require(!block.hasMLPInnerNorm, "\(key).hasMLPInnerNorm", "true", "no norm within the MLP")
    require(block.mlp == .plain, "\(key).mlp", block.mlp.rawValue, "an MLP without a gate")
    require(block.rotary == nil, "\(key).rotary", "a turning of queries and keys", "none")
    if !layerScale { require(!block.hasLayerScale, "\(key).hasLayerScale", "true", "no factors of channels") }
  }

  /// Requires two towers whose logits are scaled cosines.
  mutating func requireBothTowers(_ configuration: CLIPConfiguration) {
    require(configuration.text != nil, "text", "absent", "a text tower")
    require(configuration.vision != nil, "vision", "absent", "an image tower")
  }
}
