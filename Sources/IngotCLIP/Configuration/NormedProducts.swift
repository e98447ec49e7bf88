// SPDX-License-Identifier: Apache-2.0

/// A norm whose results enter products and nothing else.
public struct NormedProducts: Sendable, Hashable {
  /// The norm: its gain is `NAME.weight`, its bias `NAME.bias`.
  public let norm: String
  /// The weights of the products, `[outputs, inputs]` each.
  public let weights: [String]
}

extension CLIPConfiguration {
  /// The norms whose results enter products and nothing else, tower by tower.
  ///
  /// A factor for each channel can be moved from such a norm into the weights behind it. Where the norms come after the branches (BERT, EVA02-E),
  /// what they give is also what the next branch is added to: there are none. Nor are there in convolutional towers.
  public var normedProducts: [NormedProducts] {
    var found: [NormedProducts] = []
    if case .transformer(let vision) = vision {
      found += vision.transformer.normedProducts("vision")
      if vision.pooling == .attention {
        found.append(NormedProducts(norm: "vision.pool.norm", weights: ["vision.pool.mlp.up.weight"]))
      }
    }
    if let text { found += text.transformer.normedProducts("text") }
    return found
  }
}

extension TransformerConfiguration {
  fileprivate func normedProducts(_ tower: String) -> [NormedProducts] {
    (0..<layers).flatMap { index -> [NormedProducts] in
      let name = "\(tower).blocks.\(index)"
      var found: [NormedProducts] = []
      func add(_ norm: String, _ products: [String]) {
        found.append(NormedProducts(norm: "\(name).\(norm)", weights: products.map { "\(name).\($0).weight" }))
      }
      if block.norms == .before { add("attention_norm", ["attention.qkv"]) }
      if block.hasAttentionInnerNorm { add("attention.inner_norm", ["attention.output"]) }
      if block.norms == .before { add("mlp_norm", block.mlp == .gated ? ["mlp.gate", "mlp.up"] : ["mlp.up"]) }
      if block.hasMLPInnerNorm { add("mlp.inner_norm", ["mlp.down"]) }
      return found
    }
  }
}
