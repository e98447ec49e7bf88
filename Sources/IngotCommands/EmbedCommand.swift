// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotNumPy
import IngotSafetensors
import IngotTensor

/// `ingot embed`.
struct EmbedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "embed",
    abstract: "Embed images or texts.",
    discussion: """
      Writes float32, one row for each input in order, projected and of unit length: a .npy file, or where the output ends in .safetensors, \
      the tensor image_embeds or text_embeds.
      """)

  @Argument(help: "An .ingot file or a checkpoint.")
  var model: String

  @Option(name: .long, parsing: .upToNextOption, help: "PNG or JPEG files.")
  var images: [String] = []

  @Option(name: .long, help: "A text file, one text a line.")
  var texts: String?

  @Option(name: .long, help: "Vocabulary, where the model has none embedded.")
  var tokenizer: String?

  @OptionGroup var output: OutputOptions
  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if images.isEmpty == (texts == nil) { throw ValidationError("name either --images or --texts") }
  }

  func run() throws {
    let loaded = try LoadedModel.open(model, modelOptions.options, stateDict: modelOptions.stateDict)
    let encoder = try loaded.encoder(Float.self, activations: computing.activations)
    let embeddings =
      try texts.map { try embed(texts: $0, loaded, encoder) } ?? embedImages(images, encoder, computing.compute)
    if output.output.hasSuffix(".safetensors") {
      try write(embeddings, named: texts == nil ? "image_embeds" : "text_embeds")
    } else {
      try NumPyArrayWriter.write(embeddings, to: output.output, existing: output.existing)
    }
    if report.json {
      Console.json(EmbeddingDocument(output: output.output, rows: embeddings.rows, width: embeddings.columns))
    } else {
      Console.print("\(output.output): \(embeddings.rows) × \(embeddings.columns)")
    }
  }

  private func write(_ embeddings: Matrix<Float>, named name: String) throws {
    guard let shape = Shape(checking: [embeddings.rows, embeddings.columns]),
      let tensor = TensorDescriptor(name: name, type: .float32, shape: shape, access: .assembled)
    else { preconditionFailure("what is in memory has a size") }
    let bytes = embeddings.values.withRawSpan { $0.copied() }
    try SafetensorsWriter.write(
      path: output.output, existing: output.existing, tensors: [(descriptor: tensor, bytes: bytes)], metadata: [:])
  }

  private func embed(texts path: String, _ loaded: LoadedModel, _ encoder: CLIPEncoder<Float>) throws -> Matrix<Float> {
    let vocabulary = try loaded.tokenizer(at: tokenizer)
    let context = try encoder.configuration.requireText().contextLength
    let tokens = try reading(path) {
      try vocabulary.rows(for: lines(ofFile: path), contextLength: context)
    }
    return try encoder.embedTexts(tokens, computing.compute)
  }
}

/// What `embed --json` prints.
private struct EmbeddingDocument: Encodable {
  let output: String
  let rows: Int
  let width: Int
}
