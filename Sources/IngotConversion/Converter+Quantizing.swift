// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotQuantization
import IngotTensor

/// What `ingot quantize` is to do.
public struct QuantizationRequest: Sendable {
  /// The encoding of tensors that have none of their own.
  public var scheme: EncodingScheme
  /// The encodings of single tensors, by name: a plan.
  ///
  /// What is protected becomes integers where the plan says so.
  public var plan: [String: EncodingScheme] = [:]
  /// How the scales of integers are chosen.
  public var scales: ScaleSearch
  /// Whether patch embedding, final projections and the table of tokens become integers too.
  public var includesProtected = false
  /// What calibration saw.
  public var moments: InputMoments?
  /// How integers are rounded; `gptq` needs `inputs`.
  public var rounding = WeightRounding.nearest
  /// What integers are rounded to come near on.
  public var inputs: CalibrationSet?
  /// Tensors that are stored as they are here, where their target is that of the plan: what a planner measured.
  public var encoded: [EncodedTensor] = []
  /// What calibration was.
  public var calibration: Provenance.Calibration?
  /// What a planner was asked for.
  public var goal: String?
  /// In which numbers activations meet int8 weights where whoever runs the file does not say; `nil` for int16.
  public var activations: ActivationEncoding?
  /// Factors that are moved from norms into the weights behind them first.
  public var smoothing: Smoothing?

  /// One encoding for all tensors.
  ///
  /// - Parameters:
  ///   - scheme: the encoding.
  ///   - scales: how the scales of integers are chosen.
  public init(_ scheme: EncodingScheme, scales: ScaleSearch = .absmax) {
    self.scheme = scheme
    self.scales = scales
  }

  /// The second moments of what a tensor meets, after smoothing; empty where calibration did not see it.
  func moments(of name: String) -> [Float] {
    let moments = moments?.moments(of: name) ?? []
    guard let site = smoothing?.sites.first(where: { $0.weights.contains(name) }), site.exponents.count == moments.count
    else { return moments }
    return zip(moments, site.exponents).map { moment, exponent in
      moment * Float(sign: .plus, exponent: -2 * Int(exponent), significand: 1)
    }
  }

  /// How a tensor is stored.
  ///
  /// - Returns: `nil` when the byte count overflows.
  public func target(of tensor: TensorDescriptor, for use: EncodingScheme.Use) -> TensorDescriptor? {
    guard let own = plan[tensor.name] else {
      return scheme.target(of: tensor, for: use, includingProtected: includesProtected)
    }
    return own.target(of: tensor, for: use, includingProtected: true)
  }
}

extension Converter {
  /// Changes the encoding of an `.ingot` file.
  ///
  /// - Parameters:
  ///   - source: an `.ingot` file whose tensors are all plain.
  ///   - scheme: the encoding.
  ///   - path: where the new file will appear.
  /// - Returns: what was done.
  /// - Throws: `unsupported` when the file is quantized already or holds no model, `corrupt` when it is damaged, and what `convert` throws.
  public func quantize(_ source: Source, to scheme: EncodingScheme, at path: String) throws -> ConversionReport {
    try quantize(source, QuantizationRequest(scheme), at: path)
  }

  /// Changes the encoding of an `.ingot` file, perhaps of each tensor to its own.
  ///
  /// - Parameters:
  ///   - source: an `.ingot` file whose tensors are all plain.
  ///   - request: what to do.
  ///   - path: where the new file will appear.
  /// - Returns: what was done.
  /// - Throws: `unsupported` when the file is quantized already or holds no model, `corrupt` when it is damaged, and what `convert` throws.
  public func quantize(_ source: Source, _ request: QuantizationRequest, at path: String) throws -> ConversionReport {
    let task = try QuantizationTask(source, request)
    // The input's own digests are computed and compared beside the work, and before what came of damaged bytes is believed.
    let payloads = try IngotFile.PayloadDigests(task.file)
    let jobs = try compensated(task, request)
    let digests = DigestThread(files: payloads.parts)
    do {
      return try write(
        jobs, from: source, to: path, architecture: task.architecture, tokenizer: task.tokenizer,
        digests: digests
      ) { tensors, found in
        if let found { try payloads.compare(found.files) }
        return task.provenance(tensors)
      }
    } catch {
      try payloads.compare(digests.finish().files)
      throw error
    }
  }

  /// The jobs, with what is encoded already, and what is rounded with compensation.
  private func compensated(_ task: QuantizationTask, _ request: QuantizationRequest) throws -> [Job] {
    var known = Dictionary(uniqueKeysWithValues: request.encoded.map { ($0.target.name, $0) })
    if request.rounding == .gptq, known.isEmpty { known = try rounded(task, request) }
    return task.jobs.map { job in
      var job = job
      job.encoded = known[job.source.name].flatMap { $0.target == job.target ? $0 : nil }
      return job
    }
  }

  private func rounded(_ task: QuantizationTask, _ request: QuantizationRequest) throws -> [String: EncodedTensor] {
    guard let inputs = request.inputs, let first = task.jobs.first else { return [:] }
    // What is run is believed: the bytes are checked before.
    try task.file.verifyIntegrity()
    let weights = task.jobs.filter { $0.target.encoding != .plain || $0.target.type != $0.source.type }.map {
      BlockwiseQuantizer.Weights(source: $0.source, target: $0.target, moments: $0.moments)
    }
    return try BlockwiseQuantizer(
      task.file.configuration(), first.checkpoint, weights, scales: request.scales, inputs: inputs, compute,
      progress: progress
    ).encoded()
  }

  /// The size in bytes of the file that `quantize` would write, exactly.
  ///
  /// - Parameters:
  ///   - source: an `.ingot` file whose tensors are all plain.
  ///   - request: what would be done.
  /// - Returns: its size.
  /// - Throws: as `quantize`; no tensor is read.
  public static func quantizedSize(of source: Source, _ request: QuantizationRequest) throws -> Int {
    let task = try QuantizationTask(source, request)
    let (sections, _) = try Self.sections(task.jobs, task.architecture, task.tokenizer) { tensors, _ in
      task.provenance(tensors)
    }
    return try IngotWriter.fileSize(tensors: task.jobs.map(\.target), sections: sections)
  }
}

/// A file and what it is to become.
private struct QuantizationTask {
  let file: IngotFile
  let jobs: [Converter.Job]
  let architecture: [UInt8]
  let tokenizer: [UInt8]?
  private let before: Provenance
  private let request: QuantizationRequest

  init(_ source: Source, _ request: QuantizationRequest) throws {
    let file = try source.requireIngot()
    if let tensor = file.tensors.first(where: { $0.encoding != .plain }) {
      throw CheckpointError(
        .unsupported, .ingot, subject: tensor.name,
        "is stored as \(tensor.encoding.label) already; quantize the file that this one was made from")
    }
    try file.verifySections()
    var configuration = try file.configuration()
    configuration.activations = request.activations ?? configuration.activations
    let before = try file.provenance()
    let uses = Dictionary(
      uniqueKeysWithValues: CanonicalSchema.entries(for: configuration).map { ($0.name, $0.use) })
    let checkpoint: any Checkpoint
    if let smoothing = request.smoothing {
      checkpoint = try SmoothedCheckpoint(file, smoothing)
    } else {
      checkpoint = file
    }
    jobs = try checkpoint.tensors.map { tensor in
      guard let target = request.target(of: tensor, for: uses[tensor.name] ?? .carried) else {
        throw CheckpointError(.overflow, .ingot, subject: tensor.name, "shape \(tensor.shape) is too large")
      }
      let origin = before.tensors[tensor.name]
      return Converter.Job(
        checkpoint: checkpoint, source: tensor, target: target, place: tensor.name,
        origin: Converter.Job.Origin(
          name: origin?.source ?? tensor.name, type: origin?.sourceType ?? tensor.type.rawValue,
          transform: origin?.transform ?? TensorTransform().description, loss: origin?.fidelity),
        scales: request.scales, moments: request.moments(of: tensor.name))
    }
    architecture = try configuration.json()
    tokenizer = file.section(.tokenizer)
    self.file = file
    self.before = before
    self.request = request
  }

  /// What the new file says of its origin.
  func provenance(_ tensors: [String: Provenance.Tensor]) -> Provenance {
    var provenance = before
    provenance.tensors = tensors
    provenance.steps.append(
      Provenance.Step(
        command: "quantize", encoding: request.plan.isEmpty ? request.scheme.rawValue : "planned",
        tool: Converter.toolVersion, input: file.rootDigest.description,
        scales: request.scales == .absmax ? nil : request.scales.rawValue,
        rounding: request.rounding == .nearest ? nil : request.rounding.rawValue, goal: request.goal,
        calibration: request.calibration, smoothing: request.smoothing?.record))
    return provenance
  }
}
