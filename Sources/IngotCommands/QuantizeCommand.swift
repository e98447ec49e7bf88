// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotPlanning
import IngotQuantization
import IngotTensor

extension ScaleSearch: ExpressibleByArgument {}
extension WeightRounding: ExpressibleByArgument {}

/// `ingot quantize`.
struct QuantizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "quantize",
    abstract: "Change the encoding of an .ingot file.",
    discussion: """
      Either --encoding names one encoding for all weights, or a goal (--max-size, --min-top1, --max-kl, --min-cosine) has each tensor's encoding \
      chosen by what its errors do to the model's outputs. With one encoding, patch embedding, final projections and the table of tokens stay \
      floating-point numbers unless --quantize-all is given; a plan takes them in where that is measured to be harmless. Norms, biases \
      and the logit scale stay as they are.

      The input's own digests are checked on the way. A file that is quantized already is refused.
      """)

  @Argument(help: "The .ingot file to read.")
  var input: String

  @Option(name: .shortAndLong, help: "The .ingot file to write; not needed with --dry-run.")
  var output: String?

  @Flag(name: .long, help: "Replace the output if it exists.")
  var force = false

  @Option(
    name: .long,
    help:
      "float32, float16, bfloat16, int8 (a scale for each channel), or int8, int6 or int4 in groups, as int4-group-64.")
  var encoding: EncodingScheme?

  @OptionGroup var goal: GoalOptions

  @Option(
    name: .long,
    help:
      "Scales of integers: absmax (nothing is clipped), mse (least squared error), or activation (the same, weighted by what the weights meet in --calibration)."
  )
  var scales = ScaleSearch.absmax

  @Option(
    name: .long,
    help:
      "Rounding of integers: nearest, or gptq (what one weight's rounding does to a product is taken back by the others, as far as --calibration, or else made images and texts, show it). gptq runs the model and takes a minute or more, with a goal several times that."
  )
  var rounding = WeightRounding.nearest

  @Option(
    name: .long, parsing: .upToNextOption,
    help:
      "Inputs for --scales activation, --rounding gptq, --smooth and for measuring errors: folders of PNG and JPEG files, text files with one text a line, golden bundles."
  )
  var calibration: [String] = []

  @Option(name: .long, help: "Vocabulary for calibration texts, where the model has none embedded.")
  var tokenizer: String?

  @Flag(
    name: .long,
    help:
      "With --encoding int8 and --calibration: move outliers of activations from norms into the weights behind them, by powers of two, as far as serves int8 activations best."
  )
  var smooth = false

  @Flag(name: .long, help: "With --encoding, quantize patch embedding, final projections and the table of tokens too.")
  var quantizeAll = false

  @Option(
    name: .long,
    help:
      "Numbers in which activations meet int8 weights whenever the file is run and nothing else is said: float32, int16 or int8."
  )
  var defaultActivations: ActivationEncoding?

  @Flag(name: .long, help: "Say how large the file would be, and with a goal how far it would be off; write nothing.")
  var dryRun = false

  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions

  func validate() throws {
    if output == nil, !dryRun { throw ValidationError("--output names the file to write (or use --dry-run)") }
    let goal = try self.goal.goal()
    if (encoding == nil) == (goal == nil) {
      throw ValidationError("name either --encoding or one of --max-size, --min-top1, --max-kl, --min-cosine")
    }
    if scales == .activation, calibration.isEmpty {
      throw ValidationError("--scales activation needs --calibration with images or texts")
    }
    if smooth, encoding != .int8 || calibration.isEmpty {
      throw ValidationError("--smooth needs --encoding int8 and --calibration with images or texts")
    }
    if rounding == .gptq, let encoding, encoding.integers == nil {
      throw ValidationError("--rounding gptq needs an --encoding of integers, or a goal")
    }
    if encoding != nil, scales != .activation, rounding == .nearest, !smooth, !calibration.isEmpty {
      throw ValidationError(
        "--calibration is for --scales activation, for --rounding gptq, for --smooth, or for a goal")
    }
    if encoding == nil, quantizeAll { throw ValidationError("--quantize-all goes with --encoding") }
  }

  func run() throws {
    let source = try reading(input) { try Source(path: input) }
    var request = QuantizationRequest(encoding ?? .source, scales: scales)
    request.includesProtected = quantizeAll
    request.activations = defaultActivations
    let inputs = try calibrationInputs(source)
    if scales == .activation || smooth, let (loaded, inputs) = inputs {
      let encoder = try loaded.encoder(Float.self)
      if scales == .activation { request.moments = try inputs.moments(encoder, computing.compute) }
      if smooth { request.smoothing = try reading(input) { try smoothing(loaded, encoder, inputs) } }
      request.calibration = inputs.record
    }
    let goal = try self.goal.goal()
    var probes = inputs?.1
    if rounding == .gptq {
      let all = try probes ?? reading(input) { try .madeForRounding(source.requireIngot().configuration()) }
      // What weights are rounded to serve shows less of their errors than other inputs do: a plan is made with these.
      var rounded = all
      if goal != nil, let given = probes { (rounded, probes) = given.halves }
      request.rounding = .gptq
      request.inputs = rounded.set
      request.calibration = all.record
      try tellUnmet(rounded, source)
    }
    var planned: PlanningResult?
    if let goal {
      let result = try reading(input) { try plan(goal, source, probes, request) }
      planned = result
      request.plan = result.chosen.encodings
      request.encoded = result.encoded
      request.goal = goal.description
    }
    if let picture = self.goal.front, let planned {
      try write(PlanningDocument(planned).picture, to: picture, existing: force ? .replace : .refuse)
    }
    if dryRun { return try show(request, source, planned) }
    let path = output ?? ""
    let converter = Converter(computing.compute, existing: force ? .replace : .refuse) {
      Console.progress($0, of: $1, $2)
    }
    let result = try reading(input) { try converter.quantize(source, request, at: path) }
    let name = encoding?.rawValue ?? "planned"
    if report.json {
      var document = ConversionDocument(
        result, source: input, output: path, container: source.container, family: nil, encoding: name, ignored: [])
      document.plan = planned.map(PlanningDocument.init)
      Console.json(document)
    } else {
      if let planned { PlanningDocument(planned).lines.forEach { Console.print($0) } }
      ConversionSummary.print(result, source: input, output: path, encoding: name)
    }
  }

  /// Says which tower compensation leaves out.
  private func tellUnmet(_ inputs: CalibrationInputs, _ source: Source) throws {
    let configuration = try reading(input) { try source.requireIngot().configuration() }
    if configuration.vision != nil, inputs.imageCount == 0 {
      Console.note("ingot: no images to calibrate with: the image tower is rounded to nearest")
    }
    if configuration.text != nil, inputs.texts.isEmpty {
      Console.note("ingot: no texts to calibrate with: the text tower is rounded to nearest")
    }
  }

  /// - Throws: `unsupported` where no product has a norm of its own before it.
  private func smoothing(
    _ loaded: LoadedModel, _ encoder: CLIPEncoder<Float>, _ inputs: CalibrationInputs
  ) throws -> Smoothing {
    let products = loaded.configuration.normedProducts
    guard !products.isEmpty else {
      throw CheckpointError(
        .unsupported, .smoothing, "no product of this model has a norm before it that serves nothing else")
    }
    let samples = InputSamples(of: Set(products.flatMap(\.weights)))
    try inputs.run(encoder, observer: samples, computing.compute)
    let found = try Smoothing.searched(
      products.map { ($0.norm, $0.weights) }, in: loaded.checkpoint, samples, computing.compute
    ) { Console.progress($0, of: $1, $2) }
    let alphas = found.sites.compactMap(\.alpha).sorted()
    let range = alphas.isEmpty ? "" : ", alpha \(Double(alphas[0]) / 10) to \(Double(alphas[alphas.count - 1]) / 10)"
    Console.note("ingot: factors are moved from \(alphas.count) of \(products.count) norms\(range)")
    return found
  }

  private func calibrationInputs(_ source: Source) throws -> (LoadedModel, CalibrationInputs)? {
    guard !calibration.isEmpty else { return nil }
    let loaded = try LoadedModel.open(input, from: source)
    return (loaded, try CalibrationInputs(calibration, for: loaded, tokenizer: tokenizer))
  }

  private func plan(
    _ goal: PlanningGoal, _ source: Source, _ inputs: CalibrationInputs?, _ request: QuantizationRequest
  ) throws -> PlanningResult {
    let file = try source.requireIngot()
    try file.verifyIntegrity()
    let configuration = try file.configuration()
    let (probes, unseen) = inputs?.planning ?? CalibrationInputs.made(for: configuration)
    let uses = Dictionary(
      uniqueKeysWithValues: CanonicalSchema.entries(for: configuration).map { ($0.name, $0.use) })
    let task = try PlanningTask(
      file, uses: uses, probes: probes, scales: scales, moments: request.moments, unseen: unseen,
      rounding: request.inputs, computing.compute)
    let watch = PlanningWatch()
    let sensitivities = try Sensitivities(task, cache: self.goal.cache, progress: watch.hear)
    let base = request
    let planner = try EncodingPlanner(task, sensitivities) { encodings in
      var request = base
      request.plan = encodings
      request.goal = goal.description
      return try Converter.quantizedSize(of: source, request)
    }
    let result = try planner.plan(for: goal, progress: watch.hear)
    Console.endStep()
    return result
  }

  private func show(_ request: QuantizationRequest, _ source: Source, _ planned: PlanningResult?) throws {
    let size = try reading(input) { try Converter.quantizedSize(of: source, request) }
    let name = encoding?.rawValue ?? "planned"
    if report.json {
      Console.json(
        QuantizationSizeDocument(
          source: input, encoding: name, outputBytes: size, plan: planned.map(PlanningDocument.init)))
    } else {
      if let planned { PlanningDocument(planned).lines.forEach { Console.print($0) } }
      Console.print("\(input) as \(name): \(grouped(size)) bytes; nothing was written")
    }
  }
}

/// What `quantize --dry-run --json` prints.
private struct QuantizationSizeDocument: Encodable {
  let source: String
  let encoding: String
  let outputBytes: Int
  let plan: PlanningDocument?
}
