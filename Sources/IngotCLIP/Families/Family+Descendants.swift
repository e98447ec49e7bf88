// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Models that other people made of OpenAI's code, and what they changed in it.
extension Family {
  static let longCLIP = Family(
    "long-clip", "Long-CLIP", examples: "LongCLIP-B, LongCLIP-L",
    fixtures: ["families/long-clip/vit"],
    fingerprints: [
      Fingerprint([
        "visual.conv1.weight", "token_embedding.weight", "positional_embedding", "positional_embedding_res",
        "text_projection", "ln_final.weight", "logit_scale", "transformer.resblocks.*.attn.in_proj_weight",
      ])
    ],
    support: Support(.openAI + .longCLIPPositions, NativeReader.configuration),
    code: OriginalCode(activation: .quickGELU))

  /// TinyCLIP's three modules, each on its own.
  static let tinyCLIP = tinyCLIP("tinyclip", module: "", fixtures: [])
  /// The same, each wrapped for training on several devices, as published.
  static let tinyCLIPParallel = tinyCLIP(
    "tinyclip-parallel", module: "module.", fixtures: ["families/tinyclip/vit", "families/tinyclip/resnet"])

  private static func tinyCLIP(_ name: String, module: String, fixtures: [String]) -> Family {
    let (image, text, scale) = ("_image_encoder.\(module)", "_text_encoder.\(module)", "_logit_scale.\(module)")
    @Sendable func mapping() -> KeyMapping {
      let rows = KeyMapping.openAI.rows
      return KeyMapping(
        rows: KeyMapping(rows: rows.filter(\.isVision)).prefixed(image).rows
          + KeyMapping(rows: rows.filter { $0.canonical.hasPrefix("text.") }).prefixed(text).rows
          + KeyMapping(rows: rows.filter { $0.canonical == "logit_scale" }).prefixed(scale).rows)
    }
    return Family(
      name, "TinyCLIP", examples: "TinyCLIP-ViT-39M-16-Text-19M, TinyCLIP-ResNet-30M-Text-29M", fixtures: fixtures,
      fingerprints: [
        Fingerprint([
          "\(image)visual.conv1.weight", "\(text)token_embedding.weight", "\(text)positional_embedding",
          "\(text)text_projection", "\(scale)logit_scale", "\(text)transformer.resblocks.*.attn.in_proj_weight",
        ])
      ],
      // TinyCLIP's configurations have no `quick_gelu`, which its code takes as GELU (`open_clip/model.py`).
      support: Support(mapping(), NativeReader.configuration), code: OriginalCode(activation: .gelu))
  }

  static let chineseCLIP = Family(
    "chinese-clip", "Chinese-CLIP", examples: "clip_cn_rn50, clip_cn_vit-b-16, …-l-14, …-l-14-336, …-h-14",
    fixtures: ["families/chinese-clip/original", "families/chinese-clip/original-resnet"],
    fingerprints: [
      Fingerprint([
        "bert.embeddings.word_embeddings.weight", "bert.embeddings.token_type_embeddings.weight",
        "bert.encoder.layer.*.attention.self.query.weight", "visual.conv1.weight", "text_projection", "logit_scale",
      ])
    ],
    support: Support(
      KeyMapping(rows: KeyMapping.openAI.rows.filter(\.isVision)) + .chineseCLIPText, NativeReader.configuration
    ),
    unused: [
      "bert.pooler.": "a layer that Chinese-CLIP's code does not use",
      "bert.embeddings.position_ids": "the numbers 0, 1, 2, …",
    ],
    code: OriginalCode(activation: .quickGELU, text: .bert) { imageSize in
      var preprocessing = PreprocessingConfiguration.openAI(imageSize: imageSize)
      preprocessing.resize = .squash
      return preprocessing
    })

  static let huggingFaceChineseCLIP = Family(
    "huggingface-chinese-clip", "Hugging Face ChineseCLIPModel", examples: "OFA-Sys/chinese-clip-vit-base-patch16, …",
    fixtures: ["families/chinese-clip/huggingface"],
    fingerprints: [
      Fingerprint([
        "text_model.embeddings.word_embeddings.weight", "text_model.embeddings.token_type_embeddings.weight",
        "text_model.encoder.layer.*.attention.self.query.weight", "vision_model.pre_layrnorm.weight",
        "vision_model.encoder.layers.*.self_attn.q_proj.weight", "visual_projection.weight", "text_projection.weight",
        "logit_scale",
      ])
    ],
    support: Support(
      KeyMapping(rows: KeyMapping.huggingFaceCLIP.rows.filter(\.isVision)) + .huggingFaceBERTText,
      { (evidence, family, mapping) throws(CheckpointError) in
        try HuggingFaceReader.configuration(evidence, family, mapping, .chinese)
      }
    ),
    unused: [
      "vision_model.embeddings.position_ids": "the numbers 0, 1, 2, …",
      "text_model.embeddings.position_ids": "the numbers 0, 1, 2, …",
      "text_model.pooler.": "a layer that ChineseCLIPModel does not use",
    ])
}
