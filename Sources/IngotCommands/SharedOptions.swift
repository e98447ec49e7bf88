// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotQuantization
import IngotTensor

extension EncodingScheme: ExpressibleByArgument {}
extension Compute.InstructionPath: ExpressibleByArgument {}
extension Precision: ExpressibleByArgument {}

/// The activations that a person may name.
enum ActivationOption: String, ExpressibleByArgument, CaseIterable {
  case gelu
  case quickGELU = "quick-gelu"

  var activation: Activation {
    switch self {
    case .gelu: .gelu
    case .quickGELU: .quickGELU
    }
  }
}

/// How results are shown.
struct ReportOptions: ParsableArguments {
  @Flag(name: .long, help: "Print one JSON document on standard output and nothing else there.")
  var json = false
}

/// How to compute; changes speed only.
struct ComputeOptions: ParsableArguments {
  @Option(name: .long, help: "How many threads share the work (default: all processors).")
  var threads: Int?

  @Option(
    name: .long,
    help: "Instructions to compute with: plain or avx2 (default: the best this machine has). Results are the same bits."
  )
  var instructions: Compute.InstructionPath?

  func validate() throws {
    if let threads, threads < 1 || threads > 1024 {
      throw ValidationError("--threads is \(threads); allowed are 1 to 1024")
    }
    if let instructions, !instructions.isAvailable {
      throw ValidationError("--instructions \(instructions.rawValue) is not available on this machine")
    }
  }

  var compute: Compute {
    Compute(path: instructions ?? .best, threads: threads ?? Compute.processorCount)
  }
}

/// Where output goes.
struct OutputOptions: ParsableArguments {
  @Option(name: .shortAndLong, help: "The file to write.")
  var output: String

  @Flag(name: .long, help: "Replace the output if it exists.")
  var force = false

  var existing: AtomicFile.Existing { force ? .replace : .refuse }
}

/// What a person may say of a model when its file does not.
struct ModelOptions: ParsableArguments {
  @Option(name: .long, help: "Activation of the MLPs: quick-gelu (all of OpenAI's models) or gelu.")
  var activation: ActivationOption?

  @Option(
    name: .long,
    help: "Key of the state dict in a training checkpoint, for example state_dict_ema (default: found by itself).")
  var stateDict: String?

  var options: Family.Options { Family.Options(activation: activation?.activation) }
}
