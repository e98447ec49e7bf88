// SPDX-License-Identifier: Apache-2.0

/// Names in Apple's own MobileCLIP files, given those of OpenCLIP's (`checkpoint_filter_fn` in `timm/models/fastvit.py`,
/// `convert_mobile_clip_state_dict` in `open_clip/convert.py`).
///
/// Apple numbers stages, what is between them and positions in one row, `network`; what has a `proj` begins a stage.
struct AppleMobileNames {
  /// One for each of the names given.
  let names: [String]

  private static let image = "image_encoder.model."
  private static let text = "text_encoder."
  private static let imageParts = [
    ("patch_embed.", "stem."), ("rbr_conv.", "conv_kxk."), ("rbr_scale.", "conv_scale."), ("rbr_skip.", "identity."),
    ("conv_exp.", "final_conv."), ("lkb_origin.", "large_conv."), ("lkb_reparam.", "reparam_conv."),
    ("convffn.", "mlp."), ("se.reduce.", "se.fc1."), ("se.expand.", "se.fc2."),
  ]
  private static let textParts = [
    ("projection_layer", "text_projection"), ("embedding_layer.", "token_embedding."),
    ("positional_embedding.pos_embed.pos_embed", "positional_table"), ("final_layer_norm.", "ln_final."),
    ("transformer.", "transformer.resblocks."), ("pre_norm_mha.0.", "ln_1."), ("pre_norm_mha.1.", "attn."),
    ("pre_norm_ffn.0.", "ln_2."), ("pre_norm_ffn.1.", "mlp.c_fc."), ("pre_norm_ffn.4.", "mlp.c_proj."),
    ("qkv_proj.weight", "in_proj_weight"), ("qkv_proj.bias", "in_proj_bias"),
  ]

  /// Changes the names; `nil` unless they are those of an image tower of stages and a text tower of transformer blocks alone.
  ///
  /// - Parameter names: all of a checkpoint's.
  init?(_ names: [String]) {
    guard names.contains(where: { $0.hasPrefix(Self.image + "patch_embed.0.") }),
      !names.contains(where: { $0.hasPrefix(Self.text) && $0.contains("token_mixer") })
    else { return nil }
    let starts = Set(names.compactMap(Self.stageStart)).sorted()
    let changed = names.map { name in
      if name.hasPrefix(Self.image) {
        return "visual.trunk." + Self.trunk(String(name.dropFirst(Self.image.count)), starts)
      }
      guard name.hasPrefix(Self.text) else { return name }
      return "text."
        + Self.textParts.reduce(String(name.dropFirst(Self.text.count))) {
          $0.replacing($1.0, with: $1.1)
        }
    }
    guard Set(changed).count == changed.count else { return nil }
    self.names = changed
  }

  /// The number in `network` of what begins a stage.
  private static func stageStart(_ name: String) -> Int? {
    let parts = name.dropFirst(image.count).split(separator: ".")
    guard name.hasPrefix(image + "network."), parts.count > 2, parts[2] == "proj" else { return nil }
    return Int(parts[1])
  }

  private static func trunk(_ name: String, _ starts: [Int]) -> String {
    var plain = imageParts.reduce(name) { $0.replacing($1.0, with: $1.1) }
    if plain.hasSuffix("layer_scale") || plain.hasSuffix("layer_scale_1") || plain.hasSuffix("layer_scale_2") {
      plain += ".gamma"
    }
    if plain == "head.proj" { return "head.projection" }
    let parts = plain.split(separator: ".", maxSplits: 2).map(String.init)
    guard parts.count == 3, parts[0] == "network", let index = Int(parts[1]) else { return plain }
    let stage = "stages.\(starts.count { $0 <= index })."
    if parts[2].hasPrefix("proj.") { return stage + "downsample." + parts[2] }
    if parts[2].hasPrefix("pe.") { return stage + "pos_emb.pos_enc." + parts[2].dropFirst(3) }
    if parts[2].hasPrefix("reparam_conv.") { return stage + "pos_emb." + parts[2] }
    return stage + "blocks." + parts[2]
  }
}
