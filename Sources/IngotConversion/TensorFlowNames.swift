// SPDX-License-Identifier: Apache-2.0

/// Names of TensorFlow's variables as transformers' converter changes them (`modeling_tf_pytorch_utils.py`).
///
/// `clip/tfclip_model/clip/text_model/encoder/layers_._0/layer_norm1/beta:0` becomes `text_model.encoder.layers.0.layer_norm1.beta`.
struct TensorFlowNames {
  /// One for each of the names given.
  let names: [String]

  /// The outermost names of a CLIP model: what stands before them is the nesting of layers.
  private static let roots: Set<String> = [
    "vision_model", "text_model", "visual_projection", "text_projection", "logit_scale", "logit_bias",
  ]

  /// Changes the names; `nil` unless all are TensorFlow's, and different after the change.
  ///
  /// - Parameter names: all of a checkpoint's.
  init?(_ names: [String]) {
    guard !names.isEmpty else { return nil }
    var changed: [String] = []
    for name in names {
      guard name.hasSuffix(":0"), name.contains("/") else { return nil }
      let parts = name.dropLast(2).split(separator: "/").map(String.init)
      guard let start = parts.firstIndex(where: Self.roots.contains) else { return nil }
      changed.append(parts[start...].map(Self.plain).joined(separator: "."))
    }
    guard Set(changed).count == changed.count else { return nil }
    self.names = changed
  }

  /// `layers_._0` is the item 0 of a list.
  private static func plain(_ part: String) -> String {
    part.replacing("_._", with: ".", maxReplacements: 1)
  }
}
