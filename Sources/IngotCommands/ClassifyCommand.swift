// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import IngotBytes
import IngotCLIP
import IngotTensor

/// `ingot classify`.
struct ClassifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "classify",
    abstract: "Score images against labels.",
    discussion: "Each label is taken as the whole text: \"a photo of a dog\", not \"dog\".")

  @Argument(help: "An .ingot file or a checkpoint.")
  var model: String

  @Option(name: .long, help: "Texts separated by commas.")
  var labels: String

  @Option(name: .long, help: "Vocabulary, where the model has none embedded.")
  var tokenizer: String?

  @Argument(help: "PNG or JPEG files.")
  var images: [String]

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if names.isEmpty { throw ValidationError("--labels is empty") }
    if images.isEmpty { throw ValidationError("no images were named") }
  }

  private var names: [String] {
    labels.split(separator: ",").map { $0.trimmed() }.filter { !$0.isEmpty }
  }

  func run() throws {
    let loaded = try LoadedModel.open(model, modelOptions.options, stateDict: modelOptions.stateDict)
    let encoder = try loaded.encoder(Float.self, activations: computing.activations)
    let vocabulary = try loaded.tokenizer(at: tokenizer)
    let context = try encoder.configuration.requireText().contextLength
    let textEmbeddings = try encoder.embedTexts(
      vocabulary.rows(for: names, contextLength: context), computing.compute)
    let imageEmbeddings = try embedImages(images, encoder, computing.compute)
    let logits = try encoder.logits(imageEmbeddings, textEmbeddings, computing.compute)
    let results = images.indices.map { index in
      Classification(
        image: images[index], labels: names, logits: Array(logits.row(index)),
        similarity: encoder.configuration.similarity)
    }
    if report.json {
      Console.json(results)
    } else {
      for result in results {
        Console.print(result.image)
        for line in table(
          result.scores.map { ["  \((100 * $0.probability).text(decimals: 2).padded(left: 6)) %", $0.label] })
        {
          Console.print(line)
        }
      }
    }
  }
}

/// The scores of one image, best first.
private struct Classification: Encodable {
  struct Score: Encodable {
    let label: String
    let logit: Float
    let probability: Double
  }

  let image: String
  let scores: [Score]

  init(image: String, labels: [String], logits: [Float], similarity: CLIPConfiguration.Similarity) {
    self.image = image
    let probabilities: [Double]
    if similarity == .sigmoid {
      // SigLIP was trained to say of each pair alone whether it belongs together: the probabilities need not sum to one.
      probabilities = logits.map { 1 / (1 + exp(-Double($0))) }
    } else {
      let top = logits.max() ?? 0
      let weights = logits.map { exp(Double($0 - top)) }
      let total = weights.reduce(0, +)
      probabilities = weights.map { $0 / total }
    }
    scores = labels.indices.map { Score(label: labels[$0], logit: logits[$0], probability: probabilities[$0]) }
      .sorted { $0.probability > $1.probability }
  }
}
