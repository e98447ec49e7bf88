// SPDX-License-Identifier: Apache-2.0
// Made from Formats/mappings/huggingface-bert-text.md by Tools/make_mappings.py. Do not edit.
// swift-format-ignore-file

extension KeyMapping {
  static let huggingFaceBERTText = KeyMapping(rows: [
    Row("logit_scale", "logit_scale", .copy),
    Row("text_model.embeddings.word_embeddings.weight", "text.token_embedding.weight", .copy),
    Row("text_model.embeddings.position_embeddings.weight", "text.position_embedding", .copy),
    Row("text_model.embeddings.token_type_embeddings.weight", "text.token_type_embedding", .copy),
    Row("text_model.embeddings.LayerNorm.weight", "text.embedding_norm.weight", .copy),
    Row("text_model.embeddings.LayerNorm.bias", "text.embedding_norm.bias", .copy),
    Row("text_model.encoder.layer.{i}.attention.self.query.weight", "text.blocks.{i<N}.attention.qkv.weight", .copy, isPart: true),
    Row("text_model.encoder.layer.{i}.attention.self.key.weight", "text.blocks.{i<N}.attention.qkv.weight", .copy, isPart: true),
    Row("text_model.encoder.layer.{i}.attention.self.value.weight", "text.blocks.{i<N}.attention.qkv.weight", .copy, isPart: true),
    Row("text_model.encoder.layer.{i}.attention.self.query.bias", "text.blocks.{i<N}.attention.qkv.bias", .copy, isPart: true),
    Row("text_model.encoder.layer.{i}.attention.self.key.bias", "text.blocks.{i<N}.attention.qkv.bias", .copy, isPart: true),
    Row("text_model.encoder.layer.{i}.attention.self.value.bias", "text.blocks.{i<N}.attention.qkv.bias", .copy, isPart: true),
    Row("text_model.encoder.layer.{i}.attention.output.dense.weight", "text.blocks.{i<N}.attention.output.weight", .copy),
    Row("text_model.encoder.layer.{i}.attention.output.dense.bias", "text.blocks.{i<N}.attention.output.bias", .copy),
    Row("text_model.encoder.layer.{i}.attention.output.LayerNorm.weight", "text.blocks.{i<N}.attention_norm.weight", .copy),
    Row("text_model.encoder.layer.{i}.attention.output.LayerNorm.bias", "text.blocks.{i<N}.attention_norm.bias", .copy),
    Row("text_model.encoder.layer.{i}.intermediate.dense.weight", "text.blocks.{i<N}.mlp.up.weight", .copy),
    Row("text_model.encoder.layer.{i}.intermediate.dense.bias", "text.blocks.{i<N}.mlp.up.bias", .copy),
    Row("text_model.encoder.layer.{i}.output.dense.weight", "text.blocks.{i<N}.mlp.down.weight", .copy),
    Row("text_model.encoder.layer.{i}.output.dense.bias", "text.blocks.{i<N}.mlp.down.bias", .copy),
    Row("text_model.encoder.layer.{i}.output.LayerNorm.weight", "text.blocks.{i<N}.mlp_norm.weight", .copy),
    Row("text_model.encoder.layer.{i}.output.LayerNorm.bias", "text.blocks.{i<N}.mlp_norm.bias", .copy),
    Row("text_projection.weight", "text.projection", .transpose),
  ])
}
