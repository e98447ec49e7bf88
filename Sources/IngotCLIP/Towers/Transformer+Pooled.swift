// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension Transformer {
  /// Runs all blocks, or those from one on, where only one token of each sequence is asked for afterwards.
  ///
  /// In the last block that token's query, and what follows its attention, are all that is computed; of the others keys and values. Rows of
  /// a product do not depend on each other, so the bits are those of `run`.
  ///
  /// - Parameters:
  ///   - x: `[tokens of all sequences, width]`.
  ///   - first: the block that takes `x`; not beyond the last.
  ///   - positions: of each sequence, the token that is asked for.
  ///   - lengths: tokens of each sequence; they lie one after the other in `x`.
  ///   - mask: which tokens a token sees.
  ///   - compute: how to compute.
  /// - Returns: the last block's output for those tokens, `[sequences, width]`.
  /// - Throws: what reading the weights throws.
  func pooled(
    _ x: Matrix<R>, from first: Int = 0, at positions: [Int], lengths: [Int], mask: AttentionMask, _ compute: Compute
  ) throws -> Matrix<R> {
    var x = x
    guard let last = blocks.last else { return x.gathering(rows(positions, lengths)) }
    try run(&x, blocks: first..<blocks.count - 1, lengths: lengths, mask: mask, compute) { _, _ in }
    return try pooled(last, x, at: rows(positions, lengths), positions, lengths: lengths, mask: mask, compute)
  }

  private func rows(_ positions: [Int], _ lengths: [Int]) -> [Int] {
    var start = 0
    return zip(positions, lengths).map { position, length in
      defer { start += length }
      return start + position
    }
  }

  private func pooled(
    _ block: TransformerBlock<R>, _ x: Matrix<R>, at rows: [Int], _ positions: [Int], lengths: [Int],
    mask: AttentionMask, _ compute: Compute
  ) throws -> Matrix<R> {
    let width = configuration.width
    let visible = mask == .causal ? positions.map { $0 + 1 } : mask.visible
    let norm = configuration.block.norms == .before ? block.attentionNorm.ofInput : nil
    var pooled = x.gathering(rows)
    var geometry = Attention.pooling(lengths: lengths, visible: visible, width: width, heads: configuration.heads)
    var attended = Matrix<R>(rows: rows.count, columns: width)
    if rotary == nil, width % WeightMatrix.panel == 0 {
      var queries = Matrix<R>(rows: rows.count, columns: width)
      try block.qkv.apply(pooled, normalized: norm, outputs: 0..<width, into: &queries, compute)
      var others = Matrix<R>(rows: x.rows, columns: 2 * width)
      try block.qkv.apply(x, normalized: norm, outputs: width..<3 * width, into: &others, compute)
      geometry.valueColumn = width
      compute.attention(geometry, q: queries, k: others, v: others, into: &attended)
    } else {
      var qkv = Matrix<R>(rows: x.rows, columns: 3 * width)
      try block.qkv.apply(x, normalized: norm, into: &qkv, compute)
      rotary?.apply(to: &qkv, compute)
      geometry.keyColumn = width
      geometry.valueColumn = 2 * width
      compute.attention(geometry, q: qkv.gathering(rows), k: qkv, v: qkv, into: &attended)
    }
    var hidden = Matrix<R>(rows: rows.count, columns: configuration.mlpWidth)
    try finish(block, attended: &attended, hidden: &hidden, &pooled, compute)
    return pooled
  }
}
