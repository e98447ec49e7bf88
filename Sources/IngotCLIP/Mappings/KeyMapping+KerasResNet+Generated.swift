// SPDX-License-Identifier: Apache-2.0
// Made from Formats/mappings/keras-resnet.md by Tools/make_mappings.py. Do not edit.
// swift-format-ignore-file

extension KeyMapping {
  static let kerasResNet = KeyMapping(rows: [
    Row("conv1_conv.kernel", "vision.stem.conv.weight", .hwio),
    Row("conv1_conv.bias", "vision.stem.conv.bias", .copy),
    Row("conv1_bn.gamma", "vision.stem.norm.weight", .copy),
    Row("conv1_bn.beta", "vision.stem.norm.bias", .copy),
    Row("conv1_bn.moving_mean", "vision.stem.norm.running_mean", .copy),
    Row("conv1_bn.moving_variance", "vision.stem.norm.running_var", .copy),
    Row("conv{s+2}.{i+1}.1_conv.kernel", "vision.stages.{s<Z}.{i<S}.conv1.weight", .hwio),
    Row("conv{s+2}.{i+1}.1_conv.bias", "vision.stages.{s<Z}.{i<S}.conv1.bias", .copy),
    Row("conv{s+2}.{i+1}.1_bn.gamma", "vision.stages.{s<Z}.{i<S}.norm1.weight", .copy),
    Row("conv{s+2}.{i+1}.1_bn.beta", "vision.stages.{s<Z}.{i<S}.norm1.bias", .copy),
    Row("conv{s+2}.{i+1}.1_bn.moving_mean", "vision.stages.{s<Z}.{i<S}.norm1.running_mean", .copy),
    Row("conv{s+2}.{i+1}.1_bn.moving_variance", "vision.stages.{s<Z}.{i<S}.norm1.running_var", .copy),
    Row("conv{s+2}.{i+1}.2_conv.kernel", "vision.stages.{s<Z}.{i<S}.conv2.weight", .hwio),
    Row("conv{s+2}.{i+1}.2_conv.bias", "vision.stages.{s<Z}.{i<S}.conv2.bias", .copy),
    Row("conv{s+2}.{i+1}.2_bn.gamma", "vision.stages.{s<Z}.{i<S}.norm2.weight", .copy),
    Row("conv{s+2}.{i+1}.2_bn.beta", "vision.stages.{s<Z}.{i<S}.norm2.bias", .copy),
    Row("conv{s+2}.{i+1}.2_bn.moving_mean", "vision.stages.{s<Z}.{i<S}.norm2.running_mean", .copy),
    Row("conv{s+2}.{i+1}.2_bn.moving_variance", "vision.stages.{s<Z}.{i<S}.norm2.running_var", .copy),
    Row("conv{s+2}.{i+1}.3_conv.kernel", "vision.stages.{s<Z}.{i<S}.conv3.weight", .hwio),
    Row("conv{s+2}.{i+1}.3_conv.bias", "vision.stages.{s<Z}.{i<S}.conv3.bias", .copy),
    Row("conv{s+2}.{i+1}.3_bn.gamma", "vision.stages.{s<Z}.{i<S}.norm3.weight", .copy),
    Row("conv{s+2}.{i+1}.3_bn.beta", "vision.stages.{s<Z}.{i<S}.norm3.bias", .copy),
    Row("conv{s+2}.{i+1}.3_bn.moving_mean", "vision.stages.{s<Z}.{i<S}.norm3.running_mean", .copy),
    Row("conv{s+2}.{i+1}.3_bn.moving_variance", "vision.stages.{s<Z}.{i<S}.norm3.running_var", .copy),
    Row("conv{s+2}.1.0_conv.kernel", "vision.stages.{s<Z}.0.shortcut.conv.weight", .hwio),
    Row("conv{s+2}.1.0_conv.bias", "vision.stages.{s<Z}.0.shortcut.conv.bias", .copy),
    Row("conv{s+2}.1.0_bn.gamma", "vision.stages.{s<Z}.0.shortcut.norm.weight", .copy),
    Row("conv{s+2}.1.0_bn.beta", "vision.stages.{s<Z}.0.shortcut.norm.bias", .copy),
    Row("conv{s+2}.1.0_bn.moving_mean", "vision.stages.{s<Z}.0.shortcut.norm.running_mean", .copy),
    Row("conv{s+2}.1.0_bn.moving_variance", "vision.stages.{s<Z}.0.shortcut.norm.running_var", .copy),
  ])
}
