// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// Towers in steps, run one at a time and all tokens of them: each block, the first together with what comes before it, and what follows the last.
extension CLIPEncoder {
  /// How many steps a tower has; 0 for a tower that is not there.
  public func stepCount(of tower: Tower) -> Int {
    let blocks = blockCount(of: tower)
    return blocks == 0 ? 0 : blocks + 1
  }

  /// The step in which a tensor of a tower is met.
  public func step(ofTensor name: String, of tower: Tower) -> Int {
    followsBlocks(name, of: tower) ? blockCount(of: tower) : block(ofTensor: name, of: tower) ?? 0
  }

  /// Runs one step.
  ///
  /// - Parameters:
  ///   - step: in `0..<stepCount(of: tower)`.
  ///   - tower: which tower.
  ///   - before: what the step before gave; not looked at in the first.
  ///   - pixels: for the image tower `[images, 3, size, size]`, normalised.
  ///   - images: how many images.
  ///   - texts: for the text tower, token ids, each as long as the model takes.
  ///   - compute: how to compute.
  /// - Returns: the block's output, laid out as `outputShape` says; nothing after the last block.
  /// - Throws: `mismatch` where inputs do not fit the model.
  public func output(
    ofStep step: Int, of tower: Tower, from before: [R], pixels: [Float], images: Int, texts: [[Int32]],
    _ compute: Compute
  ) throws -> [R] {
    let count = tower == .vision ? images : texts.count
    let texts = tower == .text ? texts : []
    if step == blockCount(of: tower) {
      _ = try embeddings(of: tower, fromLastBlock: before, count: count, texts: texts, compute)
      return []
    }
    guard step == 0 else {
      return try output(ofBlock: step, of: tower, from: before, count: count, texts: texts, compute)
    }
    return switch tower {
    case .vision: try firstBlock(ofImages: pixels, count: images, compute)
    case .text: try firstBlock(ofTexts: texts, compute)
    }
  }
}
