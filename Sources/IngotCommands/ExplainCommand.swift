// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotConversion
import IngotFidelity
import IngotSafetensors
import IngotTensor

/// `ingot explain`.
struct ExplainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "explain",
    abstract: "Say which tensors a model's error comes from, and what each costs to buy back.",
    discussion: """
      Each operation is run alone in its source, and its source's alone in the model: its share of the logits' mean squared error is the mean \
      of what it adds as the first and as the last. Exit code 1 when the shares do not sum to the measured error within 10 %.
      """)

  @Argument(help: "The model: an .ingot file or a checkpoint.")
  var model: String

  @Option(name: .long, help: "What it was made of: a checkpoint or another .ingot file.")
  var against: String

  @Option(name: .long, help: "A safetensors file with pixel_values and input_ids to run on (default: made inputs).")
  var inputs: String?

  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var page: PageOptions

  @Flag(name: .long, help: "Replace the report if it exists.")
  var force = false

  func run() throws {
    let loaded = try LoadedModel.open(model)
    let source = try LoadedModel.open(against, like: loaded)
    let pageFile = try page.create(force ? .replace : .refuse)
    let inputs = try inputs.map { path in
      try reading(path) { try GoldenBundle(SafetensorsFile(MappedFile(path: path))) }
    }
    let ledger = try reading(model) {
      try Explainer(
        loaded.compared(activations: computing.activations),
        source: source.compared(activations: computing.activations), inputs: inputs, computing.compute,
        progress: Console.progress
      ).ledger()
    }
    try pageFile?.write(ledger.page(tool: Converter.toolVersion))
    if report.json {
      Console.json(ledger)
    } else {
      for line in ledger.summary { Console.print(line) }
    }
    if !ledger.closes { throw ExitCode(1) }
  }
}
