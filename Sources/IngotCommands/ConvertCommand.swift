// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotQuantization
import IngotTensor

/// `ingot convert`.
struct ConvertCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "convert",
    abstract: "Convert a checkpoint into an .ingot file.",
    discussion: """
      Reads PyTorch archives (TorchScript ones as OpenAI published them too) and safetensors without running anything from them. \
      Every tensor is accounted for: a missing, extra or mis-shaped one is an error.
      """)

  @Argument(help: "The checkpoint.")
  var source: String

  @Option(name: .shortAndLong, help: "The .ingot file to write; not needed with --dry-run.")
  var output: String?

  @Option(
    name: .long,
    help:
      "source (keep each tensor's type, lossless), float32, float16, bfloat16, int8, or int8, int6 or int4 in groups of a channel, as int4-group-64."
  )
  var encoding: EncodingScheme = .source

  @Option(
    name: .long, help: "Vocabulary to embed: bpe_simple_vocab_16e6.txt.gz, or a folder with vocab.json and merges.txt.")
  var tokenizer: String?

  @Flag(name: .long, help: "Say what would be done, and write nothing.")
  var dryRun = false

  @Flag(name: .long, help: "Replace the output if it exists.")
  var force = false

  @OptionGroup var model: ModelOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if output == nil, !dryRun { throw ValidationError("--output names the file to write (or use --dry-run)") }
  }

  func run() throws {
    var digests: DigestThread?
    let opened = try reading(source) {
      try Source(path: source) { file in if !dryRun { digests = Converter.digests(of: [file]) } }
    }
    let plan = try reading(source) {
      try ConversionPlan(opened, scheme: encoding, options: model.options, stateDict: model.stateDict)
    }
    Console.note(folder: opened)
    Console.note(selection: plan.selection)
    for tensor in plan.leftOut { Console.note("ingot: left out \(tensor)") }
    Console.note(constants: plan.configuration)
    if dryRun { return try show(plan, of: opened) }
    try reading(source) { try plan.check() }
    let vocabulary =
      try tokenizer.map { path in try reading(path) { try Tokenizer(contentsOf: path) } } ?? published(opened, plan)
    let converter = Converter(computing.compute, existing: force ? .replace : .refuse) {
      Console.progress($0, of: $1, $2)
    }
    let path = output ?? ""
    let result = try reading(source) {
      try converter.convert(opened, plan, tokenizer: vocabulary, to: path, digests: digests)
    }
    if vocabulary == nil, plan.configuration.text != nil {
      Console.note("ingot: no tokenizer embedded; --tokenizer names a vocabulary")
    }
    if report.json {
      Console.json(
        ConversionDocument(
          result, source: source, output: path, container: opened.container, family: plan.family.name,
          encoding: encoding.rawValue,
          ignored: plan.ignored))
    } else {
      ConversionSummary.print(result, source: source, output: path, encoding: encoding.rawValue)
    }
  }

  /// The tokenizer beside the weights; one that cannot be used is passed over, and the person told why.
  private func published(_ source: Source, _ plan: ConversionPlan) -> Tokenizer? {
    do {
      guard let tokenizer = try source.tokenizer(for: plan.configuration) else { return nil }
      Console.note("ingot: took the \(tokenizer) beside the weights")
      return tokenizer
    } catch {
      Console.note("ingot: the tokenizer beside the weights was not taken: \(error)")
      return nil
    }
  }

  private func show(_ plan: ConversionPlan, of source: Source) throws {
    if report.json {
      Console.json(PlanDocument(plan, source: self.source, container: source.container))
    } else {
      for line in table(
        plan.copies.map { copy in
          [
            copy.sourceName, "→ \(copy.target.name)", "\(copy.target.shape)", copy.sourceType.rawValue,
            copy.target.encoding == .plain ? copy.target.type.rawValue : copy.target.encoding.label,
          ]
        })
      { Console.print(line) }
      let bytes = plan.copies.reduce(0) { $0 + $1.target.byteCount }
      Console.print(
        "\(plan.copies.count) tensors, \(grouped(bytes)) bytes of data as \(encoding.rawValue); nothing was written")
    }
    try reading(self.source) { try plan.check() }
  }
}
