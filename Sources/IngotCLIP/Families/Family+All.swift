// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension Family {
  /// OpenAI's own key scheme.
  public static let openAI = Family(
    "openai", "OpenAI CLIP", examples: "OpenAI's nine archives; OpenCLIP's models with its own towers",
    fingerprints: [
      Fingerprint([
        "visual.conv1.weight", "token_embedding.weight", "positional_embedding", "text_projection", "ln_final.weight",
        "logit_scale", "transformer.resblocks.*.attn.in_proj_weight",
      ])
    ],
    support: (.openAI, NativeReader.configuration))

  static let openCLIPCustomText = Family(
    "openclip-custom-text", "OpenCLIP CustomTextCLIP",
    examples: "OpenCLIP's models with `custom_text` and its own towers",
    fingerprints: [
      Fingerprint([
        "text.token_embedding.weight", "text.positional_embedding", "text.transformer.resblocks.*.attn.in_proj_weight",
        "text.ln_final.weight", "visual.conv1.weight", "visual.proj", "logit_scale",
      ])
    ],
    support: (.openCLIPCustomText, NativeReader.configuration))

  private static let huggingFaceVision = [
    "vision_model.embeddings.patch_embedding.weight", "vision_model.embeddings.class_embedding",
    "vision_model.pre_layrnorm.weight", "vision_model.encoder.layers.*.self_attn.q_proj.weight",
    "visual_projection.weight",
  ]
  private static let huggingFaceText = [
    "text_model.embeddings.token_embedding.weight", "text_model.embeddings.position_embedding.weight",
    "text_model.final_layer_norm.weight", "text_model.encoder.layers.*.self_attn.q_proj.weight",
    "text_projection.weight",
  ]

  static let huggingFaceCLIP = Family(
    "huggingface-clip", "Hugging Face CLIPModel",
    examples: "transformers' CLIPModel, CLIPVisionModelWithProjection, CLIPTextModelWithProjection",
    fingerprints: [
      Fingerprint(huggingFaceVision + huggingFaceText + ["logit_scale"]),
      Fingerprint(huggingFaceVision, without: ["text_model.", "text_projection.", "vision_model.head."]),
      Fingerprint(huggingFaceText, without: ["vision_model.", "visual_projection.", "text_model.head."]),
    ],
    support: (
      .huggingFaceCLIP,
      { (evidence, family, mapping) throws(CheckpointError) in
        try HuggingFaceReader.configuration(evidence, family, mapping, .clip)
      }
    ),
    indices: ["vision_model.embeddings.position_ids", "text_model.embeddings.position_ids"])

  static let huggingFaceTensorFlowCLIP = Family(
    "huggingface-clip-tf", "Hugging Face TFCLIPModel", examples: "transformers' TFCLIPModel, `tf_model.h5`",
    fingerprints: [
      Fingerprint([
        "vision_model.embeddings.patch_embedding.kernel", "vision_model.embeddings.class_embedding",
        "vision_model.pre_layrnorm.gamma", "vision_model.encoder.layers.*.self_attn.q_proj.kernel",
        "visual_projection.kernel", "text_model.embeddings.token_embedding.weight",
        "text_model.final_layer_norm.gamma", "text_projection.kernel", "logit_scale",
      ])
    ],
    support: (
      .huggingFaceTensorFlowCLIP,
      { (evidence, family, mapping) throws(CheckpointError) in
        try HuggingFaceReader.configuration(evidence, family, mapping, .clip)
      }
    ))

  static let huggingFaceSigLIP = Family(
    "huggingface-siglip", "Hugging Face SiglipModel", examples: "SigLIP, and SigLIP 2 of a fixed resolution",
    fingerprints: [
      Fingerprint([
        "vision_model.head.probe", "vision_model.head.attention.in_proj_weight", "logit_bias", "logit_scale",
        "text_model.head.weight", "vision_model.embeddings.patch_embedding.bias",
        "vision_model.encoder.layers.*.self_attn.q_proj.weight",
      ])
    ],
    support: (
      .huggingFaceSigLIP,
      { (evidence, family, mapping) throws(CheckpointError) in
        try HuggingFaceReader.configuration(evidence, family, mapping, .siglip)
      }
    ),
    indices: ["vision_model.embeddings.position_ids", "text_model.embeddings.position_ids"])

  /// All key schemes that are told apart, supported ones first.
  public static let all: [Family] = [
    .openAI, .openCLIPCustomText, .huggingFaceCLIP, .huggingFaceTensorFlowCLIP, .huggingFaceSigLIP,
    .openCLIPConvNeXt, .openCLIPMobile, .torchvisionResNet, .kerasResNet, .bitResNet, .simclrResNet,
    .simclrSelectiveKernels,
    Family(
      "openclip-timm", "OpenCLIP with an image tower of timm",
      fingerprints: [
        Fingerprint(["visual.trunk.patch_embed.proj.weight", "logit_scale"])
      ]),
    Family(
      "chinese-clip", "Chinese-CLIP",
      fingerprints: [
        Fingerprint([
          "bert.embeddings.word_embeddings.weight", "bert.encoder.layer.*.attention.self.query.weight",
          "visual.conv1.weight", "text_projection",
        ])
      ]),
    Family(
      "huggingface-chinese-clip", "Hugging Face ChineseCLIPModel",
      fingerprints: [
        Fingerprint([
          "text_model.embeddings.word_embeddings.weight",
          "text_model.encoder.layer.*.attention.self.query.weight", "vision_model.pre_layrnorm.weight",
          "visual_projection.weight", "text_projection.weight",
        ])
      ]),
    Family(
      "mobileclip", "MobileCLIP",
      fingerprints: [
        Fingerprint([
          "image_encoder.model.patch_embed.*.rbr_conv.*.conv.weight", "text_encoder.embedding_layer.weight",
        ]),
        Fingerprint(["image_encoder.model.patch_embed.*.reparam_conv.weight", "text_encoder.embedding_layer.weight"]),
      ]),
    Family(
      "tinyclip", "TinyCLIP",
      fingerprints: [
        Fingerprint(["_image_encoder.visual.conv1.weight", "_text_encoder.token_embedding.weight"]),
        Fingerprint([
          "_image_encoder.module.visual.conv1.weight", "_text_encoder.module.token_embedding.weight",
        ]),
      ]),
  ]
}
