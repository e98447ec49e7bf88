// SPDX-License-Identifier: Apache-2.0
// Made from Formats/mappings/bit-resnet.md by Tools/make_mappings.py. Do not edit.
// swift-format-ignore-file

extension KeyMapping {
  static let bitResNet = KeyMapping(rows: [
    Row("resnet.root_block.standardized_conv2d.kernel", "vision.stem.conv.weight", .hwio),
    Row("resnet.block{s+1}.unit.{i+1}.a.standardized_conv2d.kernel", "vision.stages.{s<Z}.{i<S}.conv1.weight", .hwio),
    Row("resnet.block{s+1}.unit.{i+1}.a.group_norm.gamma", "vision.stages.{s<Z}.{i<S}.norm1.weight", .copy),
    Row("resnet.block{s+1}.unit.{i+1}.a.group_norm.beta", "vision.stages.{s<Z}.{i<S}.norm1.bias", .copy),
    Row("resnet.block{s+1}.unit.{i+1}.b.standardized_conv2d.kernel", "vision.stages.{s<Z}.{i<S}.conv2.weight", .hwio),
    Row("resnet.block{s+1}.unit.{i+1}.b.group_norm.gamma", "vision.stages.{s<Z}.{i<S}.norm2.weight", .copy),
    Row("resnet.block{s+1}.unit.{i+1}.b.group_norm.beta", "vision.stages.{s<Z}.{i<S}.norm2.bias", .copy),
    Row("resnet.block{s+1}.unit.{i+1}.c.standardized_conv2d.kernel", "vision.stages.{s<Z}.{i<S}.conv3.weight", .hwio),
    Row("resnet.block{s+1}.unit.{i+1}.c.group_norm.gamma", "vision.stages.{s<Z}.{i<S}.norm3.weight", .copy),
    Row("resnet.block{s+1}.unit.{i+1}.c.group_norm.beta", "vision.stages.{s<Z}.{i<S}.norm3.bias", .copy),
    Row("resnet.block{s+1}.unit.1.a.proj.standardized_conv2d.kernel", "vision.stages.{s<Z}.0.shortcut.conv.weight", .hwio),
    Row("resnet.group_norm.gamma", "vision.post_norm.weight", .copy),
    Row("resnet.group_norm.beta", "vision.post_norm.bias", .copy),
  ])
}
