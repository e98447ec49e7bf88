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
    name: .long, parsing: .upToNextOption,
    help:
      "Inputs for --scales activation, and for measuring errors: folders of PNG and JPEG files, text files with one text a line, golden bundles."
  )
  var calibration: [String] = []

  @Option(name: .long, help: "Vocabulary for calibration texts, where the model has none embedded.")
  var tokenizer: String?

  @Flag(name: .long, help: "With --encoding, quantize patch embedding, final projections and the table of tokens too.")
  var quantizeAll = false

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
    if encoding != nil, scales != .activation, !calibration.isEmpty {
      throw ValidationError("--calibration is for --scales activation, or for a goal")
    }
    if encoding == nil, quantizeAll { throw ValidationError("--quantize-all goes with --encoding") }
  }

  func run() throws {
    let source = try reading(input) { try Source(path: input) }
    var request = QuantizationRequest(encoding ?? .source, scales: scales)
    request.includesProtected = quantizeAll
    let inputs = try calibrationInputs()
    if scales == .activation, let (loaded, inputs) = inputs {
      request.moments = try inputs.moments(loaded.encoder(Float.self), computing.compute)
      request.calibration = inputs.record
    }
    var planned: PlanningResult?
    if let goal = try goal.goal() {
      let result = try reading(input) { try plan(goal, source, inputs?.1, request) }
      planned = result
      request.plan = result.chosen.encodings
      request.goal = goal.description
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

  private func calibrationInputs() throws -> (LoadedModel, CalibrationInputs)? {
    guard !calibration.isEmpty else { return nil }
    let loaded = try LoadedModel.open(input)
    return (loaded, try CalibrationInputs(calibration, for: loaded, tokenizer: tokenizer))
  }

  private func plan(
    _ goal: PlanningGoal, _ source: Source, _ inputs: CalibrationInputs?, _ request: QuantizationRequest
  ) throws -> PlanningResult {
    guard case .ingot(let file) = source.content else {
      throw CheckpointError(
        .unsupported, .clip, "found a \(source.container) file, expected .ingot; `ingot convert` makes one")
    }
    try file.verifyIntegrity()
    let configuration = try file.configuration()
    let probes = inputs ?? CalibrationInputs(ProbeInputs.bundle(for: configuration, images: 16, texts: 32))
    let uses = Dictionary(
      uniqueKeysWithValues: CanonicalSchema.entries(for: configuration).map { ($0.name, $0.use) })
    let task = try PlanningTask(
      file, uses: uses,
      probes: PlanningProbes(
        pixels: probes.pixels, imageCount: probes.imageCount, texts: probes.texts, digest: probes.record.sha256),
      scales: scales, moments: request.moments, computing.compute)
    let sensitivities = try Sensitivities(task, cache: self.goal.cache) { Console.progress($0, of: $1, $2) }
    let base = request
    let planner = try EncodingPlanner(task, sensitivities) { encodings in
      var request = base
      request.plan = encodings
      request.goal = goal.description
      return try Converter.quantizedSize(of: source, request)
    }
    return try planner.plan(for: goal)
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

/// What a person asks of a plan.
struct GoalOptions: ParsableArguments {
  @Option(
    name: .long, help: "Choose encodings for the least error in a file of at most so many bytes: 90M, 1.5G, 94371840.")
  var maxSize: String?

  @Option(
    name: .long, help: "Choose the smallest file that leaves the best text of so many percent of the images the same.")
  var minTop1: Double?

  @Option(
    name: .long, help: "Choose the smallest file whose mean KL divergence of the images' softmaxes is at most this.")
  var maxKl: Double?

  @Option(name: .long, help: "Choose the smallest file that keeps the cosine of every embedding at this or more.")
  var minCosine: Double?

  @Option(
    name: .long,
    help: "Folder that keeps what was measured, so that planning again, or going on, measures no tensor twice.")
  var cache: String?

  /// - Throws: `ValidationError` for several goals, or numbers that cannot be.
  func goal() throws -> PlanningGoal? {
    var goals: [PlanningGoal] = []
    if let maxSize {
      guard let bytes = Self.bytes(maxSize), bytes > 0 else {
        throw ValidationError("--max-size is \(maxSize); expected bytes, as 94371840, 90M or 1.5G")
      }
      goals.append(.maximumSize(bytes))
    }
    if let minTop1 {
      guard minTop1 > 0, minTop1 <= 100 else {
        throw ValidationError("--min-top1 is \(minTop1); it is in percent, up to 100")
      }
      goals.append(.minimumTop1(minTop1 / 100))
    }
    if let maxKl {
      guard maxKl > 0, maxKl.isFinite else { throw ValidationError("--max-kl is \(maxKl); it is more than 0") }
      goals.append(.maximumKL(maxKl))
    }
    if let minCosine {
      guard minCosine > 0, minCosine < 1 else { throw ValidationError("--min-cosine is \(minCosine); it is in 0 to 1") }
      goals.append(.minimumCosine(minCosine))
    }
    guard goals.count <= 1 else { throw ValidationError("name one goal, found \(goals.count)") }
    if goals.isEmpty, cache != nil { throw ValidationError("--cache goes with a goal") }
    return goals.first
  }

  /// Bytes from a number with K, M or G for 10³, 10⁶ and 10⁹, or KiB, MiB and GiB for powers of 1024; a small letter will do.
  static func bytes(_ text: String) -> Int? {
    let units: [(String, Double)] = [
      ("kib", 1024), ("mib", 1_048_576), ("gib", 1_073_741_824), ("kb", 1e3), ("mb", 1e6), ("gb", 1e9), ("k", 1e3),
      ("m", 1e6), ("g", 1e9), ("", 1),
    ]
    let lower = text.lowercased()
    guard let (unit, factor) = units.first(where: { lower.hasSuffix($0.0) }),
      let number = Double(lower.dropLast(unit.count)), number.isFinite, number >= 0, number * factor < 0x1p62
    else { return nil }
    return Int(number * factor)
  }
}

/// What `quantize --dry-run --json` prints.
private struct QuantizationSizeDocument: Encodable {
  let source: String
  let encoding: String
  let outputBytes: Int
  let plan: PlanningDocument?
}
