// SPDX-License-Identifier: Apache-2.0
// Made from Formats/mappings/torchvision-resnet.md by Tools/make_mappings.py. Do not edit.
// swift-format-ignore-file

extension KeyMapping {
  static let torchvisionResNet = KeyMapping(rows: [
    Row("conv1.weight", "vision.stem.conv.weight", .copy),
    Row("bn1.weight", "vision.stem.norm.weight", .copy),
    Row("bn1.bias", "vision.stem.norm.bias", .copy),
    Row("bn1.running_mean", "vision.stem.norm.running_mean", .copy),
    Row("bn1.running_var", "vision.stem.norm.running_var", .copy),
    Row("bn1.num_batches_tracked", "vision.stem.norm.batches_tracked", .copy),
    Row("layer{s+1}.{i}.conv1.weight", "vision.stages.{s<Z}.{i<S}.conv1.weight", .copy),
    Row("layer{s+1}.{i}.bn1.weight", "vision.stages.{s<Z}.{i<S}.norm1.weight", .copy),
    Row("layer{s+1}.{i}.bn1.bias", "vision.stages.{s<Z}.{i<S}.norm1.bias", .copy),
    Row("layer{s+1}.{i}.bn1.running_mean", "vision.stages.{s<Z}.{i<S}.norm1.running_mean", .copy),
    Row("layer{s+1}.{i}.bn1.running_var", "vision.stages.{s<Z}.{i<S}.norm1.running_var", .copy),
    Row("layer{s+1}.{i}.bn1.num_batches_tracked", "vision.stages.{s<Z}.{i<S}.norm1.batches_tracked", .copy),
    Row("layer{s+1}.{i}.conv2.weight", "vision.stages.{s<Z}.{i<S}.conv2.weight", .copy),
    Row("layer{s+1}.{i}.bn2.weight", "vision.stages.{s<Z}.{i<S}.norm2.weight", .copy),
    Row("layer{s+1}.{i}.bn2.bias", "vision.stages.{s<Z}.{i<S}.norm2.bias", .copy),
    Row("layer{s+1}.{i}.bn2.running_mean", "vision.stages.{s<Z}.{i<S}.norm2.running_mean", .copy),
    Row("layer{s+1}.{i}.bn2.running_var", "vision.stages.{s<Z}.{i<S}.norm2.running_var", .copy),
    Row("layer{s+1}.{i}.bn2.num_batches_tracked", "vision.stages.{s<Z}.{i<S}.norm2.batches_tracked", .copy),
    Row("layer{s+1}.{i}.conv3.weight", "vision.stages.{s<Z}.{i<S}.conv3.weight", .copy),
    Row("layer{s+1}.{i}.bn3.weight", "vision.stages.{s<Z}.{i<S}.norm3.weight", .copy),
    Row("layer{s+1}.{i}.bn3.bias", "vision.stages.{s<Z}.{i<S}.norm3.bias", .copy),
    Row("layer{s+1}.{i}.bn3.running_mean", "vision.stages.{s<Z}.{i<S}.norm3.running_mean", .copy),
    Row("layer{s+1}.{i}.bn3.running_var", "vision.stages.{s<Z}.{i<S}.norm3.running_var", .copy),
    Row("layer{s+1}.{i}.bn3.num_batches_tracked", "vision.stages.{s<Z}.{i<S}.norm3.batches_tracked", .copy),
    Row("layer{s+1}.0.downsample.0.weight", "vision.stages.{s<Z}.0.shortcut.conv.weight", .copy),
    Row("layer{s+1}.0.downsample.1.weight", "vision.stages.{s<Z}.0.shortcut.norm.weight", .copy),
    Row("layer{s+1}.0.downsample.1.bias", "vision.stages.{s<Z}.0.shortcut.norm.bias", .copy),
    Row("layer{s+1}.0.downsample.1.running_mean", "vision.stages.{s<Z}.0.shortcut.norm.running_mean", .copy),
    Row("layer{s+1}.0.downsample.1.running_var", "vision.stages.{s<Z}.0.shortcut.norm.running_var", .copy),
    Row("layer{s+1}.0.downsample.1.num_batches_tracked", "vision.stages.{s<Z}.0.shortcut.norm.batches_tracked", .copy),
  ])
}
