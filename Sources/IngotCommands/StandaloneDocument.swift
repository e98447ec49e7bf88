// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotFidelity
import IngotFile
import IngotStatistics
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
  /// How many tensors are stored in which way.
  let stored: [String: Int]
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
    stored = Dictionary(grouping: file.tensors) { tensor in
      tensor.encoding == .plain ? tensor.type.rawValue : tensor.encoding.scheme
    }.mapValues(\.count)
    verdicts = Dictionary(grouping: fidelities, by: \.verdict.rawValue).mapValues(\.count)
    largestError = fidelities.map(\.relativeError).max() ?? 0
    self.certificate = certificate
    recheck = check
    self.signature = signature
  }

  /// The same for people, verdict first.
  func print() {
    func list(_ counts: [String: Int]) -> String {
      counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
    }
    Console.print(verdict)
    for failure in recheck?.failures ?? [] { Console.print("  ✗ \(failure)") }
    if let certificate, passed { Console.print("  in short          \(sentence(certificate))") }
    Console.print(
      "  came from         \(source.family), \(source.container), \(grouped(source.size)) bytes, SHA-256 \(source.sha256)"
    )
    for step in steps { Console.print("  was done          \(step)") }
    Console.print("  is stored as      \(list(stored))")
    Console.print(
      "  against its source, each tensor: \(list(verdicts)); largest relative error of one \(short(largestError, digits: 3))"
    )
    if let certificate { print(certificate) }
    for sentence in recheck?.confirmed ?? [] { Console.print("  ✓ \(sentence)") }
    if let signature {
      Console.print("  signature         \(signature)")
    }
    if let certificate {
      Console.print(
        "  not checked here  that the stored outputs are those of \(certificate.reference.name): `ingot verify \(model) --against \(certificate.reference.name)` computes them again"
      )
      if signature == nil {
        Console.print("  not checked here  who says so: `ingot verify \(model) --key PUBLIC` checks a signature")
      }
    } else {
      Console.print(
        "  how far it is from the original as a whole is not recorded: `ingot verify \(model) --against ORIGINAL` measures it, --stamp OUT writes it into a copy"
      )
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
    Console.print(
      "  compared with     \(reference.name) (\(reference.kind), \(relation(reference))), SHA-256 \(reference.sha256), by \(certificate.tool)"
    )
    let figures = certificate.report.summary.dropFirst().filter { !$0.hasPrefix("  ✗") }
    Console.print(
      "  compared on       \(certificate.probes.images) images, \(certificate.probes.texts) texts (\(certificate.probes.kind.rawValue)), activations \(certificate.activations)"
    )
    for line in figures { Console.print(line) }
  }

  /// How far it is from what it was compared with and how sure that is, in one sentence.
  private func sentence(_ certificate: Certificate) -> String {
    let report = certificate.report
    let exact = verdicts[TensorFidelity.Verdict.approximate.rawValue, default: 0] == 0
    var sentence =
      exact
      ? "all tensors hold their source's values"
      : "\(verdicts["approximate", default: 0]) of \(tensors) tensors are approximations"
    if let rate = report.agreement?.top1 {
      sentence +=
        "; run on \(rate.trials) images, \(rate.successes) have the same best text as with \(certificate.reference.name)"
      sentence +=
        " (95 % sure: \((100 * rate.interval.lower).text(decimals: 1)) to \((100 * rate.interval.upper).text(decimals: 1)) % of such images)"
    }
    if let least = [report.imageEmbeds?.minCosine, report.textEmbeds?.minCosine].compactMap({ $0 }).min() {
      sentence += "; no embedding is further from its own than a cosine of \(least.text(decimals: 6))"
    }
    return sentence
  }

  /// What the file that it was compared with is to this one.
  private func relation(_ reference: Certificate.Reference) -> String {
    if reference.sha256 == source.sha256 { return "the file it came from" }
    if let origin = reference.origin {
      return origin == source.sha256 ? "made of the file it came from" : "not made of the file it came from"
    }
    // A bundle is what the original framework computed; which weights it had, it does not say.
    return reference.kind == "golden bundle" ? "of a model that it does not name" : "not the file it came from"
  }
}

extension TensorEncoding {
  /// As on the command line: `int8`, `int4-group-64`.
  fileprivate var scheme: String {
    switch self {
    case .plain: "plain"
    case .int8PerChannel: "int8"
    case .grouped(let width, _, let group): "\(width.name)-group-\(group.rawValue)"
    }
  }
}
