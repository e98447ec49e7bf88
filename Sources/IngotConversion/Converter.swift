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

  let compute: Compute
  private let existing: AtomicFile.Existing
  /// Hears of each tensor that is done: how many, of how many, its name.
  let progress: @Sendable (Int, Int, String) -> Void

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
  ///   - digests: of `Converter.digests` for the source's file, begun before it was read; not used for one of several files.
  /// - Returns: what was done.
  /// - Throws: `mismatch` for problems of the plan or a vocabulary of another size, `corrupt` for NaN or infinity in the weights, `overflow`
  ///   for values that the type cannot hold, `FileError`.
  public func convert(
    _ source: Source, _ plan: ConversionPlan, tokenizer: Tokenizer?, to path: String, digests: DigestThread? = nil
  ) throws -> ConversionReport {
    try plan.check()
    if let tokenizer { try plan.configuration.text?.check(tokenizer) }
    let planned = PlannedCheckpoint(source, plan)
    let jobs = zip(plan.copies, planned.tensors).map { copy, tensor in
      Job(
        checkpoint: planned, source: tensor, target: copy.target, place: copy.parts[0].source.name,
        origin: Job.Origin(
          name: copy.sourceName, type: copy.sourceType.rawValue, transform: copy.transform,
          loss: copy.interpolation == nil ? nil : .lossless(.approximate),
          interpolation: copy.interpolation?.description))
    }
    let files = [source.file] + source.shards
    let unknown = files.map { _ in String(repeating: "0", count: 64) }
    let begun = source.shards.isEmpty ? digests : nil
    return try write(
      jobs, from: source, to: path, architecture: plan.configuration.json(), tokenizer: tokenizer?.serialized(),
      digests: begun ?? Self.digests(of: files)
    ) { tensors, found in
      let digests = found?.files.map(\.description) ?? unknown
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

  /// Begins to hash the files that are to be converted: a SHA-256 cannot be computed in parts, and this one takes longest of all.
  ///
  /// - Parameter files: in the order of the source's.
  /// - Returns: what `convert` is given, once.
  public static func digests(of files: [MappedFile]) -> DigestThread {
    DigestThread(files: files.map { FilePart($0) }, ahead: 4 << 20)
  }

  /// One tensor to encode.
  struct Job: Sendable {
    /// What provenance says of a tensor before this step.
    struct Origin: Sendable {
      let name: String
      let type: String
      let transform: String
      let loss: TensorFidelity?
      /// What this step computed anew, where it did.
      var interpolation: String?
    }

    let checkpoint: any Checkpoint
    let source: TensorDescriptor
    let target: TensorDescriptor
    /// The tensor of the source that lies where it begins.
    let place: String
    let origin: Origin
    var scales = ScaleSearch.absmax
    var moments: [Float] = []
    /// What it is stored as, where that is known already.
    var encoded: EncodedTensor?

    /// The record, given what this step lost on top of what was lost before.
    func record(_ fidelity: TensorFidelity) -> Provenance.Tensor {
      Provenance.Tensor(
        source: origin.name, sourceType: origin.type, transform: origin.transform,
        fidelity: origin.loss.map { $0.followed(by: fidelity) } ?? fidelity)
    }
  }

  // Encodes and writes all tensors. `digests` hashes what is written, and what else provenance is to know; `provenance` is made of the records
  // of all tensors and of the digests, first without these, for its size.
  func write(
    _ jobs: [Job], from source: Source, to path: String, architecture: [UInt8], tokenizer: [UInt8]?,
    digests: DigestThread, provenance: ([String: Provenance.Tensor], DigestThread.Digests?) throws -> Provenance
  ) throws -> ConversionReport {
    let (sections, room) = try Self.sections(jobs, architecture, tokenizer, provenance)
    var writer = try IngotWriter(
      path: path, existing: existing, tensors: jobs.map(\.target), sections: sections, digests: digests)
    var results: [String: ConversionReport.Tensor] = [:]
    var records: [String: Provenance.Tensor] = [:]
    var faults: [String: [String]] = [:]
    var bytesRead = 0
    // One of the threads computes digests.
    let compute = Compute(path: compute.path, threads: max(1, compute.threads - 1))
    for (index, job) in Self.inOrder(of: source, jobs).enumerated() {
      let target = job.target
      writer.begin(target.name)
      let ratio = Double(job.source.byteCount) / Double(max(1, target.byteCount))
      var bytesWritten = 0
      let append = { (part: LentBytes) in
        try writer.appendPart(part)
        bytesWritten += part.count
        digests.reach(bytesRead + Int(ratio * Double(bytesWritten)))
      }
      let outcome: TensorEncoder.Outcome
      if let encoded = job.encoded {
        try append(LentBytes(encoded.bytes))
        outcome = encoded.outcome
      } else {
        outcome = try TensorEncoder(
          TensorStorage(job.source, in: job.checkpoint), as: target, compute, scales: job.scales, moments: job.moments
        ).encode(append)
      }
      bytesRead += job.source.byteCount
      if outcome.nonfinite > 0 {
        faults[target.name, default: []].append(
          "\(job.origin.name) has \(outcome.nonfinite) values that are NaN or infinite, of \(target.shape.elementCount)"
        )
      }
      if outcome.overflowed > 0 {
        faults[target.name, default: []].append(
          "\(job.origin.name) has \(outcome.overflowed) values too large for \(target.type.rawValue)")
      }
      try writer.finishTensor()
      records[target.name] = job.record(outcome.fidelity)
      results[target.name] = ConversionReport.Tensor(
        source: job.source.renamed(job.origin.name), target: target,
        fidelity: job.origin.interpolation == nil ? outcome.fidelity : job.record(outcome.fidelity).fidelity,
        interpolation: job.origin.interpolation)
      progress(index + 1, jobs.count, target.name)
    }
    guard faults.isEmpty else {
      let lines = writer.order.flatMap { faults[$0.name] ?? [] }
      throw CheckpointError(
        .corrupt, .clip, "\(lines.count) tensors hold unusable values: " + lines.joined(separator: "; "))
    }
    try writer.flush()
    var json = try provenance(records, digests.finish()).json()
    json += [UInt8](repeating: UInt8(ascii: " "), count: room - json.count)
    var contents: [SectionKind: [UInt8]] = [.architecture: architecture, .provenance: json]
    if let tokenizer { contents[.tokenizer] = tokenizer }
    let root = try writer.finish(sections: contents)
    let size = try MappedFile(path: path).size
    return ConversionReport(
      tensors: writer.order.compactMap { results[$0.name] }, root: root,
      inputSize: ([source.file] + source.shards).reduce(0) { $0 + $1.size },
      outputSize: size)
  }

  /// The sections of a file and their sizes, and the size of provenance, whose figures are known only at the end: room is kept for the longest
  /// that they can become, filled up with spaces.
  static func sections(
    _ jobs: [Job], _ architecture: [UInt8], _ tokenizer: [UInt8]?,
    _ provenance: ([String: Provenance.Tensor], DigestThread.Digests?) throws -> Provenance
  ) throws -> (sections: [(kind: SectionKind, byteCount: Int)], room: Int) {
    let room = try provenance(
      Dictionary(uniqueKeysWithValues: jobs.map { ($0.target.name, $0.record(.longest)) }), nil
    ).json().count
    var sections: [(kind: SectionKind, byteCount: Int)] = [(.architecture, architecture.count), (.provenance, room)]
    if let tokenizer { sections.append((.tokenizer, tokenizer.count)) }
    return (sections, room)
  }

  /// The order of the source's own bytes, as far as its reader tells it: what encodes and what hashes the source then look at the same pages
  /// at the same time.
  private static func inOrder(of source: Source, _ jobs: [Job]) -> [Job] {
    let places = Dictionary(zip(source.checkpoint.tensors.map(\.name), 0...), uniquingKeysWith: min)
    return jobs.sorted { (places[$0.place] ?? 0, $0.target.name) < (places[$1.place] ?? 0, $1.target.name) }
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
