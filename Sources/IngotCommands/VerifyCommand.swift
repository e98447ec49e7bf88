// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotSafetensors
import IngotTensor

/// `ingot verify`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that a model is intact and computes what another one computed.",
    discussion: """
      First every digest in the file is checked. With --against, the model is then run on the same inputs as a golden bundle of the original \
      framework, or beside a checkpoint or another .ingot file. Exit code 1 when a figure is out of tolerance.
      """)

  @Argument(help: "The .ingot file to check.")
  var model: String

  @Option(name: .long, help: "A golden bundle (safetensors), a checkpoint, or another .ingot file.")
  var against: String?

  @Option(name: .long, help: "Key of the state dict, when --against names a training checkpoint.")
  var stateDict: String?

  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var page: PageOptions

  func validate() throws {
    if page.path != nil, against == nil { throw ValidationError("--report needs --against: a page shows a comparison") }
  }

  func run() throws {
    let loaded = try LoadedModel.open(model)
    guard case .ingot(let file) = loaded.source.content else {
      throw InputError(
        path: model,
        cause: CheckpointError(
          .unsupported, .ingot, "found a \(loaded.source.container) file, expected .ingot; `ingot convert` makes one"))
    }
    try reading(model) { try file.verifyIntegrity() }
    guard let against else { return showIntegrity(file) }
    let pageFile = try page.create()
    let subject = VerificationSubject(
      name: model, encoding: loaded.encoding, provenance: loaded.provenance, checkpoint: file)
    let result = try compare(loaded, subject, against)
    if let pageFile { try pageFile.write(result.page(evidence(loaded, file, against))) }
    if report.json {
      Console.json(result)
    } else {
      for line in result.summary { Console.print(line) }
    }
    if !result.passed { throw ExitCode(1) }
  }

  private func compare(_ loaded: LoadedModel, _ subject: VerificationSubject, _ path: String) throws -> FidelityReport {
    let encoder = try loaded.encoder(Float.self, activations: computing.activations)
    let other = try reading(path) { try Source(path: path) }
    if case .safetensors(let bundle) = other.content, GoldenBundle.isBundle(bundle) {
      return try reading(path) {
        try Verifier.verify(encoder, subject, against: GoldenBundle(bundle), named: path, computing.compute)
      }
    }
    let reference = try LoadedModel.open(path, like: loaded, stateDict: stateDict)
    return try Verifier.verify(
      encoder, subject, against: reference.encoder(Float.self, activations: computing.activations), named: path,
      inputs: nil, computing.compute)
  }

  private func showIntegrity(_ file: IngotFile) {
    if report.json {
      Console.json(
        IntegrityDocument(passed: true, model: model, root: file.rootDigest.description, tensors: file.tensors.count))
    } else {
      Console.print("\(model): intact, \(file.tensors.count) tensors, root \(file.rootDigest)")
      Console.print("nothing to compare with: --against names a golden bundle, a checkpoint or another .ingot file")
    }
  }
}

/// What `verify --json` prints when there is nothing to compare with.
private struct IntegrityDocument: Encodable {
  let passed: Bool
  let model: String
  let root: String
  let tensors: Int
}
