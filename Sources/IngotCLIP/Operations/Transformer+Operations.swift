// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension Transformer {
  /// The operations of all blocks, as `run` computes them.
  ///
  /// - Parameters:
  ///   - program: receives them.
  ///   - name: the tower's.
  ///   - x: the place of `[tokens of all sequences, width]`.
  ///   - lengths: tokens of each sequence.
  ///   - mask: which tokens a token sees.
  /// - Returns: the place of the last block's output.
  func append(
    to program: inout ProgramBuilder<R>, _ name: String, _ x: Int, lengths: [Int], mask: AttentionMask
  ) -> Int {
    let geometry = Attention.packed(
      lengths: lengths, visible: mask.visible, width: configuration.width, heads: configuration.heads,
      isCausal: mask == .causal)
    var x = x
    for index in blocks.indices {
      program.begin("\(name).blocks.\(index)")
      x = append(blocks[index], to: &program, "\(name).blocks.\(index)", x, geometry)
    }
    return x
  }

  private func append(
    _ block: TransformerBlock<R>, to program: inout ProgramBuilder<R>, _ name: String, _ x: Int, _ geometry: Attention
  ) -> Int {
    let isBefore = configuration.block.norms == .before
    var x = x
    let normed = isBefore ? program.add("\(name).attention_norm", block.attentionNorm, x) : x
    var qkv = program.add("\(name).attention.qkv", block.qkv, normed)
    if let rotary {
      qkv = program.add(
        "\(name).attention.rotary",
        .other("rotary embedding", field: rotary.field) { operands, compute in
          var turned = operands[0]
          rotary.apply(to: &turned, compute)
          return turned
        }, qkv)
    }
    var attended = program.add("\(name).attention", .attention(geometry), qkv)
    if let norm = block.attentionInnerNorm { attended = program.add("\(name).attention.inner_norm", norm, attended) }
    x = appendEnd(
      block.output, "\(name).attention.output", of: attended, block.attentionNorm, "\(name).attention_norm",
      "\(name).attention.residual", to: x, &program)
    let normedAgain = isBefore ? program.add("\(name).mlp_norm", block.mlpNorm, x) : x
    var hidden = program.add("\(name).mlp.up", block.up, normedAgain)
    if let gate = block.gate {
      let gates = program.add(
        "\(name).mlp.activation", configuration.activation, program.add("\(name).mlp.gate", gate, normedAgain))
      hidden = program.add("\(name).mlp.gating", .factor, hidden, gates)
    } else {
      hidden = program.add("\(name).mlp.activation", configuration.activation, hidden)
    }
    if let norm = block.mlpInnerNorm { hidden = program.add("\(name).mlp.inner_norm", norm, hidden) }
    return appendEnd(
      block.down, "\(name).mlp.down", of: hidden, block.mlpNorm, "\(name).mlp_norm", "\(name).mlp.residual", to: x,
      &program)
  }

  /// The end of a branch, added to the residual stream, with its norm where that comes after.
  private func appendEnd(
    _ product: Linear<R>, _ productName: String, of branch: Int, _ norm: LayerNorm<R>, _ normName: String,
    _ sumName: String, to x: Int, _ program: inout ProgramBuilder<R>
  ) -> Int {
    let end = program.add(productName, product, branch)
    switch configuration.block.norms {
    case .before: return program.add(sumName, .sum, x, end)
    case .after: return program.add(normName, norm, program.add(sumName, .sum, x, end))
    case .afterBranch: return program.add(sumName, .sum, x, program.add(normName, norm, end))
    }
  }
}

extension Projection {
  func append(to program: inout ProgramBuilder<R>, _ name: String, _ x: Int) -> Int {
    guard let weights else { return x }
    return program.add(name, weights, bias: bias, x)
  }
}

extension TextTransformer {
  /// The operations of the tower on texts, padding included.
  func program(of texts: [[Int32]]) -> Program<R> {
    var program = ProgramBuilder<R>()
    program.begin("text.embedding")
    let width = configuration.transformer.width
    let context = configuration.contextLength
    var x = program.add("text.token_embedding", .lookup(tokenEmbedding, tokens: texts.flatMap { $0 }))
    if !tokenType.isEmpty { x = program.add("text.token_type_embedding", .bias(tokenType), x) }
    let places = Matrix(values: Array(positions[..<(context * width)]), rows: context, columns: width)
    x = program.add("text.position_embedding", .placement(rows: places, extra: 0), x)
    if let embeddingNorm { x = program.add("text.embedding_norm", embeddingNorm, x) }
    x = blocks.append(to: &program, "text", x, lengths: texts.map { _ in context }, mask: mask(of: texts))
    program.begin("text.head")
    x = program.add(
      "text.pooling", .selection(texts.indices.map { $0 * context + pooledPosition(of: texts[$0]) }), x)
    if let finalNorm { x = program.add("text.final_norm", finalNorm, x) }
    x = projection.append(to: &program, "text.projection", x)
    _ = program.add("text.unit_length", .unitLength, x)
    return Program(program)
  }
}

extension VisionTransformer {
  /// The operations of the tower on images, each `[size, size, 3]`, channels last.
  func program(of images: [[R]], _ compute: Compute) -> Program<R> {
    var program = ProgramBuilder<R>()
    program.begin("vision.embedding")
    let width = configuration.transformer.width
    var x = program.add("vision.pixels", .constant(windows(of: images)))
    x = program.add("vision.patch_embedding", patches, bias: patchBias, x)
    let places = Matrix(values: firstTokens, rows: configuration.tokens, columns: width)
    x = program.add("vision.position_embedding", .placement(rows: places, extra: configuration.extraTokens), x)
    if let preNorm { x = program.add("vision.pre_norm", preNorm, x) }
    x = blocks.append(to: &program, "vision", x, lengths: images.map { _ in configuration.tokens }, mask: .all)
    program.begin("vision.head")
    let normsAll = configuration.finalNorm == .beforePooling && configuration.pooling != .classToken
    if normsAll { x = program.add("vision.post_norm", postNorm, x) }
    let count = images.count
    switch configuration.pooling {
    case .classToken:
      x = program.add("vision.pooling", .selection((0..<count).map { $0 * configuration.tokens }), x)
    case .average:
      x = program.add(
        "vision.pooling",
        .other("average of the patches", field: patchMean) { x, compute in average(x[0], images: count, compute) }, x)
    case .attention:
      guard let attentionHead else { preconditionFailure("the head is made with the tower") }
      x = attentionHead.append(to: &program, x, images: count, tokens: configuration.tokens)
    }
    if !normsAll { x = program.add("vision.post_norm", postNorm, x) }
    x = projection.append(to: &program, "vision.projection", x)
    _ = program.add("vision.unit_length", .unitLength, x)
    return Program(program)
  }

  /// Each number of the patches' average.
  private var patchMean: ReceptiveField<R>.Function {
    let (tokens, first) = (configuration.tokens, configuration.extraTokens)
    return { place, _ in
      .mean(
        (place.row * tokens + first..<(place.row + 1) * tokens).map { NumberPlace(row: $0, column: place.column) })
    }
  }

  /// The patches of all images, one row each.
  private func windows(of images: [[R]]) -> Matrix<R> {
    let size = configuration.patchSize * configuration.grid + configuration.margin
    let windows = Windows(
      height: size, width: size, channels: 3, kernel: configuration.patchSize, stride: configuration.patchSize,
      padding: 0)
    return Matrix(
      values: images.flatMap { windows.rows(of: $0[...]) }, rows: images.count * windows.count, columns: patches.inputs)
  }
}

extension AttentionHead {
  func append(to program: inout ProgramBuilder<R>, _ x: Int, images: Int, tokens: Int) -> Int {
    let width = configuration.width
    let probes = program.add(
      "vision.pool.probe",
      .constant(Matrix(values: (0..<images).flatMap { _ in probe }, rows: images, columns: width)))
    let queries = program.add("vision.pool.queries", qkv, probes)
    let keys = program.add("vision.pool.qkv", qkv, x)
    var geometry = Attention.pooling(
      lengths: [Int](repeating: tokens, count: images), width: width, heads: configuration.heads)
    geometry.keyColumn = width
    geometry.valueColumn = 2 * width
    let attended = program.add("vision.pool.attention", .attention(geometry), queries, keys)
    let pooled = program.add("vision.pool.output", output, attended)
    let normed = program.add("vision.pool.norm", norm, pooled)
    let hidden = program.add(
      "vision.pool.mlp.activation", configuration.activation, program.add("vision.pool.mlp.up", up, normed))
    return program.add("vision.pool.residual", .sum, pooled, program.add("vision.pool.mlp.down", down, hidden))
  }
}
