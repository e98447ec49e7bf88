// SPDX-License-Identifier: Apache-2.0
// Made from Formats/mappings/simclr-resnet.md by Tools/make_mappings.py. Do not edit.
// swift-format-ignore-file

extension KeyMapping {
  static let simclrResNet = KeyMapping(rows: [
    Row("net.0.0.weight", "vision.stem.conv.weight", .copy),
    Row("net.0.1.0.weight", "vision.stem.norm.weight", .copy),
    Row("net.0.1.0.bias", "vision.stem.norm.bias", .copy),
    Row("net.0.1.0.running_mean", "vision.stem.norm.running_mean", .copy),
    Row("net.0.1.0.running_var", "vision.stem.norm.running_var", .copy),
    Row("net.0.1.0.num_batches_tracked", "vision.stem.norm.batches_tracked", .copy),
    Row("net.{s+1}.blocks.{i}.net.0.weight", "vision.stages.{s<Z}.{i<S}.conv1.weight", .copy),
    Row("net.{s+1}.blocks.{i}.net.1.0.weight", "vision.stages.{s<Z}.{i<S}.norm1.weight", .copy),
    Row("net.{s+1}.blocks.{i}.net.1.0.bias", "vision.stages.{s<Z}.{i<S}.norm1.bias", .copy),
    Row("net.{s+1}.blocks.{i}.net.1.0.running_mean", "vision.stages.{s<Z}.{i<S}.norm1.running_mean", .copy),
    Row("net.{s+1}.blocks.{i}.net.1.0.running_var", "vision.stages.{s<Z}.{i<S}.norm1.running_var", .copy),
    Row("net.{s+1}.blocks.{i}.net.1.0.num_batches_tracked", "vision.stages.{s<Z}.{i<S}.norm1.batches_tracked", .copy),
    Row("net.{s+1}.blocks.{i}.net.2.weight", "vision.stages.{s<Z}.{i<S}.conv2.weight", .copy),
    Row("net.{s+1}.blocks.{i}.net.3.0.weight", "vision.stages.{s<Z}.{i<S}.norm2.weight", .copy),
    Row("net.{s+1}.blocks.{i}.net.3.0.bias", "vision.stages.{s<Z}.{i<S}.norm2.bias", .copy),
    Row("net.{s+1}.blocks.{i}.net.3.0.running_mean", "vision.stages.{s<Z}.{i<S}.norm2.running_mean", .copy),
    Row("net.{s+1}.blocks.{i}.net.3.0.running_var", "vision.stages.{s<Z}.{i<S}.norm2.running_var", .copy),
    Row("net.{s+1}.blocks.{i}.net.3.0.num_batches_tracked", "vision.stages.{s<Z}.{i<S}.norm2.batches_tracked", .copy),
    Row("net.{s+1}.blocks.{i}.net.4.weight", "vision.stages.{s<Z}.{i<S}.conv3.weight", .copy),
    Row("net.{s+1}.blocks.{i}.net.5.0.weight", "vision.stages.{s<Z}.{i<S}.norm3.weight", .copy),
    Row("net.{s+1}.blocks.{i}.net.5.0.bias", "vision.stages.{s<Z}.{i<S}.norm3.bias", .copy),
    Row("net.{s+1}.blocks.{i}.net.5.0.running_mean", "vision.stages.{s<Z}.{i<S}.norm3.running_mean", .copy),
    Row("net.{s+1}.blocks.{i}.net.5.0.running_var", "vision.stages.{s<Z}.{i<S}.norm3.running_var", .copy),
    Row("net.{s+1}.blocks.{i}.net.5.0.num_batches_tracked", "vision.stages.{s<Z}.{i<S}.norm3.batches_tracked", .copy),
    Row("net.{s+1}.blocks.0.projection.shortcut.weight", "vision.stages.{s<Z}.0.shortcut.conv.weight", .copy),
    Row("net.{s+1}.blocks.0.projection.bn.0.weight", "vision.stages.{s<Z}.0.shortcut.norm.weight", .copy),
    Row("net.{s+1}.blocks.0.projection.bn.0.bias", "vision.stages.{s<Z}.0.shortcut.norm.bias", .copy),
    Row("net.{s+1}.blocks.0.projection.bn.0.running_mean", "vision.stages.{s<Z}.0.shortcut.norm.running_mean", .copy),
    Row("net.{s+1}.blocks.0.projection.bn.0.running_var", "vision.stages.{s<Z}.0.shortcut.norm.running_var", .copy),
    Row("net.{s+1}.blocks.0.projection.bn.0.num_batches_tracked", "vision.stages.{s<Z}.0.shortcut.norm.batches_tracked", .copy),
  ])
}
