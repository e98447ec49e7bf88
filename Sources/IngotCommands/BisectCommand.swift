// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotFidelity
import IngotSafetensors
import IngotTensor

/// `ingot bisect`.
struct BisectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bisect",
    abstract: "Find the first operation that two models compute differently.",
    discussion: """
      Both models are run in float64 on the same inputs; what their encodings' rounding explains is left out. The first operation that differs \
      is judged in float32 against the bound of rounding analysis. With --capsule, one number of it and all that goes into it are written into \
      a file of a few KiB, which `ingot replay` and Tools/replay.py compute again. Against a golden bundle, the first block is named. \
      Exit code 1 when the models diverge.
      """)

  @Argument(help: "The model that is right: an .ingot file, a checkpoint, or a golden bundle with hidden states.")
  var reference: String

  @Argument(help: "The other model: an .ingot file or a checkpoint.")
  var model: String

  @Option(name: .long, help: "A safetensors file with pixel_values and input_ids to run on (default: made inputs).")
  var inputs: String?

  @Option(name: .long, help: "Write the first divergence into this file.")
  var capsule: String?

  @Flag(name: .long, help: "Replace the capsule if it exists.")
  var force = false

  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    var other = try LoadedModel.open(model)
    if let bundle = try bundle(at: reference) { return try block(of: other, bundle) }
    let first = try LoadedModel.open(reference, like: other)
    other = try other.smoothed(like: first)
    let inputs = try inputs.map { path in
      try reading(path) { try GoldenBundle(SafetensorsFile(MappedFile(path: path))) }
    }
    var bisector = try reading(model) {
      try Bisector(
        first.compared(activations: computing.activations), other.compared(activations: computing.activations),
        inputs: inputs, computing.compute)
    }
    let result = try bisector.run()
    if let capsule, let found = result.capsule {
      try found.write(to: capsule, existing: force ? .replace : .refuse)
    }
    if report.json {
      Console.json(result.report)
    } else {
      for line in result.report.summary { Console.print(line) }
      if let capsule {
        Console.print(
          result.capsule != nil
            ? "  capsule: \(capsule); `ingot replay \(capsule)` computes it again"
            : result.report.diverged
              ? "  no capsule: the models differ in what they compute, not in a number"
              : "  nothing to put into a capsule")
      }
    }
    if result.report.diverged { throw ExitCode(1) }
  }

  private func bundle(at path: String) throws -> GoldenBundle? {
    // A folder is a model.
    guard !Folder.exists(path) else { return nil }
    return try reading(path) {
      let file = try MappedFile(path: path)
      guard SafetensorsFile.recognises(file) else { return nil }
      let safetensors = try SafetensorsFile(file)
      return GoldenBundle.isBundle(safetensors) ? try GoldenBundle(safetensors) : nil
    }
  }

  /// Against a bundle, which has states between blocks and none within.
  private func block(of loaded: LoadedModel, _ bundle: GoldenBundle) throws {
    let subject = VerificationSubject(
      name: model, encoding: loaded.encoding, provenance: loaded.provenance, checkpoint: loaded.checkpoint)
    let result = try reading(reference) {
      try Verifier.verify(
        loaded.encoder(Float.self, activations: computing.activations), subject, against: bundle, named: reference,
        computing.compute)
    }
    if report.json {
      Console.json(result)
    } else {
      Console.print(
        result.firstDivergence.map { "\(model) parts from \(reference) in \($0); a bundle has no states within blocks" }
          ?? "\(model) and \(reference): no divergence in \(result.blocks.count) blocks")
    }
    if !result.passed { throw ExitCode(1) }
  }
}

/// `ingot replay`.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay",
    abstract: "Compute the numbers of a capsule again.",
    discussion:
      "A capsule is what `ingot bisect --capsule` writes: one number that two models compute differently, and all that goes into it. Exit code 1 when the capsule's numbers are not reproduced bit for bit."
  )

  @Argument(help: ArgumentHelp("The capsule.", valueName: "capsule"))
  var file: String

  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func run() throws {
    let (result, capsule) = try reading(file) {
      let capsule = try Capsule(SafetensorsFile(MappedFile(path: file)))
      return (try ReplayReport(capsule, computing.compute), capsule)
    }
    if report.json {
      Console.json(result)
    } else {
      let kinds = Set([result.kind, result.foundKind]).map(\.rawValue)
      let kind = kinds.count == 1 ? kinds[0] : "\(result.kind.rawValue), \(result.foundKind.rawValue) of the other"
      Console.print("\(result.operation), row \(capsule.row), column \(capsule.column): \(kind)")
      Console.print("  \(capsule.names.0): \(result.reference)")
      Console.print("  \(capsule.names.1): \(result.found)")
      Console.print(
        "  apart by \(short(result.difference)), rounding explains \(short(result.bound)): \(result.diverges ? "they diverge" : "they agree")"
      )
      Console.print(result.reproduced ? "  reproduced, bit for bit" : "  NOT the capsule's own numbers")
    }
    if !result.reproduced { throw ExitCode(1) }
  }
}
