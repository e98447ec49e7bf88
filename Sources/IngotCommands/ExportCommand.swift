// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotConversion

/// `ingot export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the tensors of a model or checkpoint as a safetensors file.",
    discussion: """
      Tensors have the names, types and bytes of the original checkpoint; what an .ingot file holds quantized becomes float32. \
      Tensors that share memory are written out each.
      """)

  enum Format: String, ExpressibleByArgument { case safetensors }

  @Argument(help: "An .ingot file or a checkpoint.")
  var source: String

  @Option(name: .long, help: "The format: safetensors.")
  var format: Format = .safetensors

  @OptionGroup var target: OutputOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let opened = try reading(source) { try Source(path: source) }
    let result = try reading(source) { try Exporter.export(opened, to: target.output, existing: target.existing) }
    let document = ExportDocument(
      source: source, output: target.output, tensors: result.tensors, decoded: result.decoded.sorted(),
      aliases: result.aliases, left: result.left)
    if report.json { Console.json(document) } else { document.print() }
  }
}

/// What `export` shows; `--json` prints it as it is.
struct ExportDocument: Encodable {
  let source: String
  let output: String
  let tensors: Int
  let decoded: [String]
  let aliases: [String: String]
  let left: [String]

  /// The same for people.
  func print() {
    for entry in left { Console.print("not a tensor: \(entry)") }
    for (name, kept) in aliases.sorted(by: { $0.key < $1.key }) {
      Console.print("\(name) shares the memory of \(kept), and was written for itself")
    }
    if !decoded.isEmpty { Console.print("\(decoded.count) quantized tensors were written as float32") }
    Console.print("\(source) → \(output): \(tensors) tensors")
  }
}
