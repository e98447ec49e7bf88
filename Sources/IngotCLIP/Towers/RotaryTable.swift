// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// Turns queries and keys by angles that depend on the place of their patch: `RotaryEmbeddingCat` and `apply_rot_embed_cat` of timm.
///
/// Half of a head's channels turn with the row, half with the column; channels 2i and 2i + 1 are turned together by
/// `position / temperature^(i mod bands / bands)`, where there are `headWidth / 4` bands and positions run from 0 to the reference grid.
struct RotaryTable<R: Real>: Sendable {
  private let cosines: [R]
  private let sines: [R]
  private let headWidth: Int
  private let heads: Int
  /// Tokens before the patches, which are not turned.
  private let extraTokens: Int
  private let patchCount: Int

  init(_ rotary: BlockConfiguration.Rotary, grid: Int, extraTokens: Int, heads: Int, headWidth: Int) {
    self.headWidth = headWidth
    self.heads = heads
    self.extraTokens = extraTokens
    patchCount = grid * grid
    let bands = headWidth / 4
    let frequencies = (0..<bands).map { 1 / exponential(Double($0) / Double(bands) * logarithm(rotary.temperature)) }
    var cosines: [R] = []
    var sines: [R] = []
    for patch in 0..<grid * grid {
      for place in [patch / grid, patch % grid] {
        let position = Double(place) / Double(grid) * Double(rotary.referenceGrid)
        for frequency in frequencies {
          let (sine, cosine) = sineAndCosine(position * frequency)
          sines.append(R(sine))
          cosines.append(R(cosine))
        }
      }
    }
    self.cosines = cosines
    self.sines = sines
  }

  /// Turns the queries and keys of packed rows, `[sequences × tokens, 3 × width]`.
  func apply(to qkv: inout Matrix<R>, _ compute: Compute) {
    let tokens = patchCount + extraTokens
    // Heads of the keys follow those of the queries.
    for first in stride(from: extraTokens, to: qkv.rows, by: tokens) {
      compute.rotatePairs(
        &qkv, rows: first..<first + patchCount, groups: 2 * heads, pairs: headWidth / 2, cosines: cosines, sines: sines)
    }
  }

  /// What each number of the turned rows is made of.
  var field: ReceptiveField<R>.Function {
    { [self] place, _ in
      let patch = place.row % (patchCount + extraTokens) - extraTokens
      guard patch >= 0, place.column < 2 * heads * headWidth else { return .moved(place) }
      let angle = patch * (headWidth / 2) + place.column % headWidth / 2
      let isFirst = place.column % 2 == 0
      return .sum([
        ReceptiveField.Term(place: place, weight: cosines[angle]),
        ReceptiveField.Term(
          place: NumberPlace(row: place.row, column: place.column ^ 1), weight: isFirst ? -sines[angle] : sines[angle]),
      ])
    }
  }
}
