// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// What a tower has computed of some inputs before one of its blocks (of a convolutional one, its stages): where a change of that block begins to show.
public struct TowerState<R: Real>: Sendable {
  enum Values: Sendable {
    case tokens(Matrix<R>)
    case map(FeatureMap<R>)
  }

  /// Inputs that are computed together.
  struct Batch: Sendable {
    var values: Values
    let count: Int
    /// For the text tower.
    let texts: [[Int32]]
  }

  /// Which tower.
  public let tower: Tower
  /// The block that comes next.
  public internal(set) var block = 0
  var batches: [Batch]
}

extension CLIPEncoder {
  /// The block whose state is enough to see a change of a tensor: its own, the last for what comes after all blocks.
  ///
  /// `nil` for anything else, as what comes before the first block: there is no state without it.
  public func block(ofTensor name: String, of tower: Tower) -> Int? {
    let last = max(0, blockCount(of: tower) - 1)
    if followsBlocks(name, of: tower) { return last }
    let parts = name.split(separator: ".")
    guard parts.count > 3, parts[1] == "blocks" || parts[1] == "stages", let block = Int(parts[2]) else { return nil }
    return min(block, last)
  }

  /// Whether a tensor is met after all blocks of its tower.
  func followsBlocks(_ name: String, of tower: Tower) -> Bool {
    let tail = [
      "projection", "post_norm", "final_norm", "pool.", "head.", "attention_pool.", "final.",
    ]
    return tail.contains { name.hasPrefix("\(tower.rawValue).\($0)") }
  }

  /// What block 0 takes of images.
  ///
  /// - Parameters:
  ///   - pixels: `[count, 3, size, size]`, normalised.
  ///   - count: how many images.
  ///   - batch: how many are computed together; changes memory, not results.
  ///   - compute: how to compute.
  /// - Returns: the state before the first block.
  /// - Throws: `mismatch` when there are not as many pixels as the images have.
  public func state(
    ofImages pixels: [Float], count: Int, batch: Int = 16, _ compute: Compute
  ) throws -> TowerState<R> {
    var state = TowerState<R>(tower: .vision, batches: [])
    let vision = try requireVision()
    try forEachBatch(of: pixels, count: count, batch, compute) { images, _ in
      let values: TowerState<R>.Values =
        switch vision {
        case .transformer(let tower): .tokens(try tower.input(of: images, compute))
        case .staged(let tower): .map(try tower.input(of: images, compute))
        }
      state.batches.append(TowerState.Batch(values: values, count: images.count, texts: []))
    }
    return state
  }

  /// What block 0 takes of texts; of their padding only what is needed.
  ///
  /// - Parameters:
  ///   - texts: token ids, each `contextLength` long.
  ///   - batch: how many are computed together; changes memory, not results.
  ///   - compute: how to compute.
  /// - Returns: the state before the first block.
  /// - Throws: `mismatch` for a wrong length or a token outside the vocabulary.
  public func state(ofTexts texts: [[Int32]], batch: Int = 32, _ compute: Compute) throws -> TowerState<R> {
    let tower = try check(texts)
    var state = TowerState<R>(tower: .text, batches: [])
    for start in stride(from: 0, to: texts.count, by: max(1, batch)) {
      let part = Array(texts[start..<min(start + max(1, batch), texts.count)])
      let x = try tower.input(of: part, lengths: tower.neededLengths(of: part), compute)
      state.batches.append(TowerState.Batch(values: .tokens(x), count: part.count, texts: part))
    }
    return state
  }

  /// Runs the blocks from the state's own to another.
  ///
  /// - Parameters:
  ///   - state: of this model, or of one that is the same up to there.
  ///   - block: the block before which to stop; at most the last, and not before the state's own.
  ///   - compute: how to compute.
  /// - Throws: what reading the weights throws.
  public func advance(_ state: inout TowerState<R>, to block: Int, _ compute: Compute) throws {
    precondition(block >= state.block && block <= max(0, blockCount(of: state.tower) - 1), "a block further on")
    let range = state.block..<block
    guard !range.isEmpty else { return }
    for index in state.batches.indices {
      let batch = state.batches[index]
      switch batch.values {
      case .tokens(var x):
        let (blocks, lengths, mask) = try sequences(state.tower, batch)
        try blocks.run(&x, blocks: range, lengths: lengths, mask: mask, compute) { _, _ in }
        state.batches[index].values = .tokens(x)
      case .map(var x):
        guard case .staged(let tower) = try requireVision() else { preconditionFailure("maps are of stages") }
        for stage in range { x = try tower.stage(stage, x, compute) }
        state.batches[index].values = .map(x)
      }
    }
    state.block = block
  }

  /// Runs what is left of a tower.
  ///
  /// - Parameters:
  ///   - state: of this model, or of one that is the same up to there.
  ///   - compute: how to compute.
  /// - Returns: `[inputs, embeddingWidth]`, each row of unit length: the bits of `embedImages` or `embedTexts`.
  /// - Throws: what reading the weights throws.
  public func embeddings(from state: TowerState<R>, _ compute: Compute) throws -> Matrix<R> {
    var values: [R] = []
    for batch in state.batches {
      switch (batch.values, state.tower) {
      case (.tokens(let x), .text):
        values += try requireText().embed(x, batch.texts, from: state.block, compute).values
      case (.tokens(let x), .vision):
        guard case .transformer(let tower) = try requireVision() else { preconditionFailure("tokens are of blocks") }
        values += try tower.embed(x, images: batch.count, from: state.block, compute).values
      case (.map(let map), _):
        guard case .staged(let tower) = try requireVision() else { preconditionFailure("maps are of stages") }
        var x = map
        for stage in state.block..<tower.stageCount { x = try tower.stage(stage, x, compute) }
        values += try tower.head(x, compute).values
      }
    }
    let count = state.batches.reduce(0) { $0 + $1.count }
    var embeddings = Matrix(values: values, rows: count, columns: configuration.embeddingWidth)
    compute.l2Normalize(&embeddings)
    return embeddings
  }

  private func sequences(
    _ tower: Tower, _ batch: TowerState<R>.Batch
  ) throws -> (blocks: Transformer<R>, lengths: [Int], mask: AttentionMask) {
    if tower == .text {
      let text = try requireText()
      return (text.blocks, text.neededLengths(of: batch.texts), text.mask(of: batch.texts))
    }
    guard case .transformer(let vision) = try requireVision() else { preconditionFailure("tokens are of blocks") }
    return (vision.blocks, [Int](repeating: vision.configuration.tokens, count: batch.count), .all)
  }
}
