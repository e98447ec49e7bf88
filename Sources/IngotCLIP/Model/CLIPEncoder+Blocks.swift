// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension CLIPEncoder {
  /// How many blocks a tower has; for a convolutional one, how many stages; 0 for a tower that is not there.
  public func blockCount(of tower: Tower) -> Int {
    switch (tower, vision) {
    case (.text, _): text?.blocks.blocks.count ?? 0
    case (.vision, .transformer(let vision)): vision.blocks.blocks.count
    case (.vision, .staged(let vision)): vision.stageCount
    case (.vision, nil): 0
    }
  }

  /// The shape of a block's output for one image or one text: `[tokens, width]`, or `[channels, height, width]`.
  public func outputShape(ofBlock block: Int, of tower: Tower) -> Shape {
    switch (tower, vision) {
    case (.text, _):
      guard let text = configuration.text else { preconditionFailure("the model has the tower") }
      return Shape(text.contextLength, text.transformer.width)
    case (.vision, .transformer(let vision)):
      return Shape(vision.configuration.tokens, vision.configuration.transformer.width)
    case (.vision, .staged(let vision)):
      let shape = vision.outputShape(ofStage: block)
      return Shape(shape.channels, shape.height, shape.width)
    case (.vision, nil): preconditionFailure("the model has the tower")
    }
  }

  /// Runs an image tower up to the end of its first block.
  ///
  /// - Parameters:
  ///   - pixels: `[count, 3, size, size]`, normalised.
  ///   - count: how many images.
  ///   - batch: how many are computed together; changes memory, not results.
  ///   - compute: how to compute.
  /// - Returns: the output of block 0, laid out as `outputShape` says.
  /// - Throws: `mismatch` when there are not as many pixels as the images have.
  public func firstBlock(
    ofImages pixels: [Float], count: Int, batch: Int = 16, _ compute: Compute
  ) throws -> [R] {
    var values: [R] = []
    let vision = try requireVision()
    try forEachBatch(of: pixels, count: count, batch, compute) { images, _ in
      switch vision {
      case .transformer(let tower):
        var x = try tower.input(of: images, compute)
        try tower.blocks.run(
          &x, blocks: 0..<1, lengths: images.map { _ in tower.configuration.tokens }, mask: .all, compute
        ) { _, _ in }
        values += x.values
      case .staged(let tower):
        values += try tower.stage(0, tower.input(of: images, compute), compute).channelsFirst()
      }
    }
    return values
  }

  /// Runs the text tower up to the end of its first block, padding included.
  ///
  /// - Parameters:
  ///   - texts: token ids, each `contextLength` long.
  ///   - compute: how to compute.
  /// - Returns: the output of block 0, laid out as `outputShape` says.
  /// - Throws: `mismatch` for a wrong length or a token outside the vocabulary.
  public func firstBlock(ofTexts texts: [[Int32]], _ compute: Compute) throws -> [R] {
    let text = try check(texts)
    let context = text.configuration.contextLength
    let lengths = texts.map { _ in context }
    var x = try text.input(of: texts, lengths: lengths, compute)
    try text.blocks.run(&x, blocks: 0..<1, lengths: lengths, mask: text.mask(of: texts), compute) { _, _ in }
    return x.values
  }

  /// Of all tokens of some texts, one text after the other, whether the text's embedding depends on it; none for a model without a text tower.
  public func neededTokens(of texts: [[Int32]]) -> [Bool] {
    zip(texts, text?.neededLengths(of: texts) ?? []).flatMap { text, length in
      (0..<text.count).map { $0 < length }
    }
  }

  /// Runs one block alone, on a given input: the way to tell which block differs from a reference.
  ///
  /// - Parameters:
  ///   - block: 1 or more; the input of block 0 is not the output of a block.
  ///   - tower: which tower.
  ///   - input: the output of block − 1 for `count` images or whole texts, laid out as `outputShape` says.
  ///   - count: how many images or texts.
  ///   - texts: for the text tower, the token ids, which say what is padding.
  ///   - compute: how to compute.
  /// - Returns: the output of the block, laid out alike.
  /// - Throws: `mismatch` when there are not as many numbers as the shape has.
  public func output(
    ofBlock block: Int, of tower: Tower, from input: [R], count: Int, texts: [[Int32]] = [], _ compute: Compute
  ) throws -> [R] {
    precondition(block >= 1 && block < blockCount(of: tower), "a block that follows another")
    try require(input.count, outputShape(ofBlock: block - 1, of: tower), count, "\(tower.rawValue).hidden.\(block - 1)")
    switch (tower, vision) {
    case (.text, _):
      let text = try requireText()
      return try run(
        block, text.blocks, input, count: count, tokens: text.configuration.contextLength, mask: text.mask(of: texts),
        compute)
    case (.vision, .transformer(let tower)):
      return try run(
        block, tower.blocks, input, count: count, tokens: tower.configuration.tokens, mask: .all, compute)
    case (.vision, .staged(let tower)):
      let shape = tower.outputShape(ofStage: block - 1)
      let map = FeatureMap(
        channelsFirst: input, images: count, channels: shape.channels, height: shape.height, width: shape.width)
      return try tower.stage(block, map, compute).channelsFirst()
    case (.vision, nil): preconditionFailure("the model has the tower")
    }
  }

  /// Runs what follows the last block.
  ///
  /// - Parameters:
  ///   - tower: which tower.
  ///   - hidden: the last block's output for all images or texts, laid out as `outputShape` says.
  ///   - count: how many images or texts.
  ///   - texts: for the text tower, the token ids, which say where each text ends.
  ///   - compute: how to compute.
  /// - Returns: `[count, embeddingWidth]`, each row of unit length.
  /// - Throws: `mismatch` when there are not as many numbers as the shape has.
  public func embeddings(
    of tower: Tower, fromLastBlock hidden: [R], count: Int, texts: [[Int32]] = [], _ compute: Compute
  ) throws -> Matrix<R> {
    let last = blockCount(of: tower) - 1
    try require(hidden.count, outputShape(ofBlock: last, of: tower), count, "\(tower.rawValue).hidden.\(last)")
    var embeddings: Matrix<R>
    switch (tower, vision) {
    case (.text, _):
      precondition(texts.count == count, "one list of tokens for each text")
      let text = try requireText()
      let context = text.configuration.contextLength
      let x = Matrix(values: hidden, rows: count * context, columns: text.configuration.transformer.width)
      embeddings = try text.head(x, texts, lengths: texts.map { _ in context }, compute)
    case (.vision, .transformer(let tower)):
      let x = Matrix(
        values: hidden, rows: count * tower.configuration.tokens, columns: tower.configuration.transformer.width)
      embeddings = try tower.head(x, images: count, compute)
    case (.vision, .staged(let tower)):
      let shape = tower.outputShape(ofStage: last)
      let map = FeatureMap(
        channelsFirst: hidden, images: count, channels: shape.channels, height: shape.height, width: shape.width)
      embeddings = try tower.head(map, compute)
    case (.vision, nil): preconditionFailure("the model has the tower")
    }
    compute.l2Normalize(&embeddings)
    return embeddings
  }

  private func run(
    _ block: Int, _ blocks: Transformer<R>, _ input: [R], count: Int, tokens: Int, mask: AttentionMask,
    _ compute: Compute
  ) throws -> [R] {
    var x = Matrix(values: input, rows: count * tokens, columns: blocks.configuration.width)
    let lengths = [Int](repeating: tokens, count: count)
    try blocks.run(&x, blocks: block..<block + 1, lengths: lengths, mask: mask, compute) { _, _ in }
    return x.values
  }

  private func require(_ found: Int, _ shape: Shape, _ count: Int, _ name: String) throws(CheckpointError) {
    guard found == shape.elementCount * count else {
      throw CheckpointError(.mismatch, .clip, subject: name, "found \(found) numbers, expected \(count) × \(shape)")
    }
  }
}
