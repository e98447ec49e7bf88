// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotCLIP
import IngotTensor

/// `ingot bench`.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Measure how fast a model runs on this machine.",
    discussion: """
      Embeds made images or texts again and again, within one process, and says how many a second: for each batch size the best run and the \
      median. Texts fill the model's whole length; --tokens makes them shorter, which costs less because padding is not computed.
      """)

  @Argument(help: "An .ingot file or a checkpoint.")
  var model: String

  @Flag(name: .long, help: "Measure the image tower (default).")
  var images = false

  @Flag(name: .long, help: "Measure the text tower.")
  var texts = false

  @Option(name: .long, help: "Batch sizes, comma-separated.")
  var batch = "1,8,32"

  @Option(name: .long, help: "Tokens of each text, start and end included (default: all the model takes).")
  var tokens: Int?

  @Option(name: .long, help: "Seconds to measure each batch size; one run is made in any case.")
  var seconds = 2.0

  @OptionGroup var modelOptions: ModelOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  private var batches: [Int] { batch.split(separator: ",").map { Int($0) ?? 0 } }

  func validate() throws {
    if images, texts { throw ValidationError("name either --images or --texts") }
    if batches.isEmpty || batches.contains(where: { $0 < 1 || $0 > 4096 }) {
      throw ValidationError("--batch is \(batch); expected numbers from 1 to 4096, as in 1,8,32")
    }
    if !(seconds > 0 && seconds <= 600) {
      throw ValidationError("--seconds is \(seconds); expected more than 0, at most 600")
    }
  }

  func run() throws {
    let clock = ContinuousClock()
    let start = clock.now
    let loaded = try LoadedModel.open(model, modelOptions.options, stateDict: modelOptions.stateDict)
    let encoder = try loaded.encoder(Float.self, activations: computing.activations)
    let opening = clock.now - start
    let compute = computing.compute
    let workload = try texts ? Workload(textsFor: encoder, tokens: tokens) : Workload(imagesFor: encoder)
    let first = try clock.measure { try workload.run(encoder, 1, compute) }
    let rows = try batches.map { batch in
      try workload.run(encoder, batch, compute)
      var times: [Duration] = []
      let begin = clock.now
      repeat {
        times.append(try clock.measure { try workload.run(encoder, batch, compute) })
      } while clock.now - begin < .seconds(seconds)
      times.sort()
      return BenchDocument.Row(
        batch: batch, runs: times.count, bestPerSecond: Double(batch) / times[0].inSeconds,
        medianPerSecond: Double(batch) / times[times.count / 2].inSeconds)
    }
    let document = BenchDocument(
      model: model, measured: texts ? "texts" : "images", tokens: workload.tokens,
      instructions: compute.path.rawValue, threads: compute.threads, activations: encoder.activations.rawValue,
      openSeconds: opening.inSeconds, firstSeconds: first.inSeconds, rows: rows)
    if report.json { Console.json(document) } else { document.lines.forEach { Console.print($0) } }
  }
}

/// What is run again and again.
private struct Workload {
  private let pixels: [Float]
  private let text: [Int32]
  let tokens: Int?

  /// Pixels that rise and fall.
  init(imagesFor encoder: CLIPEncoder<Float>) throws {
    let size = try encoder.configuration.requirePreprocessing().imageSize
    pixels = (0..<3 * size * size).map { Float($0 * 7919 % 1009) / 252 - 2 }
    text = []
    tokens = nil
  }

  /// Start, words, end, padding.
  init(textsFor encoder: CLIPEncoder<Float>, tokens: Int?) throws {
    let configuration = try encoder.configuration.requireText()
    let context = configuration.contextLength
    let length = min(max(tokens ?? context, 1), context)
    let vocabulary = configuration.vocabularySize
    let end = configuration.endToken ?? vocabulary - 1
    var text = [Int32](repeating: Int32(configuration.maskedToken ?? 0), count: context)
    for position in 0..<length - 1 {
      let token = 1 + position * 7919 % max(1, vocabulary - 2)
      text[position] = Int32(token == end || token == configuration.maskedToken ? 0 : token)
    }
    text[length - 1] = Int32(end)
    self.text = text
    pixels = []
    self.tokens = length
  }

  func run(_ encoder: CLIPEncoder<Float>, _ batch: Int, _ compute: Compute) throws {
    if tokens == nil {
      var all: [Float] = []
      all.reserveCapacity(batch * pixels.count)
      for _ in 0..<batch { all += pixels }
      _ = try encoder.embedImages(all, count: batch, batch: batch, compute)
    } else {
      _ = try encoder.embedTexts([[Int32]](repeating: text, count: batch), batch: batch, compute)
    }
  }
}

extension Duration {
  fileprivate var inSeconds: Double {
    Double(components.seconds) + Double(components.attoseconds) * 1e-18
  }
}

/// What `bench --json` prints.
private struct BenchDocument: Encodable {
  struct Row: Encodable {
    let batch: Int
    let runs: Int
    let bestPerSecond: Double
    let medianPerSecond: Double
  }

  let model: String
  let measured: String
  let tokens: Int?
  let instructions: String
  let threads: Int
  let activations: String
  let openSeconds: Double
  let firstSeconds: Double
  let rows: [Row]

  var lines: [String] {
    func figure(_ x: Double) -> String { String((x * 100).rounded() / 100) }
    return [
      "\(model): \(measured)\(tokens.map { " of \($0) tokens" } ?? ""), \(threads) threads, \(instructions)",
      "open \(figure(1000 * openSeconds)) ms, first \(figure(1000 * firstSeconds)) ms",
    ]
      + rows.map {
        "batch \($0.batch): \(figure($0.bestPerSecond)) a second at best, \(figure($0.medianPerSecond)) at the median of \($0.runs) runs"
      }
  }
}
