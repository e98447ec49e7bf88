// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension BytePairTokenizer {
  private static let tableName = "vocab.json"
  private static let mergesName = "merges.txt"
  private static let openAINames = ["bpe_simple_vocab_16e6.txt.gz", "bpe_simple_vocab_16e6.txt"]

  /// Reads a vocabulary from a file or a folder, whichever form it has.
  ///
  /// - Parameter path: OpenAI's list of merges, compressed or not; or a `vocab.json` with `merges.txt` beside it; or a folder
  ///   that holds either, where `vocab.json` goes first.
  /// - Returns: the tokenizer.
  /// - Throws: `FileError` when a file is missing; `CheckpointError` when one is not a vocabulary.
  public static func load(path: String) throws -> BytePairTokenizer {
    // Opening a name below a file that is no folder fails like one that is not there.
    if let table = try? MappedFile(path: "\(path)/\(tableName)") {
      return try load(table, mergesIn: path)
    }
    for name in openAINames {
      if let file = try? MappedFile(path: "\(path)/\(name)") {
        return try BytePairTokenizer(openAIVocabulary: file.bytes)
      }
    }
    let file: MappedFile
    do {
      file = try MappedFile(path: path)
    } catch {
      throw FileError(
        error.code, path: path,
        error.detail
          + "; a tokenizer is \(openAINames[0]), \(tableName) with \(mergesName), or a folder that holds them")
    }
    guard isJSON(file.bytes) else { return try BytePairTokenizer(openAIVocabulary: file.bytes) }
    let folder = path.lastIndex(of: "/").map { String(path[..<$0]) } ?? "."
    return try load(file, mergesIn: folder.isEmpty ? "/" : folder)
  }

  private static func load(_ table: MappedFile, mergesIn folder: String) throws -> BytePairTokenizer {
    let merges = try MappedFile(path: "\(folder)/\(mergesName)")
    return try BytePairTokenizer(vocabularyJSON: table.bytes, merges: merges.bytes)
  }

  /// Whether the first byte that is not white space opens an object.
  private static func isJSON(_ bytes: RawSpan) -> Bool {
    var index = 0
    while index < bytes.byteCount, [0x20, 0x09, 0x0A, 0x0D].contains(bytes[byte: index]) { index += 1 }
    return index < bytes.byteCount && bytes[byte: index] == UInt8(ascii: "{")
  }
}
