// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotFile

extension FormatKind {
  /// Faults of a model's description or of its tensors as a whole.
  public static let clip = FormatKind(rawValue: "clip")
}

extension CLIPConfiguration {
  /// The configuration as JSON with sorted keys: the same bytes for the same configuration.
  public func json() throws -> [UInt8] {
    try SectionJSON.encode(self)
  }

  /// Reads what `json()` writes, and checks that inference can run with it.
  ///
  /// - Parameter json: UTF-8 text.
  /// - Throws: `malformed` when it is not such JSON, `unsupported` or `mismatch` when a value is out of range.
  public init(json: [UInt8]) throws(CheckpointError) {
    self = try SectionJSON.decode(json, format: .clip, subject: "architecture")
    try validate()
  }

  /// Checks that every number is in the range that the kernels rely on.
  ///
  /// - Throws: `mismatch`, naming the constant, the value found and the range.
  public func validate() throws(CheckpointError) {
    func require(_ condition: Bool, _ name: String, _ detail: String) throws(CheckpointError) {
      guard condition else { throw CheckpointError(.mismatch, .clip, subject: name, detail) }
    }
    func requireCount(_ value: Int, _ name: String) throws(CheckpointError) {
      try require(value >= 1 && value <= 1 << 24, name, "found \(value), allowed are 1 to \(1 << 24)")
    }
    func check(_ blocks: TransformerConfiguration, _ name: String) throws(CheckpointError) {
      try requireCount(blocks.width, "\(name).width")
      try requireCount(blocks.layers, "\(name).layers")
      try requireCount(blocks.mlpWidth, "\(name).mlpWidth")
      try require(
        blocks.heads >= 1 && blocks.width % blocks.heads == 0, "\(name).heads",
        "\(blocks.heads) heads do not divide the width \(blocks.width)")
      try require(
        blocks.normEpsilon > 0 && blocks.normEpsilon < 1, "\(name).normEpsilon",
        "found \(blocks.normEpsilon), allowed is 0 to 1")
      if let rotary = blocks.block.rotary {
        try require(
          blocks.width / blocks.heads % 4 == 0 && rotary.referenceGrid >= 1 && rotary.referenceGrid <= 1 << 16
            && rotary.temperature >= 1 && rotary.temperature <= 1e9, "\(name).rotary",
          "heads of width \(blocks.width / blocks.heads), grid \(rotary.referenceGrid), temperature \(rotary.temperature)"
        )
      }
    }
    try requireCount(embeddingWidth, "embeddingWidth")
    try require(vision != nil || text != nil, "vision", "there is neither an image tower nor a text tower")
    try require(
      (similarity == .none) == (vision == nil || text == nil), "similarity",
      "found \(similarity.rawValue) for \(vision == nil || text == nil ? "one tower" : "two towers")")
    if let text {
      try requireCount(text.vocabularySize, "text.vocabularySize")
      try requireCount(text.contextLength, "text.contextLength")
      if let positions = text.positionCount {
        try require(
          positions >= text.contextLength && positions <= 1 << 24, "text.positionCount",
          "found \(positions), the context length is \(text.contextLength)")
      }
      try require(
        text.tokenTypes >= 0 && text.tokenTypes <= 1 << 24, "text.tokenTypes", "found \(text.tokenTypes)")
      try require(
        text.pooling != .endToken || text.endToken != nil, "text.endToken", "pooling looks for it, and it is not said")
      try require(
        text.projection != .none || text.transformer.width == embeddingWidth, "text.projection",
        "a tower of width \(text.transformer.width) without projection, embeddings are \(embeddingWidth) wide")
      try check(text.transformer, "text")
      try require(
        text.transformer.block
          == BlockConfiguration(
            norms: text.transformer.block.norms, hasLayerScale: text.transformer.block.hasLayerScale)
          && text.transformer.block.norms != .afterBranch, "text.block",
        "text towers have plain blocks with norms before or after")
    }
    switch vision {
    case nil: break
    case .transformer(let vision):
      try requireCount(vision.patchSize, "vision.patchSize")
      try requireCount(vision.grid, "vision.grid")
      try require(
        vision.margin >= 0 && vision.margin < vision.patchSize, "vision.margin",
        "found \(vision.margin), allowed are 0 to less than a patch of \(vision.patchSize)")
      try require(
        vision.hasClassToken || vision.pooling != .classToken, "vision.pooling", "there is no class token to pool")
      try require(
        vision.projection != .none || vision.transformer.width == embeddingWidth, "vision.projection",
        "a tower of width \(vision.transformer.width) without projection, embeddings are \(embeddingWidth) wide")
      try check(vision.transformer, "vision")
    case .convolutional(let vision): try vision.validate(embeddingWidth: embeddingWidth)
    case .mobile(let vision): try vision.validate()
    case .residualNetwork(let vision):
      try requireCount(vision.width, "vision.width")
      try requireCount(vision.grid, "vision.grid")
      try require(vision.width % 2 == 0, "vision.width", "found \(vision.width), an even number is needed")
      try require(vision.blocks.count == 4, "vision.blocks", "found \(vision.blocks.count) stages, expected 4")
      for count in vision.blocks { try requireCount(count, "vision.blocks") }
      try require(
        vision.heads >= 1 && vision.featureWidth % vision.heads == 0, "vision.heads",
        "\(vision.heads) heads do not divide the width \(vision.featureWidth)")
    }
    try require(
      (preprocessing == nil) == (vision == nil), "preprocessing",
      vision == nil ? "there is no image tower" : "an image tower needs it")
    guard let preprocessing, let vision else { return }
    try require(
      preprocessing.imageSize == vision.imageSize, "preprocessing.imageSize",
      "found \(preprocessing.imageSize), the image tower sees \(vision.imageSize)")
    try require(
      preprocessing.mean.count == 3 && preprocessing.standardDeviation.count == 3
        && preprocessing.standardDeviation.allSatisfy { $0 > 0 },
      "preprocessing", "three means and three positive deviations are needed")
  }
}
