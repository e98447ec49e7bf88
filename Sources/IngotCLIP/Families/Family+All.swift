// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension Family {
  /// OpenAI's own key scheme.
  public static let openAI = Family(
    "openai", "OpenAI CLIP", examples: "OpenAI's nine archives; OpenCLIP's models with its own towers",
    fixtures: [
      "vit-tiny", "resnet-tiny", "fashion-clip", "families/open-clip/gelu", "families/open-clip/quick-gelu",
      "families/open-clip/resnet", "families/open-clip/clipa", "families/open-clip/layer-scale",
      "families/open-clip/training",
    ],
    fingerprints: [
      Fingerprint([
        "visual.conv1.weight", "token_embedding.weight", "positional_embedding", "text_projection", "ln_final.weight",
        "logit_scale", "transformer.resblocks.*.attn.in_proj_weight",
      ])
    ],
    support: Support(.openAI, NativeReader.configuration))

  static let openCLIPCustomText = Family(
    "openclip-custom-text", "OpenCLIP CustomTextCLIP",
    examples: "OpenCLIP's models with `custom_text` and its own towers",
    fixtures: ["families/open-clip/custom-text"],
    fingerprints: [
      Fingerprint([
        "text.token_embedding.weight", "text.positional_embedding", "text.transformer.resblocks.*.attn.in_proj_weight",
        "text.ln_final.weight", "visual.conv1.weight", "visual.proj", "logit_scale",
      ])
    ],
    support: Support(.openCLIPCustomText, NativeReader.configuration))

  private static let positionIDs = [
    "vision_model.embeddings.position_ids": "the numbers 0, 1, 2, …",
    "text_model.embeddings.position_ids": "the numbers 0, 1, 2, …",
  ]
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
    fixtures: [
      "families/huggingface/quick-gelu", "families/huggingface/gelu-eos", "families/huggingface/float16",
      "families/huggingface/vision", "families/huggingface/text",
    ],
    fingerprints: [
      Fingerprint(huggingFaceVision + huggingFaceText + ["logit_scale"]),
      Fingerprint(huggingFaceVision, without: ["text_model.", "text_projection.", "vision_model.head."]),
      Fingerprint(huggingFaceText, without: ["vision_model.", "visual_projection.", "text_model.head."]),
    ],
    support: Support(
      .huggingFaceCLIP,
      { (evidence, family, mapping) throws(CheckpointError) in
        try HuggingFaceReader.configuration(evidence, family, mapping, .clip)
      }
    ),
    unused: positionIDs)

  static let huggingFaceTensorFlowCLIP = Family(
    "huggingface-clip-tf", "Hugging Face TFCLIPModel", examples: "transformers' TFCLIPModel, `tf_model.h5`",
    fixtures: ["families/huggingface/tf"],
    fingerprints: [
      Fingerprint([
        "vision_model.embeddings.patch_embedding.kernel", "vision_model.embeddings.class_embedding",
        "vision_model.pre_layrnorm.gamma", "vision_model.encoder.layers.*.self_attn.q_proj.kernel",
        "visual_projection.kernel", "text_model.embeddings.token_embedding.weight",
        "text_model.final_layer_norm.gamma", "text_projection.kernel", "logit_scale",
      ])
    ],
    support: Support(
      .huggingFaceTensorFlowCLIP,
      { (evidence, family, mapping) throws(CheckpointError) in
        try HuggingFaceReader.configuration(evidence, family, mapping, .clip)
      }
    ))

  static let huggingFaceSigLIP = Family(
    "huggingface-siglip", "Hugging Face SiglipModel", examples: "SigLIP, and SigLIP 2 of a fixed resolution",
    fixtures: ["families/siglip/huggingface", "families/siglip/huggingface-2", "families/siglip/margin"],
    fingerprints: [
      Fingerprint([
        "vision_model.head.probe", "vision_model.head.attention.in_proj_weight", "logit_bias", "logit_scale",
        "text_model.head.weight", "vision_model.embeddings.patch_embedding.bias",
        "vision_model.encoder.layers.*.self_attn.q_proj.weight",
      ])
    ],
    support: Support(
      .huggingFaceSigLIP,
      { (evidence, family, mapping) throws(CheckpointError) in
        try HuggingFaceReader.configuration(evidence, family, mapping, .siglip)
      }
    ),
    unused: positionIDs)

  private static let openCLIPText = [
    "text.token_embedding.weight", "text.positional_embedding", "text.transformer.resblocks.*.attn.in_proj_weight",
    "text.ln_final.weight", "logit_scale",
  ]

  static let openCLIPTimm = Family(
    "openclip-timm", "OpenCLIP with a vision transformer of timm",
    examples: "OpenCLIP's SigLIP and SigLIP 2, EVA01-g, EVA02-E, MobileCLIP2-L",
    fixtures: [
      "families/siglip/open-clip", "families/siglip/open-clip-2", "families/eva/eva01", "families/eva/eva02-enormous",
    ],
    fingerprints: [
      Fingerprint(
        openCLIPText + [
          "visual.trunk.patch_embed.proj.weight", "visual.trunk.pos_embed", "visual.trunk.blocks.*.attn.qkv.weight",
          "visual.trunk.blocks.*.mlp.fc1.weight",
        ])
    ],
    support: Support(
      KeyMapping.openCLIPCustomText.withoutVision + .timmVisionTransformer, NativeReader.configuration
    ), code: OriginalCode(hasTimmTower: true))

  static let openCLIPTimmEVA02 = Family(
    "openclip-timm-eva02", "OpenCLIP with an EVA02 of timm", examples: "OpenCLIP's EVA02-B-16, EVA02-L-14",
    fixtures: ["families/eva/eva02"],
    fingerprints: [
      Fingerprint(
        openCLIPText + [
          "visual.trunk.patch_embed.proj.weight", "visual.trunk.pos_embed",
          "visual.trunk.blocks.*.attn.q_proj.weight", "visual.trunk.blocks.*.mlp.fc1_g.weight",
        ])
    ],
    support: Support(KeyMapping.openCLIPCustomText.withoutVision + .timmEVA02, NativeReader.configuration),
    code: OriginalCode(hasTimmTower: true))

  static let bigVision = Family(
    "big-vision", "big_vision SigLIP", examples: "Google's SigLIP as `.npz`",
    fixtures: ["families/siglip/big-vision"],
    fingerprints: [
      Fingerprint([
        "params/img/embedding/kernel", "params/img/Transformer/encoderblock_0/MlpBlock_0/Dense_0/kernel",
        "params/img/MAPHead_0/probe", "params/txt/Embed_0/embedding", "params/t", "params/b",
      ])
    ],
    support: Support(.bigVision, BigVisionReader.configuration))

  static let bigVisionScanned = Family(
    "big-vision-scanned", "big_vision SigLIP with stacked blocks", examples: "Google's SigLIP 2 as `.npz`",
    fixtures: ["families/siglip/big-vision-scanned"],
    fingerprints: [
      Fingerprint([
        "params/img/embedding/kernel", "params/img/Transformer/encoderblock/MlpBlock_0/Dense_0/kernel",
        "params/img/MAPHead_0/probe", "params/txt/Embed_0/embedding", "params/t", "params/b",
      ])
    ],
    support: Support(.bigVisionScanned, BigVisionReader.configuration))

  /// All key schemes that are told apart, supported ones first.
  public static let all: [Family] = [
    .openAI, .openCLIPCustomText, .huggingFaceCLIP, .huggingFaceTensorFlowCLIP, .huggingFaceSigLIP,
    .openCLIPTimm, .openCLIPTimmEVA02, .bigVision, .bigVisionScanned, .longCLIP, .tinyCLIP, .tinyCLIPParallel,
    .chineseCLIP, .huggingFaceChineseCLIP, .openCLIPConvNeXt, .openCLIPMobile, .torchvisionResNet, .kerasResNet,
    .bitResNet, .simclrResNet, .simclrSelectiveKernels,
    Family(
      "mobileclip", "MobileCLIP",
      fingerprints: [
        Fingerprint([
          "image_encoder.model.patch_embed.*.rbr_conv.*.conv.weight", "text_encoder.embedding_layer.weight",
        ]),
        Fingerprint(["image_encoder.model.patch_embed.*.reparam_conv.weight", "text_encoder.embedding_layer.weight"]),
      ]),
  ]
}
