// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension Tokenizer {
  /// The tokenizer of a SentencePiece model by the rules of transformers' `SiglipTokenizer`.
  static func sentencePiece(_ file: SentencePieceFile, _ settings: TokenizerSettings) throws -> Tokenizer {
    guard file.algorithm == .unigram else {
      throw CheckpointError(
        .unsupported, .tokenizer, subject: "trainer_spec",
        "a SentencePiece model of the type \(file.algorithm), supported is unigram; byte pairs are read from tokenizer.json"
      )
    }
    switch settings.library {
    case .transformers, nil: break
    default: throw unsupported("a SentencePiece model", settings.library)
    }
    guard isSigLIP(settings) else {
      throw CheckpointError(
        .undetermined, .tokenizer, subject: "tokenizer_class",
        "a SentencePiece model does not say whose rules are meant"
          + (settings.tokenizerClass.map { ", and those of \($0) are not known" } ?? "")
          + "; with tokenizer_class SiglipTokenizer (or model_type siglip) they are those of SigLIP, and a tokenizer.json says itself"
      )
    }
    let model = UnigramModel(
      file.pieces, unknown: file.unknown, byteIDs: file.byteIDs, arithmetic: .single)
    return try sigLIP(model, file, settings)
  }

  private static func sigLIP(
    _ model: UnigramModel, _ file: SentencePieceFile, _ settings: TokenizerSettings
  ) throws -> Tokenizer {
    func token(_ name: StaticString, _ usual: String) throws(CheckpointError) -> (text: String, id: Int32) {
      let text = settings.special(name) ?? usual
      guard let id = Model.unigram(model).id(of: Array(text.utf8)) else {
        throw CheckpointError(.missing, .tokenizer, subject: name.description, "\"\(text)\" is no piece of the model")
      }
      return (text, id)
    }
    let (end, unknown, pad) = (
      try token("eos_token", "</s>"), try token("unk_token", "<unk>"), try token("pad_token", "</s>")
    )
    var marks: [MarkTable.Mark] = []
    for token in [end, unknown, pad] where !marks.contains(where: { $0.id == token.id }) {
      marks.append(
        MarkTable.Mark(
          text: Array(token.text.unicodeScalars), id: token.id,
          options: try added(token.text, settings) ?? [.stripsLeft, .stripsRight]))
    }
    let mark = SentencePieceNormalizer.mark
    var steps: [TextStep] = [.removePunctuation, .replaceRuns(of: .pythonWhiteSpace, atLeast: 1, with: [" "]), .strip]
    if settings.configuration["do_lower_case"]?.bool ?? true { steps.insert(.lowerCase, at: 0) }
    let protected = file.pieces.filter { $0.kind == .userDefined }.map {
      Array(String(decoding: $0.text, as: UTF8.self).unicodeScalars)
    }
    steps.append(
      .sentencePiece(SentencePieceNormalizer(map: file.map, options: file.options, protected: protected)))
    var options: RowFrame.Options = [.truncatesByDefault, .endsOnce]
    if settings.padsLeft == true { options.insert(.padsLeft) }
    return Tokenizer(
      Rules(
        cleaning: [.replace([mark], with: [" "]), .putBefore([mark])],
        marks: MarkTable(marks, space: .pythonWhiteSpace, steps: []), steps: steps,
        lead: Array(unknown.text.unicodeScalars), division: .none,
        frame: RowFrame(start: [], end: [end.id], pad: pad.id, truncation: .cutsText, options: options)),
      .unigram(model))
  }

  /// How a token is found, as `added_tokens_decoder` of `tokenizer_config.json` says.
  private static func added(
    _ token: String, _ settings: TokenizerSettings
  ) throws(CheckpointError) -> MarkTable.Options? {
    let values = settings.configuration["added_tokens_decoder"]?.members?.map(\.value) ?? []
    guard let value = values.first(where: { $0["content"]?.text == token }) else { return nil }
    var options: MarkTable.Options = []
    if value["lstrip"]?.bool == true { options.insert(.stripsLeft) }
    if value["rstrip"]?.bool == true { options.insert(.stripsRight) }
    return options
  }
}
