// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// What the files beside a vocabulary say, with the hints before them.
struct TokenizerSettings {
  let hints: TokenizerHints
  /// `tokenizer_config.json`.
  let configuration: OrderedJSON
  /// `special_tokens_map.json`.
  let specialTokens: OrderedJSON
  /// `open_clip_config.json`, of the model it describes.
  let openCLIP: OrderedJSON?
  /// `model_type`.
  let modelType: String?
  /// `tokenizer_class`, without `Fast`.
  let tokenizerClass: String?
  let library: TokenizerHints.Library?
  let cleaning: TokenizerHints.Cleaning?
  let stripsSeparator: Bool

  init(_ folder: TokenizerFolder, _ hints: TokenizerHints) throws {
    self.hints = hints
    configuration = try folder.configuration("tokenizer_config.json") ?? .null
    specialTokens = try folder.configuration("special_tokens_map.json") ?? .null
    openCLIP = try folder.configuration("open_clip_config.json")?["model_cfg"]?["text_cfg"]
    modelType = try hints.modelType ?? folder.configuration("config.json")?["model_type"]?.text
    let name = hints.tokenizerClass ?? configuration["tokenizer_class"]?.text
    tokenizerClass = name.map { $0.hasSuffix("Fast") ? String($0.dropLast(4)) : $0 }
    library = hints.library ?? (openCLIP == nil ? nil : .openCLIP)
    let arguments = openCLIP?["tokenizer_kwargs"]
    let clean = arguments?["clean"]?.text
    if let clean, hints.cleaning == nil, TokenizerHints.Cleaning(rawValue: clean) == nil {
      throw CheckpointError(
        .unsupported, .tokenizer, subject: "open_clip_config.json",
        "the cleaning \"\(clean)\" is unknown; known are lower, whitespace and canonicalize")
    }
    cleaning = hints.cleaning ?? clean.flatMap(TokenizerHints.Cleaning.init)
    stripsSeparator = hints.stripsSeparator ?? arguments?["strip_sep_token"]?.bool ?? false
  }

  /// The content of a special token, as `tokenizer_config.json` or `special_tokens_map.json` names it.
  func special(_ name: StaticString) -> String? {
    for document in [configuration, specialTokens] {
      if let value = document[name], let text = value.text ?? value["content"]?.text { return text }
    }
    return nil
  }

  /// Whether padding goes before the text; `nil` when nothing says.
  var padsLeft: Bool? { configuration["padding_side"]?.text.map { $0 == "left" } }

  /// Refuses what would give other ids.
  func check() throws(CheckpointError) {
    if let side = configuration["truncation_side"]?.text, side != "right" {
      throw CheckpointError(
        .unsupported, .tokenizer, subject: "tokenizer_config.json",
        "truncation on the side \"\(side)\", supported is right")
    }
  }
}
