// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotConversion

extension Naming: ExpressibleByArgument {}

/// `ingot export`.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the tensors of a model or checkpoint as a safetensors file.",
    discussion: """
      Tensors have the names, types and bytes of the original checkpoint; what an .ingot file holds quantized becomes float32. \
      Tensors that share memory are written out each.

      With --naming the names, layouts and configuration files are those of a library, which loads the result as it is: \
      huggingface writes model.safetensors, config.json and preprocessor_config.json, openclip writes open_clip_model.safetensors \
      and open_clip_config.json, openai writes model.safetensors. The output is then a folder, or the weights alone when it ends in \
      .safetensors. A model that the library's code cannot compute is refused, with each constant that stands against it.
      """)

  enum Format: String, ExpressibleByArgument { case safetensors }

  @Argument(help: "An .ingot file or a checkpoint.")
  var source: String

  @Option(name: .long, help: "The format: safetensors.")
  var format: Format = .safetensors

  @Option(name: .long, help: "Whose names: openai, openclip or huggingface (default: the source's own).")
  var naming: Naming?

  @OptionGroup var target: OutputOptions
  @OptionGroup var model: ModelOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if naming == nil, model.options != IngotCLIP.ModelOptions() || model.stateDict != nil {
      throw ValidationError("options of a model apply with --naming; without it every tensor is written as it is")
    }
  }

  func run() throws {
    let opened = try reading(source) { try Source(path: source) }
    let result = try reading(source) {
      guard let naming else { return try Exporter.export(opened, to: target.output, existing: target.existing) }
      return try Exporter.export(
        opened, as: naming, options: model.options, stateDict: model.stateDict, to: target.output,
        existing: target.existing)
    }
    let document = ExportDocument(
      source: source, output: target.output, naming: naming?.rawValue, loader: result.loader, files: result.files,
      tensors: result.tensors, decoded: result.decoded.sorted(), aliases: result.aliases, left: result.left,
      notes: result.notes)
    if report.json { Console.json(document) } else { document.print() }
  }
}

/// What `export` shows; `--json` prints it as it is.
struct ExportDocument: Encodable {
  let source: String
  let output: String
  let naming: String?
  let loader: String?
  let files: [String]
  let tensors: Int
  let decoded: [String]
  let aliases: [String: String]
  let left: [String]
  let notes: [String]

  /// The same for people.
  func print() {
    for entry in left { Console.print("\(naming == nil ? "not a tensor" : "left"): \(entry)") }
    for (name, kept) in aliases.sorted(by: { $0.key < $1.key }) {
      Console.print("\(name) shares the memory of \(kept), and was written for itself")
    }
    if !decoded.isEmpty { Console.print("\(decoded.count) quantized tensors were written as float32") }
    for note in notes { Console.print("note: \(note)") }
    Console.print("\(source) → \(files.joined(separator: ", ")): \(tensors) tensors")
    if let loader { Console.print("  for \(loader)") }
  }
}
