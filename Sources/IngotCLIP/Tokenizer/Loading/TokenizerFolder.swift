// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The files that a tokenizer is published in: what is there, and what those beside the vocabulary say.
struct TokenizerFolder {
  /// A vocabulary in one of its forms.
  enum Vocabulary {
    /// `tokenizer.json`.
    case document(TokenizerDocument)
    /// `vocab.json` and `merges.txt`, or a list of merges alone.
    case bytePair(BytePairTokenizer, isOpenAIList: Bool)
    /// A SentencePiece model.
    case sentencePiece(SentencePieceFile)
    /// `vocab.txt`: a token a line.
    case lines([[UInt8]])

    /// What it is, for messages.
    var title: String {
      switch self {
      case .document: "tokenizer.json"
      case .bytePair(_, true): "a list of merges"
      case .bytePair: "vocab.json with merges.txt"
      case .sentencePiece: "a SentencePiece model"
      case .lines: "vocab.txt"
      }
    }
  }

  static let documentName = "tokenizer.json"
  static let tableName = "vocab.json"
  static let mergesName = "merges.txt"
  static let linesName = "vocab.txt"
  static let openAINames = ["bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"]
  static let modelNames = ["spiece.model", "tokenizer.model", "sentencepiece.model"]
  private static let largestConfiguration = 1 << 24

  /// The folder, or the one that the file is in.
  let folder: String
  /// The file, when one was named.
  let file: String?

  init(path: String) {
    let isFolder = (try? MappedFile(path: path)) == nil
    guard !isFolder else {
      (folder, file) = (path, nil)
      return
    }
    let parent = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    (folder, file) = (parent.isEmpty ? "/" : parent, path)
  }

  /// The document of a name beside the vocabulary, `nil` when there is none.
  func configuration(_ name: String) throws -> OrderedJSON? {
    guard let file = open(name) else { return nil }
    guard file.bytes.byteCount <= Self.largestConfiguration else {
      throw CheckpointError(
        .limit, .tokenizer, subject: name,
        "\(file.bytes.byteCount) bytes, allowed are \(Self.largestConfiguration)")
    }
    return try OrderedJSONReader.read(file.bytes.copied(), name)
  }

  /// Opens a file of the folder, `nil` when there is none of that name.
  private func open(_ name: String) -> MappedFile? { try? MappedFile(path: "\(folder)/\(name)") }

  /// Whether the folder, or the one file that was named, has a form of vocabulary.
  func has(_ names: [String]) -> Bool {
    if let file { return names.contains { file == $0 || file.hasSuffix("/" + $0) } }
    return names.contains { open($0) != nil }
  }

  /// Reads the vocabulary: the file that was named, or the first of these forms that the folder has.
  ///
  /// - Parameter order: names of files.
  /// - Returns: what the file holds.
  /// - Throws: `FileError` when there is none.
  func vocabulary(_ order: [String]) throws -> Vocabulary {
    if let file { return try vocabulary(of: MappedFile(path: file)) }
    for name in order {
      guard let file = open(name) else { continue }
      switch name {
      case Self.documentName: return .document(try TokenizerDocument(file.bytes.copied()))
      case Self.tableName: return try bytePair(file)
      case Self.linesName: return .lines(try Self.lines(of: file.bytes.copied()))
      case _ where Self.modelNames.contains(name): return .sentencePiece(try SentencePieceFile(file.bytes))
      default: return .bytePair(try BytePairTokenizer(openAIVocabulary: file.bytes), isOpenAIList: true)
      }
    }
    throw FileError(
      .inputMissing, path: folder,
      "no tokenizer; one of \(order.joined(separator: ", ")) is expected, or a folder that holds it")
  }

  /// All forms, those first that say most.
  static let allNames = [documentName, tableName] + openAINames + modelNames + [linesName]

  /// Reads a file by its content.
  private func vocabulary(of file: MappedFile) throws -> Vocabulary {
    let bytes = file.bytes
    var index = 0
    while index < bytes.byteCount, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[byte: index]) { index += 1 }
    let first = index < bytes.byteCount ? bytes[byte: index] : 0
    if first == UInt8(ascii: "{") {
      let isDocument = bytes.contains(Array("\"model\"".utf8)) && bytes.contains(Array("\"added_tokens\"".utf8))
      return isDocument ? .document(try TokenizerDocument(bytes.copied())) : try bytePair(file)
    }
    if bytes.byteCount > 2, bytes[byte: 0] == 0x0A, bytes[byte: 1] != 0, !bytes.startsWithVersion {
      return .sentencePiece(try SentencePieceFile(bytes))
    }
    let isList = bytes.byteCount >= 2 && bytes[byte: 0] == 0x1F && bytes[byte: 1] == 0x8B || bytes.startsWithVersion
    let isTable = bytes.byteCount > 0 && bytes[byte: 0] == UInt8(ascii: "[")
    if !isList, isTable || self.file?.hasSuffix(Self.linesName) == true {
      return .lines(try Self.lines(of: bytes.copied()))
    }
    return .bytePair(try BytePairTokenizer(openAIVocabulary: bytes), isOpenAIList: true)
  }

  private func bytePair(_ table: MappedFile) throws -> Vocabulary {
    let merges = try MappedFile(path: "\(folder)/\(Self.mergesName)")
    return .bytePair(
      try BytePairTokenizer(vocabularyJSON: table.bytes, merges: merges.bytes), isOpenAIList: false)
  }

  /// The tokens of `vocab.txt`, by id: a line each, without white space at its end.
  static func lines(of bytes: [UInt8]) throws(CheckpointError) -> [[UInt8]] {
    func fault(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
      CheckpointError(code, .tokenizer, subject: linesName, detail)
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw fault(.malformed, "the \(bytes.count) bytes are not valid UTF-8")
    }
    var lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    var tokens: [[UInt8]] = []
    tokens.reserveCapacity(lines.count)
    var seen: [[UInt8]: Int] = [:]
    for (index, line) in lines.enumerated() {
      let end = line.lastIndex { !PythonClass.space.contains($0) }.map { line.index(after: $0) } ?? line.startIndex
      let token = Array(String(line[..<end]).utf8)
      if let before = seen.updateValue(index, forKey: token) {
        throw fault(
          .corrupt, "lines \(before + 1) and \(index + 1) are both \"\(String(decoding: token, as: UTF8.self))\"")
      }
      tokens.append(token)
    }
    guard !tokens.isEmpty else { throw fault(.missing, "there is no token") }
    return tokens
  }
}

extension RawSpan {
  /// Whether the first line holds `#version`, as that of a list of merges does.
  fileprivate var startsWithVersion: Bool {
    let head = extracting(0..<Swift.min(byteCount, 256)).copied().prefix { $0 != UInt8(ascii: "\n") }
    return String(decoding: head, as: UTF8.self).contains("#version")
  }

  /// Whether the bytes occur.
  fileprivate func contains(_ pattern: [UInt8]) -> Bool {
    guard let first = pattern.first else { return true }
    var start = 0
    while let place = extracting(start..<byteCount).firstIndex(of: first) {
      let begin = start + place
      guard begin + pattern.count <= byteCount else { return false }
      if extracting(begin..<begin + pattern.count).copied() == pattern { return true }
      start = begin + 1
    }
    return false
  }
}
