// SPDX-License-Identifier: Apache-2.0
// Made from Formats/timm-models.json by Tools/make_registry.py. Do not edit.
// swift-format-ignore-file

extension TimmRegistry {
  /// One JSON object a line.
  static let text = #"""
{"activation":"silu","epsilon":1e-06,"heads":12,"name":"eva02_base_patch16_clip_224","norms":"before","rotary":{"grid":16,"temperature":10000.0}}
{"activation":"gelu","epsilon":1e-06,"heads":16,"name":"eva02_enormous_patch14_clip_224","norms":"after-branch","rotary":null}
{"activation":"silu","epsilon":1e-06,"heads":16,"name":"eva02_large_patch14_clip_224","norms":"before","rotary":{"grid":16,"temperature":10000.0}}
{"activation":"silu","epsilon":1e-06,"heads":16,"name":"eva02_large_patch14_clip_336","norms":"before","rotary":{"grid":16,"temperature":10000.0}}
{"activation":"gelu","epsilon":1e-06,"heads":16,"name":"eva_giant_patch14_224","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":12,"name":"vit_base_patch16_siglip_224","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":12,"name":"vit_base_patch16_siglip_256","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":12,"name":"vit_base_patch16_siglip_384","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":12,"name":"vit_base_patch16_siglip_512","norms":"before","rotary":null}
{"activation":"gelu-tanh","epsilon":1e-06,"heads":12,"name":"vit_base_patch32_siglip_256","norms":"before","rotary":null}
{"activation":"gelu-tanh","epsilon":1e-06,"heads":16,"name":"vit_giantopt_patch16_siglip_256","norms":"before","rotary":null}
{"activation":"gelu-tanh","epsilon":1e-06,"heads":16,"name":"vit_giantopt_patch16_siglip_384","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-05,"heads":16,"name":"vit_large_patch14_clip_224","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":16,"name":"vit_large_patch16_siglip_256","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":16,"name":"vit_large_patch16_siglip_384","norms":"before","rotary":null}
{"activation":"gelu-tanh","epsilon":1e-06,"heads":16,"name":"vit_large_patch16_siglip_512","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":8,"name":"vit_medium_patch16_gap_256","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":16,"name":"vit_so400m_patch14_siglip_224","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":16,"name":"vit_so400m_patch14_siglip_378","norms":"before","rotary":null}
{"activation":"gelu","epsilon":1e-06,"heads":16,"name":"vit_so400m_patch14_siglip_384","norms":"before","rotary":null}
{"activation":"gelu-tanh","epsilon":1e-06,"heads":16,"name":"vit_so400m_patch16_siglip_256","norms":"before","rotary":null}
{"activation":"gelu-tanh","epsilon":1e-06,"heads":16,"name":"vit_so400m_patch16_siglip_384","norms":"before","rotary":null}
{"activation":"gelu-tanh","epsilon":1e-06,"heads":16,"name":"vit_so400m_patch16_siglip_512","norms":"before","rotary":null}
"""#
}
