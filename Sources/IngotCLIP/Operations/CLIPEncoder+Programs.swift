// SPDX-License-Identifier: Apache-2.0

import IngotBytes
public import IngotTensor

extension CLIPEncoder {
  /// The operations of the image tower on images; the last gives unit embeddings.
  ///
  /// - Parameters:
  ///   - pixels: `[count, 3, size, size]`, normalised.
  ///   - count: how many images.
  ///   - compute: how to gather the patches.
  /// - Returns: the program.
  /// - Throws: `mismatch` when there are not as many pixels as the images have, `unsupported` for a text tower alone.
  public func program(ofImages pixels: [Float], count: Int, _ compute: Compute) throws -> Program<R> {
    let vision = try requireVision()
    var all: [[R]] = []
    try forEachBatch(of: pixels, count: count, max(1, count), compute) { images, _ in all += images }
    switch vision {
    case .transformer(let tower): return tower.program(of: all, compute)
    case .staged(let tower): return tower.program(of: all)
    }
  }

  /// The operations of the text tower on texts, padding included; the last gives unit embeddings.
  ///
  /// - Parameter texts: token ids, each `contextLength` long.
  /// - Returns: the program.
  /// - Throws: `mismatch` for a wrong length or a token outside the vocabulary, `unsupported` for an image tower alone.
  public func program(ofTexts texts: [[Int32]]) throws -> Program<R> {
    try check(texts).program(of: texts)
  }

  /// The operations from unit embeddings to logits.
  ///
  /// - Parameters:
  ///   - images: `[images, embeddingWidth]`.
  ///   - texts: `[texts, embeddingWidth]`.
  /// - Returns: the program; its last result is `[images, texts]`.
  public func program(ofImages images: Matrix<R>, texts: Matrix<R>) -> Program<R> {
    var program = ProgramBuilder<R>()
    program.begin("logit_scale")
    let x = program.add("image_embeds", .constant(images))
    let product = program.add(
      "logit_scale", .product(WeightMatrix(rows: texts), scale: [R](repeating: logitScale, count: texts.rows)), x)
    if configuration.similarity == .sigmoid {
      _ = program.add("logit_bias", .bias([R](repeating: logitBias, count: texts.rows)), product)
    }
    return Program(program)
  }
}
