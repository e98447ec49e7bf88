// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotSafetensors
import IngotTensor

/// `ingot verify`.
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Check that a model is intact, computes what another one computed, and is what its certificate says.",
    discussion: """
      First every digest in the file is checked. With --against, the model is then run on the same inputs as a golden bundle of the original \
      framework, or beside a checkpoint or another .ingot file; --stamp writes what was found into a copy of the file. Without --against, the \
      certificate in the file is checked again, which needs nothing but the file. Exit code 1 when a figure is out of tolerance.
      """)

  @Argument(help: "The .ingot file to check.")
  var model: String

  @Option(name: .long, help: "A golden bundle (safetensors), a checkpoint, or another .ingot file.")
  var against: String?

  @Option(name: .long, help: "Key of the state dict, when --against names a training checkpoint.")
  var stateDict: String?

  @OptionGroup var probes: ComparisonInputOptions
  @OptionGroup var stamp: StampOptions
  @OptionGroup var trust: SignatureOptions
  @OptionGroup var computing: ComputeOptions
  @OptionGroup var report: ReportOptions
  @OptionGroup var page: PageOptions

  @Flag(
    name: .long, help: "Put the error ledger (see `ingot explain`) and what buying tensors back would give on the page."
  )
  var explain = false

  func validate() throws {
    if page.path != nil, against == nil { throw ValidationError("--report needs --against: a page shows a comparison") }
    if explain, page.path == nil { throw ValidationError("--explain needs --report: the ledger is shown on the page") }
    if against == nil, stamp.stamp != nil { throw ValidationError("--stamp needs --against: it records a comparison") }
    if against == nil, probes.isGiven {
      throw ValidationError("--images, --texts and --probes need --against: they are what is compared on")
    }
  }

  func run() throws {
    let (loaded, file) = try locatingDamage(model) {
      let source = try reading(model) { try Source(path: model) }
      // Before anything in the file is believed: damage is named by its section or tensor, not by what it does to JSON.
      let file = try reading(model) {
        let file = try source.requireIngot()
        try file.verifyIntegrity()
        return file
      }
      return (try LoadedModel.open(model, from: source), file)
    }
    let signature = try trust.check(file)
    guard let against else { return try checkAlone(loaded, file, signature) }
    let pageFile = try page.create(stamp.existing)
    let verification = try compare(loaded, file, against)
    let result = verification.report
    if let output = stamp.stamp, result.passed {
      try write(verification, loaded, file, against, to: output)
    }
    if let pageFile {
      var evidence = evidence(loaded, file)
      if explain {
        evidence.sections.append(try ledger(loaded, against).section(fileSize: loaded.source.file.size))
      }
      try pageFile.write(result.page(evidence))
    }
    if report.json {
      Console.json(result)
    } else {
      for line in result.summary { Console.print(line) }
      if let signature { Console.print("  signature         \(signature)") }
    }
    if !result.passed { throw ExitCode(1) }
  }

  /// Checks the certificate, or says that there is none.
  private func checkAlone(_ loaded: LoadedModel, _ file: IngotFile, _ signature: String?) throws {
    let document = try reading(model) {
      let certificate = try file.certificate()
      let check = try certificate.map { certificate in
        guard let activations = ActivationEncoding(rawValue: certificate.activations) else {
          throw CheckpointError(
            .unsupported, .ingot, subject: "section CERT", "activations are \(certificate.activations)")
        }
        return try CertificateCheck(
          certificate, file, loaded.encoder(Float.self, activations: activations), computing.compute)
      }
      return try StandaloneDocument(
        path: model, file, loaded.provenance, certificate, check, signature: signature)
    }
    if report.json { Console.json(document) } else { document.print() }
    if !document.passed { throw ExitCode(1) }
  }

  private func compare(_ loaded: LoadedModel, _ file: IngotFile, _ path: String) throws -> Verification {
    let subject = VerificationSubject(
      name: model, encoding: loaded.encoding, provenance: loaded.provenance, checkpoint: file)
    let encoder = try loaded.encoder(Float.self, activations: computing.activations)
    let other = try reading(path) { try Source(path: path) }
    if case .safetensors(let bundle) = other.content, GoldenBundle.isBundle(bundle) {
      guard !explain else {
        throw ValidationError(
          "\(path) is a golden bundle, which has no weights; --explain needs a checkpoint or another .ingot file")
      }
      guard !probes.isGiven else {
        throw ValidationError(
          "\(path) is a golden bundle, which has its own images and texts; --images, --texts and --probes do not apply")
      }
      return try reading(path) {
        try Verifier.run(encoder, subject, against: GoldenBundle(bundle), named: path, computing.compute)
      }
    }
    let reference = try LoadedModel.open(path, like: loaded, stateDict: stateDict)
    return try Verifier.run(
      encoder, subject, against: reference.encoder(Float.self, activations: computing.activations), named: path,
      probes.probes(for: loaded, computing.compute), source: reference.checkpoint, computing.compute)
  }

  private func write(
    _ verification: Verification, _ loaded: LoadedModel, _ file: IngotFile, _ path: String, to output: String
  ) throws {
    let source = try Source(path: path)
    let encoder = try loaded.encoder(Float.self, activations: computing.activations)
    let (certificate, evidence) = try Certificate.make(
      verification, encoder, file, reference: Certificate.Reference(source), tool: Converter.toolVersion,
      computing.compute)
    let root = try file.stamped(
      certificate: certificate.json(), evidence: evidence, to: output, existing: stamp.existing)
    Console.note("ingot: \(output): stamped, root \(root); the model's digest stays \(file.modelDigest)")
  }
}

extension Certificate.Reference {
  /// Describes a file by its content.
  init(_ source: Source) {
    let kind: String
    var origin: String?
    switch source.content {
    case .ingot(let file):
      kind = "ingot"
      origin = try? file.provenance().source.sha256
    case .safetensors(let file) where GoldenBundle.isBundle(file): kind = "golden bundle"
    default: kind = "checkpoint"
    }
    var digest = SHA256Stream()
    let piece = 8 << 20
    for start in stride(from: 0, to: source.file.size, by: piece) {
      let range = start..<min(start + piece, source.file.size)
      digest.update(source.file.bytes(in: range))
      source.file.release(range)
    }
    self.init(
      name: source.file.path.split(separator: "/").last.map(String.init) ?? source.file.path, kind: kind,
      container: source.container, sha256: digest.finalize().description, size: source.file.size, origin: origin)
  }
}
