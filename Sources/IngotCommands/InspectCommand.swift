// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotTensor
import IngotTorch

/// `ingot inspect`.
struct InspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Show what is in a checkpoint or an .ingot file, without reading tensor data.",
    discussion: "A pickle that names an executable function is shown, never run, and the exit code is 77.")

  @Argument(help: "A PyTorch archive, a safetensors file or an .ingot file.")
  var file: String

  @Flag(name: .long, help: "Show the SHA-256 of every tensor's contiguous little-endian bytes.")
  var checksums = false

  @OptionGroup var report: ReportOptions

  func run() throws {
    let source = try reading(file) {
      try Source(path: file, policy: TorchCheckpoint.Policy(dangerous: .report))
    }
    let document = try reading(file) { try InspectionDocument(source, path: file, checksums: checksums) }
    if report.json { Console.json(document) } else { document.print() }
    let dangerous = document.globals.filter { $0.verdict == "dangerous" }.map(\.name)
    if !dangerous.isEmpty {
      Console.error("\(file): names executable code, which was not run: \(dangerous.joined(separator: ", "))")
      throw ExitCode(77)
    }
  }
}
