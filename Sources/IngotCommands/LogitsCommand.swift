// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotFidelity
import IngotSafetensors
import IngotTensor

/// `ingot logits`.
struct LogitsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "logits",
    abstract: "Run a model on the inputs of a bundle and write embeddings and logits.",
    discussion:
      "The output has the names of a golden bundle: image_embeds, text_embeds, logits_per_image, and with --hidden the output of each block."
  )

  @Argument(help: "An .ingot file or a checkpoint.")
  var model: String

  @Option(name: .long, help: "A safetensors file with pixel_values [B, 3, H, W] and input_ids [N, L].")
  var inputs: String

  @OptionGroup var output: OutputOptions

  @Flag(name: .long, help: "Write the output of each block as well.")
  var hidden = false

  @Option(name: .long, help: "float32, or float64 as a reference.")
  var precision: Precision = .float32

  @Option(name: .long, help: "Images or texts computed together; changes memory, not results.")
  var batch = 16

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if batch < 1 { throw ValidationError("--batch is \(batch); it must be at least 1") }
  }

  func run() throws {
    let loaded = try LoadedModel.open(model, modelOptions.options, stateDict: modelOptions.stateDict)
    let bundle = try reading(inputs) { try GoldenBundle(SafetensorsFile(MappedFile(path: inputs))) }
    switch precision {
    case .float32: try run(loaded.encoder(Float.self, activations: computing.activations), bundle)
    case .float64: try run(loaded.encoder(Double.self, activations: computing.activations), bundle)
    }
  }

  private func run<R: Real>(_ encoder: CLIPEncoder<R>, _ bundle: GoldenBundle) throws {
    let outputs = try ModelOutputs(
      running: encoder, on: bundle, batch: batch, computing.compute, hidden: hidden ? .all : .none)
    try outputs.write(to: output.output, existing: output.existing)
    if report.json {
      Console.json(LogitsDocument(output: output.output, images: bundle.imageCount, texts: bundle.texts.count))
    } else {
      Console.print("\(output.output): \(bundle.imageCount) images, \(bundle.texts.count) texts")
    }
  }
}

/// What `logits --json` prints.
private struct LogitsDocument: Encodable {
  let output: String
  let images: Int
  let texts: Int
}
