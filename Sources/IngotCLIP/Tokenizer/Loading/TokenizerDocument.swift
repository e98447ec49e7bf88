// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads `tokenizer.json`, the form in which the library `tokenizers` keeps a whole tokenizer.
///
/// Every component is understood exactly or refused by name.
struct TokenizerDocument {
  let document: OrderedJSON

  init(_ bytes: [UInt8]) throws(CheckpointError) {
    document = try OrderedJSONReader.read(bytes, "tokenizer.json")
    guard document["model"] != nil, document.members != nil else {
      throw Self.fault(.malformed, "model", "tokenizer.json has no model")
    }
  }

  static func fault(_ code: CheckpointError.Code, _ subject: String, _ detail: String) -> CheckpointError {
    CheckpointError(code, .tokenizer, subject: "tokenizer.json " + subject, detail)
  }

  /// `type` of the model; older files leave it out.
  var modelType: String {
    if let type = document["model"]?["type"]?.text { return type }
    if document["model"]?["merges"] != nil { return "BPE" }
    return document["model"]?["unk_id"] != nil ? "Unigram" : "WordPiece"
  }

  /// Whether the model is CLIP's: byte pairs whose words end in `</w>`.
  var isCLIP: Bool { modelType == "BPE" && document["model"]?["end_of_word_suffix"]?.text == "</w>" }

  // MARK: Vocabulary

  /// The tokens of an object of tokens and ids, by id.
  static func tokens(of value: OrderedJSON?, _ subject: String) throws(CheckpointError) -> [[UInt8]] {
    guard let members = value?.members, !members.isEmpty else {
      throw fault(.missing, subject, "there is no vocabulary")
    }
    var tokens = [[UInt8]](repeating: [], count: members.count)
    var seen = Set<[UInt8]>(minimumCapacity: members.count)
    var isUsed = [Bool](repeating: false, count: members.count)
    for member in members {
      let name = String(decoding: member.name, as: UTF8.self)
      guard let id = member.value.id else {
        throw fault(.malformed, subject, "the id of \"\(name)\" is no whole number")
      }
      guard Int(id) < members.count else {
        throw fault(
          .mismatch, subject,
          "\"\(name)\" has the id \(id), with \(members.count) tokens the largest is \(members.count - 1)")
      }
      guard !isUsed[Int(id)] else { throw fault(.mismatch, subject, "two tokens have the id \(id)") }
      guard seen.insert(member.name).inserted else {
        throw fault(.corrupt, subject, "the token \"\(name)\" occurs twice")
      }
      isUsed[Int(id)] = true
      tokens[Int(id)] = member.name
    }
    return tokens
  }

  // MARK: Normalizers

  /// The steps of `normalizer`.
  func steps() throws(CheckpointError) -> [TextStep] {
    guard let normalizer = document["normalizer"], normalizer != .null else { return [] }
    let steps = try Self.steps(of: normalizer)
    try TextStep.requireBounded(steps)
    return steps
  }

  private static func steps(of value: OrderedJSON) throws(CheckpointError) -> [TextStep] {
    let type = value["type"]?.text ?? ""
    switch type {
    case "Sequence":
      var steps: [TextStep] = []
      for part in value["normalizers"]?.array ?? [] { steps += try Self.steps(of: part) }
      return steps
    case "NFC": return [.libraryCompose]
    case "NFD": return [.libraryDecompose]
    case "Lowercase": return [.libraryLowerCase]
    case "StripAccents": return [.libraryRemoveMarks]
    case "Strip":
      return [.libraryStrip(left: value["strip_left"]?.bool ?? true, right: value["strip_right"]?.bool ?? true)]
    case "Prepend": return [.prepend(value["prepend"]?.scalars ?? [])]
    case "Replace": return [try replacement(value)]
    case "BertNormalizer": return bertSteps(value)
    case "Precompiled": return try precompiled(value)
    default: throw fault(.unsupported, "normalizer", "the normalizer \"\(type)\" is not supported")
    }
  }

  private static func bertSteps(_ value: OrderedJSON) -> [TextStep] {
    let lowercase = value["lowercase"]?.bool ?? true
    var steps: [TextStep] = []
    if value["clean_text"]?.bool ?? true { steps.append(.libraryClean) }
    if value["handle_chinese_chars"]?.bool ?? true { steps.append(.spaceIdeographs(.library)) }
    if value["strip_accents"]?.bool ?? lowercase { steps.append(.libraryRemoveAccents) }
    if lowercase { steps.append(.libraryLowerCase) }
    return steps
  }

  private static func precompiled(_ value: OrderedJSON) throws(CheckpointError) -> [TextStep] {
    guard let text = value["precompiled_charsmap"]?.bytes else { return [] }
    if text.isEmpty { return [] }
    guard let bytes = Base64.decode(text) else {
      throw fault(.malformed, "precompiled_charsmap", "its \(text.count) letters are not base64")
    }
    return [.precompiled(try CharacterMap(bytes))]
  }

  private static func replacement(_ value: OrderedJSON) throws(CheckpointError) -> TextStep {
    let content = value["content"]?.scalars ?? []
    if let pattern = value["pattern"]?["String"]?.scalars, !pattern.isEmpty {
      return .replace(pattern, with: content)
    }
    let pattern = value["pattern"]?["Regex"]?.text ?? ""
    switch pattern {
    case "\\s+": return .replaceRuns(of: .libraryWhiteSpace, atLeast: 1, with: content)
    case " {2,}": return .replaceRuns(of: .spaces, atLeast: 2, with: content)
    case "[!\"#$%&'()*+,-./:;<=>?@\\[\\\\\\]^_`{|}~]" where content.isEmpty,
      "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~]" where content.isEmpty:
      return .removePunctuation
    default:
      throw fault(.unsupported, "normalizer", "the pattern \"\(pattern.prefix(80))\" of a replacement is not supported")
    }
  }

  // MARK: Division

  /// The division of `pre_tokenizer`.
  func division() throws(CheckpointError) -> Division {
    guard let value = document["pre_tokenizer"], value != .null else { return .none }
    var parts = [value]
    if value["type"]?.text == "Sequence" { parts = value["pretokenizers"]?.array ?? [] }
    let types = parts.map { $0["type"]?.text ?? "" }
    switch types {
    case ["Metaspace"]: return .metaspace(try Self.metaspace(parts[0], isAfterWhiteSpace: false))
    case ["WhitespaceSplit", "Metaspace"]: return .metaspace(try Self.metaspace(parts[1], isAfterWhiteSpace: true))
    case ["BertPreTokenizer"]: return .bert
    case ["Split"] where parts[0]["pattern"]?["String"]?.text == " ":
      let behavior = parts[0]["behavior"]?.text ?? ""
      guard behavior == "MergedWithPrevious", parts[0]["invert"]?.bool != true else {
        throw Self.fault(.unsupported, "pre_tokenizer", "a split on spaces by \"\(behavior)\" is not supported")
      }
      return .afterSpaces
    case ["Split", "ByteLevel"]: return .clip(try Self.wordPattern(parts[0], parts[1]))
    default:
      throw Self.fault(
        .unsupported, "pre_tokenizer",
        "\(types.joined(separator: ", ")) is not supported; known are those of CLIP, T5, Gemma and BERT")
    }
  }

  private static func metaspace(
    _ value: OrderedJSON, isAfterWhiteSpace: Bool
  ) throws(CheckpointError) -> Division.Metaspace {
    guard value["replacement"]?.scalars ?? [SentencePieceNormalizer.mark] == [SentencePieceNormalizer.mark] else {
      throw fault(
        .unsupported, "pre_tokenizer", "the replacement is \"\(value["replacement"]?.text ?? "")\", supported is \"▁\"")
    }
    let scheme: Division.Metaspace.Scheme
    switch value["prepend_scheme"]?.text {
    case "first": scheme = .first
    case "never": scheme = .never
    default: scheme = value["add_prefix_space"]?.bool == false ? .never : .always
    }
    return Division.Metaspace(
      scheme: scheme, splits: value["split"]?.bool ?? true, isAfterWhiteSpace: isAfterWhiteSpace)
  }

  private static func wordPattern(_ split: OrderedJSON, _ byteLevel: OrderedJSON) throws(CheckpointError) -> WordPattern
  {
    let known = "'s|'t|'re|'ve|'m|'ll|'d|[\\p{L}]+|[\\p{N}]|[^\\s\\p{L}\\p{N}]+"
    let pattern = split["pattern"]?["Regex"]?.text ?? ""
    let isKnown = pattern == known || pattern == "<\\|startoftext\\|>|<\\|endoftext\\|>|" + known
    guard isKnown, split["behavior"]?.text == "Removed", split["invert"]?.bool == true,
      byteLevel["add_prefix_space"]?.bool == false
    else {
      throw fault(.unsupported, "pre_tokenizer", "the pattern \"\(pattern.prefix(120))\" is not that of CLIP")
    }
    let divides = byteLevel["use_regex"]?.bool ?? true
    return WordPattern(
      engine: .library, marks: pattern == known ? .none : divides ? .divided : .words, spelling: .bars)
  }
}
