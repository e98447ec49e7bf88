// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotFile
import IngotNumPy
import IngotTensor

extension TokenizerHints.Library: ExpressibleByArgument {}
extension TokenizerHints.Cleaning: ExpressibleByArgument {}

/// Whose rules a tokenizer follows, where its files do not say.
struct TokenizerOptions: ParsableArguments {
  @Option(name: .long, help: "Whose rules the tokenizer follows (default: what the files beside it say).")
  var library: TokenizerHints.Library?

  @Option(name: .long, help: "model_type of the model, for example siglip.")
  var modelType: String?

  @Option(name: .long, help: "tokenizer_class, for example SiglipTokenizer.")
  var tokenizerClass: String?

  @Option(name: .long, help: "How open_clip cleans texts.")
  var clean: TokenizerHints.Cleaning?

  @Flag(name: .long, help: "Make the separator zero, as open_clip does for CLIPA.")
  var stripSeparator = false

  var hints: TokenizerHints {
    TokenizerHints(
      library: library, modelType: modelType, tokenizerClass: tokenizerClass, cleaning: clean,
      stripsSeparator: stripSeparator ? true : nil)
  }

  var isEmpty: Bool { hints == TokenizerHints() }
}

/// `ingot tokenize`.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize",
    abstract: "Turn texts into the rows of ids that a model takes.",
    discussion: "Writes an int32 .npy file, one row for each text in order; without --output the rows are printed.")

  @Argument(help: "An .ingot file, a tokenizer's file, or a folder that holds one.")
  var model: String

  @Option(name: .long, help: "A text file, one text a line.")
  var texts: String

  @Option(name: .long, help: "Ids in a row (default: what the model takes, 77 for a tokenizer by itself).")
  var contextLength: Int?

  @Flag(name: .long, help: "Cut texts that are too long (default: as the original library does).")
  var truncate = false

  @Option(name: .shortAndLong, help: "The .npy file to write.")
  var output: String?

  @Flag(name: .long, help: "Replace the output if it exists.")
  var force = false

  @OptionGroup var tokenizer: TokenizerOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if let contextLength, contextLength < 1 || contextLength > 1 << 20 {
      throw ValidationError("--context-length is \(contextLength); allowed are 1 to \(1 << 20)")
    }
  }

  func run() throws {
    let opened = try open()
    let lines = try reading(texts) { try TextLines.read(texts) }
    let clock = ContinuousClock()
    let start = clock.now
    let rows = try reading(texts) {
      try opened.tokenizer.rows(
        for: lines, contextLength: opened.contextLength, overflow: truncate ? .truncate : nil, computing.compute)
    }
    let duration = clock.now - start
    if let output {
      try NumPyArrayWriter.write(
        rows: rows, columns: opened.contextLength, to: output, existing: force ? .replace : .refuse)
    }
    if report.json {
      let seconds = Double(duration.components.seconds) + Double(duration.components.attoseconds) * 1e-18
      Console.json(
        TokenizationDocument(
          output: output, rows: rows.count, contextLength: opened.contextLength,
          vocabularySize: opened.tokenizer.vocabularySize, tokenizer: "\(opened.tokenizer)", seconds: seconds,
          ids: output == nil ? rows : nil))
    } else if let output {
      Console.print("\(output): \(rows.count) × \(opened.contextLength)")
    } else {
      for row in rows { Console.print(row.map(String.init).joined(separator: " ")) }
    }
  }

  /// The tokenizer, and how many ids a row has.
  private func open() throws -> (tokenizer: Tokenizer, contextLength: Int) {
    try reading(model) {
      if let mapped = try? MappedFile(path: model), IngotFile.recognises(mapped) {
        guard tokenizer.isEmpty else {
          throw CheckpointError(
            .unsupported, .clip, subject: "tokenizer", "an .ingot file records whose rules its tokenizer follows")
        }
        let file = try IngotFile(mapped)
        guard let embedded = try file.tokenizer() else {
          throw CheckpointError(.missing, .ingot, subject: "section TOKN", "the file embeds no tokenizer")
        }
        return (embedded, try contextLength ?? file.configuration().requireText().contextLength)
      }
      return (try Tokenizer(contentsOf: model, hints: tokenizer.hints), contextLength ?? 77)
    }
  }
}

/// Reads files of one text a line.
enum TextLines {
  /// The lines of a file without their line feeds; a line feed at the end ends the last line.
  static func read(_ path: String) throws -> [String] {
    let file = try MappedFile(path: path)
    guard let text = file.bytes.utf8String() else {
      throw CheckpointError(.malformed, FormatKind(rawValue: "text"), "is not UTF-8")
    }
    var lines = text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(Substring($0))
    }
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }
}

/// What `tokenize --json` prints.
private struct TokenizationDocument: Encodable {
  let output: String?
  let rows: Int
  let contextLength: Int
  let vocabularySize: Int
  let tokenizer: String
  /// Of the tokenization alone.
  let seconds: Double
  let ids: [[Int32]]?
}
