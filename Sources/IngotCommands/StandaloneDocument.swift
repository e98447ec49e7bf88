// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotFidelity
import IngotFile
import IngotTensor

/// What one can learn of an `.ingot` file from the file alone: `ingot verify MODEL`.
struct StandaloneDocument: Encodable {
  let passed: Bool
  let model: String
  let root: String
  let modelDigest: String
  let tensors: Int
  let source: Provenance.Source
  let steps: [Provenance.Step]
  /// How many tensors have which verdict.
  let verdicts: [String: Int]
  /// The largest relative error of a tensor, as provenance states it.
  let largestError: Double
  let certificate: Certificate?
  let recheck: CertificateCheck?
  let signature: String?

  init(
    path: String, _ file: IngotFile, _ provenance: Provenance?, _ certificate: Certificate?,
    _ check: CertificateCheck?, signature: String?
  ) throws {
    let provenance = try provenance ?? file.provenance()
    let fidelities = provenance.tensors.values.map(\.fidelity)
    passed = check?.passed ?? true
    model = path
    root = file.rootDigest.description
    modelDigest = file.modelDigest.description
    tensors = file.tensorCount
    source = provenance.source
    steps = provenance.steps
    verdicts = Dictionary(grouping: fidelities, by: \.verdict.rawValue).mapValues(\.count)
    largestError = fidelities.map(\.relativeError).max() ?? 0
    self.certificate = certificate
    recheck = check
    self.signature = signature
  }

  /// The same for people, verdict first.
  func print() {
    Console.print(verdict)
    for failure in recheck?.failures ?? [] { Console.print("  ✗ \(failure)") }
    Console.print(
      "  came from         \(source.family), \(source.container), \(grouped(source.size)) bytes, SHA-256 \(source.sha256)"
    )
    for step in steps {
      Console.print("  was done          \(step.command) --encoding \(step.encoding) (\(step.tool))")
    }
    let kinds = verdicts.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    Console.print("  \(tensors) tensors        \(kinds); largest relative error \(short(largestError, digits: 3))")
    if let certificate { print(certificate) }
    for sentence in recheck?.confirmed ?? [] { Console.print("  ✓ \(sentence)") }
    if let signature {
      Console.print("  signature         \(signature)")
    }
    if certificate == nil {
      Console.print("nothing to compare with: --against names a golden bundle, a checkpoint or another .ingot file")
    } else {
      Console.print(
        "  not checked here  that the stored reference outputs are the original's (--against ORIGINAL)"
          + (signature == nil ? ", and who says so (--key PUBLIC)" : ""))
    }
  }

  private var verdict: String {
    let what = "\(model): intact, \(tensors) tensors, root \(root)"
    guard let recheck else { return "PASS  \(what); no certificate" }
    return recheck.passed
      ? "PASS  \(what); its certificate holds, computed again"
      : "FAIL  \(what); but its certificate does not hold"
  }

  private func print(_ certificate: Certificate) {
    let reference = certificate.reference
    let isSource = reference.sha256 == source.sha256 ? ", the file it came from" : ""
    Console.print(
      "  compared with     \(reference.name) (\(reference.kind)\(isSource)), SHA-256 \(reference.sha256), by \(certificate.tool)"
    )
    let figures = certificate.report.summary.dropFirst().filter { !$0.hasPrefix("  ✗") }
    Console.print(
      "  compared on       \(certificate.probes.images) images, \(certificate.probes.texts) texts (\(certificate.probes.kind.rawValue)), activations \(certificate.activations)"
    )
    for line in figures { Console.print(line) }
  }
}
