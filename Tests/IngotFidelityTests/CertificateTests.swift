// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotFile
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotFidelity

/// Certificates are made, checked again from the file alone, and tampered with: every figure of theirs is seen failing.
@Suite struct CertificateTests {
  private let fixture: ModelFixture
  private let encoder: CLIPEncoder<Float>
  private let reference = Certificate.Reference(
    name: "golden", kind: "golden bundle", container: "safetensors", sha256: String(repeating: "0", count: 64), size: 1)

  init() throws {
    fixture = try ModelFixture("vit-tiny", .int8)
    encoder = try CLIPEncoder<Float>(fixture.configuration, fixture.file)
  }

  private var subject: VerificationSubject {
    get throws {
      VerificationSubject(
        name: "model.ingot", encoding: "int8", provenance: try fixture.file.provenance(), checkpoint: fixture.file)
    }
  }

  private func made() throws -> (certificate: Certificate, evidence: [UInt8]) {
    let verification = try Verifier.run(encoder, subject, against: fixture.bundle, named: "golden", Compute())
    #expect(verification.report.passed)
    return try Certificate.make(verification, encoder, fixture.file, reference: reference, tool: "test", Compute())
  }

  private func stamp(_ certificate: Certificate, _ evidence: [UInt8], onto file: IngotFile? = nil) throws -> IngotFile {
    let path = fixture.folder.path("stamped.ingot")
    _ = try (file ?? fixture.file)
      .stamped(certificate: certificate.json(), evidence: evidence, to: path, existing: .replace)
    return try IngotFile(MappedFile(path: path))
  }

  private func check(_ file: IngotFile, threads: Int = 2) throws -> CertificateCheck {
    let certificate = try #require(try file.certificate())
    let activations = try #require(ActivationEncoding(rawValue: certificate.activations))
    return try CertificateCheck(
      certificate, file, CLIPEncoder<Float>(file.configuration(), file, activations: activations),
      Compute(threads: threads))
  }

  @Test func `a stamped file is checked from itself, on any number of threads and on any instructions`() throws {
    let (certificate, evidence) = try made()
    let file = try stamp(certificate, evidence)
    for threads in [1, 2] {
      let result = try check(file, threads: threads)
      #expect(result.passed, "\(result.failures)")
      #expect(result.confirmed.count >= 6)
    }
    #expect(file.modelDigest == fixture.file.modelDigest)
    let plain = try CertificateCheck(
      certificate, file, CLIPEncoder<Float>(file.configuration(), file), Compute(path: .plain, threads: 1))
    #expect(plain.passed, "\(plain.failures)")
  }

  @Test func `the same verification gives the same bytes, and its report goes through JSON`() throws {
    let (first, second) = (try made(), try made())
    #expect(try first.certificate.json() == second.certificate.json())
    #expect(first.evidence == second.evidence)
    #expect(try Certificate(json: first.certificate.json()) == first.certificate)
  }

  @Test func `synthetic probes are made again and not stored`() throws {
    let source = try ModelFixture("vit-tiny", .source)
    let other = try CLIPEncoder<Float>(source.configuration, source.file)
    let probes = Probes(.synthetic, ProbeInputs.bundle(for: fixture.configuration, images: 12, texts: 9))
    let verification = try Verifier.run(
      encoder, subject, against: other, named: "source", probes, source: source.file, Compute())
    let report = verification.report
    try #require(report.passed, "\(report.summary.joined(separator: "\n"))")
    let tensors = try #require(report.tensors)
    #expect(tensors.count == fixture.file.tensorCount)
    #expect(tensors.contains { $0.verdict == "quantized" } && tensors.contains { $0.verdict == "bit-identical" })
    let (certificate, evidence) = try Certificate.make(
      verification, encoder, fixture.file, reference: reference, tool: "test", Compute())
    #expect(!certificate.evidence.contains { $0.name == "pixel_values" })
    let result = try check(stamp(certificate, evidence))
    #expect(result.passed, "\(result.failures)")
  }

  /// A change of the certificate, and a word of what is found.
  struct Tampering: Sendable, CustomTestStringConvertible {
    let name: String
    let word: String
    let change: @Sendable (inout Certificate) -> Void
    var testDescription: String { name }
  }

  static let tamperings = [
    Tampering(name: "of another model", word: "another model") { $0.model = String(repeating: "1", count: 64) },
    Tampering(name: "did not pass", word: "did not pass") { $0.report.passed = false },
    Tampering(name: "other probes", word: "probes") { $0.probes.sha256 = String(repeating: "2", count: 64) },
    Tampering(name: "a block's digest", word: "vision.hidden.1 first") {
      $0.blocks[1].sha256 = String(repeating: "3", count: 64)
    },
    Tampering(name: "a block left out", word: "blocks") { $0.blocks.removeLast() },
    Tampering(name: "smaller error of logits", word: "max |Δ| of logits") { $0.report.logits?.maxAbs /= 2 },
    Tampering(name: "smaller mean error", word: "mean |Δ| of logits") { $0.report.logits?.meanAbs /= 2 },
    Tampering(name: "better cosine", word: "least cosine of image_embeds") { $0.report.imageEmbeds?.minCosine = 1 },
    Tampering(name: "smaller error of texts", word: "max |Δ| of text_embeds") { $0.report.textEmbeds?.maxAbs = 0 },
    Tampering(name: "better agreement", word: "same best text") { $0.report.agreement?.top1.rate = 0.5 },
    Tampering(name: "smaller KL", word: "KL of the model") { $0.report.divergences?.fromReference.mean /= 2 },
    Tampering(name: "smaller KL backwards", word: "KL of the reference") {
      $0.report.divergences?.toReference.mean /= 2
    },
    Tampering(name: "better guarantee", word: "cannot flip") { $0.report.flipGuarantee?.probes.rate = 2 },
    Tampering(name: "smaller margin", word: "margin") { $0.report.flipGuarantee?.requiredMargin /= 2 },
    Tampering(name: "a figure left out", word: "not the same set") { $0.report.logits = nil },
    Tampering(name: "tolerance below the error", word: "beyond its tolerance") { $0.report.tolerance.logitsMaxAbs = 0 },
  ]

  @Test(arguments: tamperings)
  func `a certificate that says something else is found, and the part is named`(_ tampering: Tampering) throws {
    var (certificate, evidence) = try made()
    tampering.change(&certificate)
    let result = try check(stamp(certificate, evidence))
    #expect(!result.passed)
    #expect(result.failures.contains { $0.contains(tampering.word) }, "\(result.failures)")
    evidence = []
  }

  @Test func `stored reference logits that were moved no longer give the stated figures`() throws {
    var (certificate, evidence) = try made()
    let place = try #require(certificate.evidence.firstIndex { $0.name == "reference.logits_per_image" })
    let part = certificate.evidence[place]
    evidence[part.offset + 2] ^= 0x40
    #expect(throws: CheckpointError.self, "a digest stands in the way") { try check(stamp(certificate, evidence)) }
    let length = part.shape.reduce(4, *)
    certificate.evidence[place].sha256 =
      Array(evidence[part.offset..<part.offset + length])
      .withRawSpan { SHA256Digest(of: $0) }.description
    let result = try check(stamp(certificate, evidence))
    #expect(!result.passed)
    #expect(result.failures.contains { $0.contains("logits") })
  }

  @Test func `a certificate on another model, and on one whose weights were changed, is found`() throws {
    let (certificate, evidence) = try made()
    let other = try ModelFixture("vit-tiny", .float16)
    let replayed = try check(stamp(certificate, evidence, onto: other.file))
    #expect(replayed.failures.contains { $0.contains("another model") })
    // The name of the model written over as well: now the outputs tell.
    var forged = certificate
    forged.model = other.file.modelDigest.description
    let result = try check(stamp(forged, evidence, onto: other.file))
    #expect(result.firstDivergence == "vision.hidden.0")
    #expect(result.failures.contains { $0.contains("other bits") })
  }

  @Test func `evidence that ends early, lies elsewhere or is missing is refused`() throws {
    let (certificate, evidence) = try made()
    for count in [0, 1, evidence.count / 2, evidence.count - 1] {
      let file = try stamp(certificate, Array(evidence.prefix(count)))
      #expect(throws: CheckpointError.self) { try check(file) }
    }
    for change: @Sendable (inout Certificate.Part) -> Void in [
      { $0.offset = -4 }, { $0.offset = Int.max - 3 }, { $0.shape = [Int.max, Int.max] }, { $0.shape = [-1, 4] },
      { $0.type = "F64" }, { $0.shape = [1] },
    ] {
      var damaged = certificate
      change(&damaged.evidence[0])
      let file = try stamp(damaged, evidence)
      #expect(throws: CheckpointError.self) { try check(file) }
    }
    var greedy = certificate
    greedy.probes.kind = .synthetic
    greedy.probes.seeds = [ProbeInputs.imageSeed, ProbeInputs.textSeed]
    greedy.probes.images = 1 << 40
    let file = try stamp(greedy, evidence)
    #expect(throws: CheckpointError.self) { try check(file) }
    #expect(throws: CheckpointError.self) { try Certificate(json: Array("{}".utf8)) }
    var later = certificate
    later.version = 2
    let json = try later.json()
    let error = #expect(throws: CheckpointError.self) { try Certificate(json: json) }
    #expect(error?.code == .unsupported)
  }

  @Test func `a tensor beyond its bound fails, with its name`() throws {
    let source = try ModelFixture("vit-tiny", .source)
    let name = "vision.blocks.1.mlp.up.weight"
    let spoiled = try fixture.spoiled(name) { bytes, _ in bytes[7] = bytes[7] == 127 ? 126 : bytes[7] &+ 1 }
    let subject = VerificationSubject(
      name: "model.ingot", encoding: "int8", provenance: try fixture.file.provenance(), checkpoint: spoiled)
    let checks = try FidelityReport.TensorCheck.all(of: subject, against: source.file, Compute())
    let failed = checks.filter { !$0.passed }
    #expect(failed.map(\.name) == [name])
    #expect(failed.first?.worstIndex == 7)
    #expect((failed.first?.shareOfBound ?? 0) > 1)
    for scheme in [EncodingScheme.source, .float32, .float16, .bfloat16, .int8] {
      let sound = try ModelFixture("vit-tiny", scheme)
      let subject = VerificationSubject(
        name: "", encoding: scheme.rawValue, provenance: try sound.file.provenance(), checkpoint: sound.file)
      let checks = try FidelityReport.TensorCheck.all(of: subject, against: source.file, Compute())
      let beyond = checks.filter { !$0.passed }
      #expect(beyond.isEmpty, "\(scheme): \(beyond)")
    }
  }
}
