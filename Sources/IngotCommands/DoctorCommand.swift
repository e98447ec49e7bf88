// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotFidelity
import IngotTensor

/// `ingot doctor`.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Name what is wrong with a model.",
    discussion: """
      With --against, every constant and every tensor is compared with the source, and what was done to it is named: transposed, heads \
      exchanged, positions shifted, another activation, and so on (Formats/fidelity.md has the catalogue). Alone, a model is looked at for what \
      no sound one has; a finding is a reason to look then, and not a proof. Exit code 1 when something is found.
      """)

  @Argument(help: "The model: an .ingot file or a checkpoint.")
  var model: String

  @Option(name: .long, help: "What it was made of: a checkpoint or another .ingot file.")
  var against: String?

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let loaded = try LoadedModel.open(model, modelOptions.options, stateDict: modelOptions.stateDict)
    let result: DoctorReport
    if let against {
      let source = try LoadedModel.open(against, like: loaded)
      result = try reading(model) {
        try Doctor.examine(
          loaded.compared(activations: computing.activations),
          against: source.compared(activations: computing.activations), computing.compute)
      }
    } else {
      result = try reading(model) {
        try Doctor.examine(loaded.compared(activations: computing.activations), computing.compute)
      }
    }
    if report.json {
      Console.json(result)
    } else {
      for line in result.summary { Console.print(line) }
    }
    if !result.healthy { throw ExitCode(1) }
  }
}
