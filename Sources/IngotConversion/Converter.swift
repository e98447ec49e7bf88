// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotQuantization
import IngotTensor

/// Streams tensors into an `.ingot` file, one at a time.
public struct Converter: Sendable {
  /// The version recorded in provenance; a release changes it.
  public static let toolVersion = "ingot 0.1.0"

  private let compute: Compute
  private let existing: AtomicFile.Existing
  /// Hears of each tensor that is done: how many, of how many, its name.
  private let progress: @Sendable (Int, Int, String) -> Void

  /// Prepares to convert.
  ///
  /// - Parameters:
  ///   - compute: gives the number of threads.
  ///   - existing: what to do when the output exists.
  ///   - progress: hears of each tensor that is done: how many, of how many, its name.
  public init(
    _ compute: Compute, existing: AtomicFile.Existing,
    progress: @escaping @Sendable (Int, Int, String) -> Void = { _, _, _ in }
  ) {
    self.compute = compute
    self.existing = existing
    self.progress = progress
  }

  /// Converts a checkpoint.
  ///
  /// - Parameters:
  ///   - source: what to convert.
  ///   - plan: made for it, without problems.
  ///   - tokenizer: embedded into the file.
  ///   - path: where the file will appear.
  /// - Returns: what was done.
  /// - Throws: `mismatch` for problems of the plan or a vocabulary of another size, `corrupt` for NaN or infinity in the weights, `overflow`
  ///   for values that the type cannot hold, `FileError`.
  public func convert(
    _ source: Source, _ plan: ConversionPlan, tokenizer: Tokenizer?, to path: String
  ) throws -> ConversionReport {
    try plan.check()
    if let tokenizer, let text = plan.configuration.text, tokenizer.vocabularySize != text.vocabularySize {
      throw CheckpointError(
        .mismatch, .clip, subject: "tokenizer",
        "the vocabulary has \(tokenizer.vocabularySize) entries, the model embeds \(text.vocabularySize)")
    }
    let planned = PlannedCheckpoint(source, plan)
    let jobs = zip(plan.copies, planned.tensors).map { copy, tensor in
      Job(
        checkpoint: planned, source: tensor, target: copy.target,
        origin: Job.Origin(
          name: copy.sourceName, type: copy.sourceType.rawValue, transform: copy.transform, loss: nil))
    }
    // The digests of all files are computed on a thread of its own while tensors are encoded.
    let files = [source.file] + source.shards
    let unknown = files.map { _ in String(repeating: "0", count: 64) }
    return try withDigests(of: files) { wait in
      try write(
        jobs, from: source, to: path, architecture: plan.configuration.json(), tokenizer: tokenizer?.serialized()
      ) { tensors, phase in
        let digests = phase == .final ? wait() : unknown
        let shards = zip(source.shards, digests.dropFirst()).map { file, digest in
          Provenance.Shard(name: String(file.path.split(separator: "/").last ?? ""), sha256: digest, size: file.size)
        }
        return Provenance(
          source: Provenance.Source(
            sha256: digests[0], size: source.file.size, container: source.container, family: plan.family.name,
            shards: shards.isEmpty ? nil : shards),
          steps: [Provenance.Step(command: "convert", encoding: plan.scheme.rawValue, tool: Self.toolVersion)],
          tensors: tensors, ignored: plan.ignored)
      }
    }
  }

  /// Changes the encoding of an `.ingot` file.
  ///
  /// - Parameters:
  ///   - source: an `.ingot` file whose tensors are all plain.
  ///   - scheme: the encoding.
  ///   - path: where the new file will appear.
  /// - Returns: what was done.
  /// - Throws: `unsupported` when the file is quantized already or holds no model, and what `convert` throws.
  public func quantize(_ source: Source, to scheme: EncodingScheme, at path: String) throws -> ConversionReport {
    guard case .ingot(let file) = source.content else {
      throw CheckpointError(
        .unsupported, .clip, "found a \(source.container) file, expected .ingot; `ingot convert` makes one")
    }
    if let tensor = file.tensors.first(where: { $0.encoding != .plain }) {
      throw CheckpointError(
        .unsupported, .ingot, subject: tensor.name,
        "is stored as \(tensor.encoding.label) already; quantize the file that this one was made from")
    }
    let configuration = try file.configuration()
    let before = try file.provenance()
    let roles = Dictionary(
      uniqueKeysWithValues: CanonicalSchema.entries(for: configuration).map { ($0.name, $0.role) })
    let jobs = try file.tensors.map { tensor in
      guard let target = scheme.target(of: tensor, for: roles[tensor.name]?.use ?? .carried) else {
        throw CheckpointError(.overflow, .ingot, subject: tensor.name, "shape \(tensor.shape) is too large")
      }
      let origin = before.tensors[tensor.name]
      return Job(
        checkpoint: file, source: tensor, target: target,
        origin: Job.Origin(
          name: origin?.source ?? tensor.name, type: origin?.sourceType ?? tensor.type.rawValue,
          transform: origin?.transform ?? TensorTransform().description, loss: origin?.fidelity))
    }
    return try write(
      jobs, from: source, to: path, architecture: configuration.json(), tokenizer: file.section(.tokenizer)
    ) { tensors, _ in
      var provenance = before
      provenance.tensors = tensors
      provenance.steps.append(
        Provenance.Step(
          command: "quantize", encoding: scheme.rawValue, tool: Self.toolVersion, input: file.rootDigest.description))
      return provenance
    }
  }

  /// One tensor to encode.
  private struct Job: Sendable {
    /// What provenance says of a tensor before this step.
    struct Origin: Sendable {
      let name: String
      let type: String
      let transform: String
      let loss: TensorFidelity?
    }

    let checkpoint: any Checkpoint
    let source: TensorDescriptor
    let target: TensorDescriptor
    let origin: Origin

    /// The record, given what this step lost on top of what was lost before.
    func record(_ fidelity: TensorFidelity) -> Provenance.Tensor {
      Provenance.Tensor(
        source: origin.name, sourceType: origin.type, transform: origin.transform,
        fidelity: origin.loss.map { $0.followed(by: fidelity) } ?? fidelity)
    }
  }

  /// Whether provenance is wanted for its size, before the figures are known, or for good.
  private enum Phase {
    case draft, final
  }

  private func write(
    _ jobs: [Job], from source: Source, to path: String, architecture: [UInt8], tokenizer: [UInt8]?,
    provenance: ([String: Provenance.Tensor], Phase) throws -> Provenance
  ) throws -> ConversionReport {
    // The figures are known only at the end: room is kept for the longest that they can become, filled up with spaces.
    let room = try provenance(
      Dictionary(uniqueKeysWithValues: jobs.map { ($0.target.name, $0.record(.longest)) }), .draft
    ).json().count
    var sections: [(kind: SectionKind, byteCount: Int)] = [(.architecture, architecture.count), (.provenance, room)]
    if let tokenizer { sections.append((.tokenizer, tokenizer.count)) }
    var writer = try IngotWriter(path: path, existing: existing, tensors: jobs.map(\.target), sections: sections)
    let byName = Dictionary(uniqueKeysWithValues: jobs.map { ($0.target.name, $0) })
    var results: [ConversionReport.Tensor] = []
    var records: [String: Provenance.Tensor] = [:]
    var faults: [String] = []
    for (index, target) in writer.order.enumerated() {
      guard let job = byName[target.name] else { preconditionFailure("the writer returns the tensors it was given") }
      let storage = try TensorStorage(job.source, in: job.checkpoint)
      let outcome = try TensorEncoder(storage, as: target, compute).encode { try writer.appendPart($0) }
      if outcome.nonfinite > 0 {
        faults.append(
          "\(job.origin.name) has \(outcome.nonfinite) values that are NaN or infinite, of \(target.shape.elementCount)"
        )
      }
      if outcome.overflowed > 0 {
        faults.append("\(job.origin.name) has \(outcome.overflowed) values too large for \(target.type.rawValue)")
      }
      try writer.finishTensor()
      job.checkpoint.release(job.source)
      records[target.name] = job.record(outcome.fidelity)
      results.append(
        ConversionReport.Tensor(
          source: job.source.renamed(job.origin.name), target: target, fidelity: outcome.fidelity))
      progress(index + 1, jobs.count, target.name)
    }
    guard faults.isEmpty else {
      throw CheckpointError(
        .corrupt, .clip, "\(faults.count) tensors hold unusable values: " + faults.joined(separator: "; "))
    }
    var json = try provenance(records, .final).json()
    json += [UInt8](repeating: UInt8(ascii: " "), count: room - json.count)
    var contents: [SectionKind: [UInt8]] = [.architecture: architecture, .provenance: json]
    if let tokenizer { contents[.tokenizer] = tokenizer }
    let root = try writer.finish(sections: contents)
    let size = try MappedFile(path: path).size
    return ConversionReport(
      tensors: results, root: root, inputSize: ([source.file] + source.shards).reduce(0) { $0 + $1.size },
      outputSize: size)
  }
}

extension TensorFidelity {
  /// A record whose JSON is as long as any can be: 24 characters for a number, the longest verdict.
  fileprivate static let longest = TensorFidelity(
    verdict: .exactlyRepresentable, maximumError: -2.2250738585072014e-308, relativeError: -2.2250738585072014e-308,
    saturatedShare: -2.2250738585072014e-308)

  /// The record of two steps, one after the other: errors add up at most.
  fileprivate func followed(by next: TensorFidelity) -> TensorFidelity {
    let verdict: Verdict
    switch (self.verdict, next.verdict) {
    case (.approximate, _), (_, .approximate): verdict = .approximate
    case (.bitIdentical, .bitIdentical): verdict = .bitIdentical
    default: verdict = .exactlyRepresentable
    }
    return TensorFidelity(
      verdict: verdict, maximumError: maximumError + next.maximumError,
      relativeError: relativeError + next.relativeError,
      saturatedShare: next.saturatedShare)
  }
}
