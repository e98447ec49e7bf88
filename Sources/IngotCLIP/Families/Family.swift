// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// A key scheme: how to tell it, what its tensors become, and which configuration its shapes describe.
public struct Family: Sendable {
  /// The name in reports and in `.ingot` files.
  public let name: String
  /// How people call it.
  public let title: String
  /// Keys that every checkpoint of the family has, with `*` for an index.
  let fingerprint: [String]
  /// Source keys to canonical names; `nil` for a family that is recognised but not supported.
  public let mapping: KeyMapping?

  /// OpenAI's own key scheme.
  public static let openAI = Family(
    name: "openai", title: "OpenAI CLIP",
    fingerprint: [
      "visual.conv1.weight", "token_embedding.weight", "positional_embedding", "text_projection", "ln_final.weight",
      "logit_scale", "transformer.resblocks.*.attn.in_proj_weight",
    ],
    mapping: .openAI)

  /// All key schemes that are told apart, supported ones first.
  static let all: [Family] = [
    .openAI,
    Family(
      name: "huggingface-clip", title: "Hugging Face CLIPModel",
      fingerprint: [
        "vision_model.embeddings.patch_embedding.weight", "text_model.embeddings.token_embedding.weight",
        "visual_projection.weight", "text_projection.weight", "logit_scale",
        "vision_model.encoder.layers.*.self_attn.q_proj.weight",
      ],
      mapping: nil),
    Family(
      name: "openclip-custom-text", title: "OpenCLIP CustomTextCLIP",
      fingerprint: [
        "text.token_embedding.weight", "text.positional_embedding", "text.transformer.resblocks.*.attn.in_proj_weight",
        "visual.conv1.weight", "logit_scale",
      ],
      mapping: nil),
    Family(
      name: "siglip", title: "Hugging Face SigLIP",
      fingerprint: [
        "vision_model.head.probe", "logit_bias", "text_model.head.weight",
        "vision_model.encoder.layers.*.self_attn.q_proj.weight",
      ],
      mapping: nil),
    Family(
      name: "chinese-clip", title: "Chinese-CLIP",
      fingerprint: [
        "bert.embeddings.word_embeddings.weight", "bert.encoder.layer.*.attention.self.query.weight",
        "visual.conv1.weight",
        "text_projection",
      ],
      mapping: nil),
    Family(
      name: "mobileclip", title: "MobileCLIP",
      fingerprint: ["image_encoder.model.patch_embed.*.rbr_conv.*.conv.weight", "text_encoder.embedding_layer.weight"],
      mapping: nil),
  ]

  /// The share of the fingerprint found among `keys`, in which indices have become `*`.
  func score(among keys: Set<String>) -> Double {
    Double(fingerprint.filter(keys.contains).count) / Double(fingerprint.count)
  }

  /// How much a checkpoint's names are like those of any known family.
  ///
  /// - Parameter names: the names of its tensors.
  /// - Returns: from 0, nothing in common, to 1, a whole fingerprint.
  public static func likeness(of names: [String]) -> Double {
    let keys = Set(names.map(pattern))
    return all.reduce(0) { max($0, $1.score(among: keys)) }
  }

  /// Finds the family of a checkpoint.
  ///
  /// - Parameter names: the names of its tensors.
  /// - Returns: a supported family whose whole fingerprint, or all but two keys of it, is found.
  /// - Throws: `unsupported`, with what was found and the nearest family.
  public static func recognise(_ names: [String]) throws(CheckpointError) -> Family {
    let keys = Set(names.map(pattern))
    let scored = all.map { ($0, $0.score(among: keys)) }.sorted { $0.1 > $1.1 }
    guard let (nearest, score) = scored.first, score > 0 else {
      throw CheckpointError(
        .unsupported, .clip, "unknown checkpoint family: \(summary(names)); no key of any known family among them")
    }
    // A damaged checkpoint still belongs to its family: what is missing is then listed tensor by tensor.
    let needed = Double(nearest.fingerprint.count - 2) / Double(nearest.fingerprint.count)
    let found = nearest.fingerprint.filter(keys.contains).count
    guard score >= needed, nearest.fingerprint.count - found < nearest.fingerprint.count else {
      throw CheckpointError(
        .unsupported, .clip,
        "unknown checkpoint family: \(summary(names)); nearest is \(nearest.title), of which \(found) of \(nearest.fingerprint.count) "
          + "typical keys are present, missing "
          + nearest.fingerprint.filter { !keys.contains($0) }.joined(separator: ", "))
    }
    guard nearest.mapping != nil else {
      throw CheckpointError(
        .unsupported, .clip,
        "this is a \(nearest.title) checkpoint (\(summary(names))); that family cannot be converted yet")
    }
    return nearest
  }

  /// A key with its numeric components replaced by `*`.
  static func pattern(_ name: String) -> String {
    name.split(separator: ".", omittingEmptySubsequences: false)
      .map { !$0.isEmpty && $0.allSatisfy(\.isNumber) ? "*" : String($0) }.joined(separator: ".")
  }

  private static func summary(_ names: [String]) -> String {
    let shown = names.prefix(4).joined(separator: ", ")
    return "found \(names.count) tensors (\(shown)\(names.count > 4 ? ", …" : ""))"
  }
}
