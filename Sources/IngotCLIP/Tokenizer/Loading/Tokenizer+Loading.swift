// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension Tokenizer {
  /// Reads a tokenizer from the files it is published in.
  ///
  /// The kind is settled by the vocabulary's own form, and whose rules are followed by the hints, or else by
  /// `tokenizer_config.json`, `special_tokens_map.json`, `config.json` and `open_clip_config.json` beside it:
  ///
  ///     let tokenizer = try Tokenizer(contentsOf: "siglip-base-patch16-224")
  ///
  /// - Parameters:
  ///   - path: a folder, or a vocabulary: `tokenizer.json`, `vocab.json` with `merges.txt` beside it, OpenAI's list of merges, a
  ///     SentencePiece model, or `vocab.txt`.
  ///   - hints: what is known otherwise; goes before the files.
  /// - Throws: `FileError` when a file is missing; `undetermined`, naming the alternatives, when nothing says whose rules are
  ///   followed; other `CheckpointError`s when a file is damaged or not supported.
  public init(contentsOf path: String, hints: TokenizerHints = TokenizerHints()) throws {
    let folder = TokenizerFolder(path: path)
    if folder.file == nil, !folder.has(TokenizerFolder.allNames) {
      // Says whether the folder itself is missing.
      let detail =
        "a tokenizer is one of \(TokenizerFolder.allNames.joined(separator: ", ")), or a folder that holds one"
      do {
        _ = try MappedFile(path: path)
      } catch {
        throw FileError(error.code, path: path, error.detail + "; " + detail)
      }
      throw FileError(.inputMissing, path: path, detail)
    }
    let settings = try TokenizerSettings(folder, hints)
    try settings.check()
    let vocabulary = try folder.vocabulary(Self.order(settings))
    switch vocabulary {
    case .bytePair(let model, let isList): self = try Self.bytePair(model, settings, isOpenAIList: isList)
    case .document(let document): self = try Self.document(document, settings)
    case .sentencePiece(let file): self = try Self.sentencePiece(file, settings)
    case .lines(let tokens): self = try Self.wordPieces(tokens, settings)
    }
  }

  /// Whether a folder holds a vocabulary under one of the names that publishers give it.
  ///
  /// - Parameter folder: its path.
  /// - Returns: `false` for a folder that is not there, too.
  public static func isPublished(in folder: String) -> Bool {
    let files = TokenizerFolder(path: folder)
    return files.file == nil && files.has(TokenizerFolder.allNames)
  }

  /// In which order the forms of a vocabulary are looked for: a folder often has several.
  private static func order(_ settings: TokenizerSettings) -> [String] {
    let names = TokenizerFolder.self
    switch settings.library {
    case .chineseCLIP: return [names.linesName]
    case .openAI, .slowTransformers, .slowTransformersWithoutFtfy:
      return [names.tableName] + names.openAINames + [names.documentName]
    case .openCLIP where settings.openCLIP != nil && settings.openCLIP?["hf_tokenizer_name"] == nil:
      return names.openAINames + [names.tableName, names.documentName]
    case .openCLIP, .transformers, nil:
      if isSigLIP(settings), settings.library != .openCLIP { return names.modelNames + [names.documentName] }
      return names.allNames
    }
  }

  /// Whether transformers would use its `SiglipTokenizer`.
  static func isSigLIP(_ settings: TokenizerSettings) -> Bool {
    settings.tokenizerClass == "SiglipTokenizer" || settings.tokenizerClass == nil && settings.modelType == "siglip"
  }

  static func undetermined(_ what: String, _ alternatives: [TokenizerHints.Library]) -> CheckpointError {
    CheckpointError(
      .undetermined, .tokenizer, subject: "library",
      "\(what) does not say whose rules are meant; it may be \(alternatives.map(\.rawValue).joined(separator: ", "))")
  }

  static func unsupported(_ what: String, _ library: TokenizerHints.Library?) -> CheckpointError {
    CheckpointError(
      .unsupported, .tokenizer, subject: "library", "\(library?.rawValue ?? "no library") does not read \(what)")
  }

  // MARK: Byte pairs of CLIP

  private static func bytePair(
    _ model: BytePairTokenizer, _ settings: TokenizerSettings, isOpenAIList: Bool
  ) throws(CheckpointError) -> Tokenizer {
    let library = settings.library ?? (isOpenAIList ? .openAI : .transformers)
    func pad() throws(CheckpointError) -> (text: String, id: Int32) { try clipPad(model, settings) }
    let rules: Rules
    switch library {
    case .openAI: rules = .openAI(model)
    case .openCLIP: rules = .openCLIP(model, settings.cleaning ?? .lower)
    case .transformers: rules = .fastCLIP(model, pad: try pad())
    case .slowTransformers: rules = .slowCLIP(model, .ftfy, pad: try pad())
    case .slowTransformersWithoutFtfy: rules = .slowCLIP(model, .basic, pad: try pad())
    case .chineseCLIP: throw unsupported("byte pairs", library)
    }
    return Tokenizer(rules, .bytePair(model))
  }

  /// The id that a CLIP tokenizer of transformers pads with: that of the end, unless the files name another token.
  private static func clipPad(
    _ model: BytePairTokenizer, _ settings: TokenizerSettings
  ) throws(CheckpointError) -> (text: String, id: Int32) {
    let pad = settings.special("pad_token") ?? "<|endoftext|>"
    if let id = model.id(of: Array(pad.utf8)) { return (pad, id) }
    throw CheckpointError(.missing, .tokenizer, subject: "pad_token", "\"\(pad)\" is not in the vocabulary")
  }

  // MARK: tokenizer.json

  private static func document(_ document: TokenizerDocument, _ settings: TokenizerSettings) throws -> Tokenizer {
    if document.isCLIP {
      let isOther = settings.library == .openCLIP && settings.openCLIP?["hf_tokenizer_name"] != nil
      if let library = settings.library, library != .transformers, !isOther {
        return try bytePair(try document.bytePair(), settings, isOpenAIList: false)
      }
    }
    switch settings.library {
    case .openAI, .slowTransformers, .slowTransformersWithoutFtfy, .chineseCLIP:
      throw unsupported("this tokenizer.json", settings.library)
    case .openCLIP, .transformers, nil: break
    }
    var steps = try document.steps()
    let isLowerCase = settings.modelType == "siglip2" || settings.tokenizerClass == "Siglip2Tokenizer"
    if isLowerCase, settings.library != .openCLIP, steps.first != .libraryLowerCase {
      steps.insert(.libraryLowerCase, at: 0)
    }
    let model = try document.model()
    let marks = try document.marks(steps: steps)
    let ends = try document.ends()
    var options: RowFrame.Options = .truncatesByDefault
    let padding = document.document["padding"]
    let side = settings.padsLeft ?? padding?["direction"]?.text.map { $0 == "Left" }
    if side ?? ["GemmaTokenizer", "Siglip2Tokenizer"].contains(settings.tokenizerClass) { options.insert(.padsLeft) }
    if settings.library == .openCLIP, settings.stripsSeparator { options.insert(.zeroesEnd) }
    let frame = RowFrame(
      start: ends.start, end: ends.end, pad: try pad(document, model, marks, settings), truncation: .cutsText,
      options: options)
    let cleaning =
      settings.library == .openCLIP ? TextStep.openCLIPCleaning(settings.cleaning ?? .whitespace) : []
    let division = try document.division()
    if case .metaspace(let metaspace) = division, metaspace.scheme == .first, !steps.isEmpty {
      throw TokenizerDocument.fault(
        .unsupported, "pre_tokenizer", "prepend_scheme \"first\" after a normalizer is not supported, \"always\" is")
    }
    let rules = Rules(
      cleaning: cleaning, marks: marks, steps: steps, lead: [], division: division, frame: frame)
    return Tokenizer(rules, model)
  }

  /// The id that rows are filled with: of the token that the files beside name, or that `tokenizer.json` pads with.
  private static func pad(
    _ document: TokenizerDocument, _ model: Model, _ marks: MarkTable, _ settings: TokenizerSettings
  ) throws(CheckpointError) -> Int32 {
    func id(of token: String) -> Int32? {
      let scalars = Array(token.unicodeScalars)
      return marks.marks.first { $0.text == scalars }?.id ?? model.id(of: Array(token.utf8))
    }
    if let token = settings.special("pad_token") {
      if let id = id(of: token) { return id }
      throw CheckpointError(.missing, .tokenizer, subject: "pad_token", "\"\(token)\" is not in the vocabulary")
    }
    if let id = document.document["padding"]?["pad_id"]?.id { return id }
    let usual: [String?] =
      switch (model, settings.tokenizerClass) {
      case (.bytePair, _): ["<|endoftext|>"]
      case (.wordPiece, _): ["[PAD]"]
      case (_, "SiglipTokenizer"): ["</s>"]
      case (_, "GemmaTokenizer"), (_, "Siglip2Tokenizer"), (_, "T5Tokenizer"): ["<pad>"]
      default: []
      }
    if let id = usual.compactMap({ $0 }).compactMap(id).first { return id }
    throw CheckpointError(
      .undetermined, .tokenizer, subject: "pad_token",
      "neither tokenizer.json nor tokenizer_config.json says what rows are filled with")
  }
}
