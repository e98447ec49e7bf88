// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Convolutional image towers, alone or with OpenCLIP's text tower.
extension Family {
  static let openCLIPConvNeXt = Family(
    "openclip-convnext", "OpenCLIP with ConvNeXt", examples: "convnext_base_w, convnext_large_d, convnext_xxlarge",
    fixtures: ["families/convnext/linear", "families/convnext/mlp", "families/convnext/xxlarge"],
    fingerprints: [
      Fingerprint([
        "visual.trunk.stem.*.weight", "visual.trunk.stages.*.blocks.*.conv_dw.weight",
        "visual.trunk.stages.*.downsample.*.weight", "token_embedding.weight",
        "transformer.resblocks.*.attn.in_proj_weight", "logit_scale",
      ]),
      Fingerprint([
        "visual.trunk.stem.*.weight", "visual.trunk.stages.*.blocks.*.conv_dw.weight",
        "visual.trunk.stages.*.downsample.*.weight", "text.token_embedding.weight",
        "text.transformer.resblocks.*.attn.in_proj_weight", "logit_scale",
      ]),
    ],
    support: Support(.openCLIPConvNeXt, TrunkReader.convNeXt))

  static let openCLIPMobile = Family(
    "openclip-mobileclip", "OpenCLIP with FastViT (MobileCLIP S)",
    examples: "MobileCLIP-S1, S2; MobileCLIP2-S0, S2, S3, S4",
    fixtures: ["families/mobileclip/s", "families/mobileclip/s-reparameterised", "families/mobileclip/s3"],
    fingerprints: [
      Fingerprint([
        "visual.trunk.stem.*.conv_kxk.*.conv.weight", "visual.trunk.stages.*.blocks.*.mlp.conv.conv.weight",
        "visual.trunk.stages.*.downsample.proj.*.large_conv.conv.weight", "visual.trunk.final_conv.se.fc1.weight",
        "text.token_embedding.weight", "logit_scale",
      ]),
      Fingerprint([
        "visual.trunk.stem.*.reparam_conv.weight", "visual.trunk.stages.*.blocks.*.mlp.conv.conv.weight",
        "visual.trunk.stages.*.downsample.proj.*.reparam_conv.weight", "visual.trunk.final_conv.se.fc1.weight",
        "text.token_embedding.weight", "logit_scale",
      ]),
    ],
    support: Support(.openCLIPMobile, TrunkReader.mobile))

  static let torchvisionResNet = Family(
    "torchvision-resnet", "torchvision ResNet", examples: "resnet50, resnet101, resnet152, wide_resnet50_2",
    fixtures: ["families/towers-alone/torchvision"],
    fingerprints: [
      Fingerprint([
        "conv1.weight", "bn1.running_mean", "layer1.*.conv1.weight", "layer1.*.bn3.weight",
        "layer1.*.downsample.*.weight", "layer4.*.conv3.weight",
      ])
    ],
    support: Support(.torchvisionResNet, FeatureTower.torchvision.configuration),
    unused: ["fc.": "the classifier: embeddings are the averages that it takes"])

  static let kerasResNet = Family(
    "keras-resnet", "Keras ResNet", examples: "keras.applications.ResNet50, ResNet101, ResNet152",
    fixtures: ["families/towers-alone/keras"],
    fingerprints: [
      Fingerprint([
        "conv1_conv.kernel", "conv1_conv.bias", "conv1_bn.gamma", "conv2.*.1_conv.kernel", "conv2.*.0_conv.kernel",
        "conv5.*.3_bn.moving_variance",
      ])
    ],
    support: Support(.kerasResNet, FeatureTower.keras.configuration),
    unused: ["predictions.": "the classifier: embeddings are the averages that it takes"])

  static let bitResNet = Family(
    "bit-resnet", "BiT ResNet v2", examples: "BiT-M-R50x1.npz and the others",
    fixtures: ["families/towers-alone/bit"],
    fingerprints: [
      Fingerprint([
        "resnet.root_block.standardized_conv2d.kernel", "resnet.group_norm.gamma",
        "resnet.block1.unit.*.a.standardized_conv2d.kernel", "resnet.block1.unit.*.a.proj.standardized_conv2d.kernel",
        "resnet.block4.unit.*.c.group_norm.beta",
      ])
    ],
    support: Support(.bitResNet, FeatureTower.bit.configuration),
    unused: ["resnet.head.": "the classifier: embeddings are the averages that it takes"])

  static let simclrResNet = Family(
    "simclr-resnet", "SimCLRv2 ResNet", examples: "r50_1x_sk0.pth of SimCLRv2-Pytorch",
    fixtures: ["families/towers-alone/simclr"],
    fingerprints: [
      Fingerprint([
        "net.*.*.weight", "net.*.*.*.running_mean", "net.*.blocks.*.net.*.weight",
        "net.*.blocks.*.projection.shortcut.weight", "net.*.blocks.*.projection.bn.*.weight",
      ])
    ],
    support: Support(.simclrResNet, FeatureTower.simclr.configuration),
    unused: ["fc.": "the classifier: embeddings are the averages that it takes"])

  static let simclrSelectiveKernels = Family(
    "simclr-resnet-sk", "SimCLRv2 ResNet with selective kernels",
    fingerprints: [
      Fingerprint([
        "net.*.*.weight", "net.*.*.*.running_mean", "net.*.blocks.*.net.*.main_conv.*.weight",
        "net.*.blocks.*.net.*.mixing_conv.*.weight", "net.*.blocks.*.projection.shortcut.*.weight",
        "net.*.blocks.*.projection.bn.*.weight",
      ])
    ])
}
