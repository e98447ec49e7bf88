// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotTensor

/// A certificate checked again from the file alone.
public struct CertificateCheck: Sendable, Hashable, Codable {
  /// Whether everything that can be computed again is as the certificate says.
  public private(set) var passed = true
  /// What was checked and found right, in sentences.
  public private(set) var confirmed: [String] = []
  /// What was found wrong, in sentences; each names the part.
  public private(set) var failures: [String] = []
  /// The first block whose output is not bit for bit the certified one.
  public private(set) var firstDivergence: String?

  /// Relative difference of two computations of one figure: functions of the C library differ in the last places.
  static let figureResolution = 1e-9

  private mutating func confirm(_ sentence: String) { confirmed.append(sentence) }

  private mutating func fail(_ sentence: String) {
    passed = false
    failures.append(sentence)
  }

  /// Runs the model on the certificate's probes and compares.
  ///
  /// - Parameters:
  ///   - certificate: the file's.
  ///   - file: its digests have been checked.
  ///   - encoder: the model in the file, with the activations that the certificate names.
  ///   - compute: how to compute.
  /// - Throws: `malformed` or `corrupt` for evidence that cannot be read, and what running the model throws.
  public init(
    _ certificate: Certificate, _ file: IngotFile, _ encoder: CLIPEncoder<Float>, _ compute: Compute
  ) throws {
    let model = file.modelDigest.description
    guard certificate.model == model else {
      fail(
        "the certificate is of another model: it was made for \(certificate.model), this file's tensors, architecture and provenance give \(model)"
      )
      return
    }
    confirm("it was made for this model (\(model.prefix(16))…)")
    guard certificate.report.passed, certificate.report.failures.isEmpty else {
      fail("the certificate's own report did not pass")
      return
    }
    let evidence = try EvidenceReader(certificate, file.verifiedSection(.evidence) ?? [])
    let inputs = try evidence.inputs(encoder.configuration)
    let digest = Probes(certificate.probes.kind, inputs).digest.description
    guard digest == certificate.probes.sha256 else {
      fail("the probes are not the certified ones: digest \(digest), certified is \(certificate.probes.sha256)")
      return
    }
    confirm(
      "\(inputs.imageCount) images and \(inputs.texts.count) texts (\(certificate.probes.kind.rawValue)) have the certified digest"
    )
    let run = try ObservedRun(encoder, inputs, compute)
    compareBlocks(run.blocks, certificate.blocks)
    compareOutputs(run, evidence)
    try compareFigures(run, evidence, certificate, inputs, encoder.configuration)
  }

  private mutating func compareBlocks(_ found: [Certificate.Block], _ expected: [Certificate.Block]) {
    guard found.map(\.name) == expected.map(\.name) else {
      fail("the certificate has \(expected.count) blocks, the model \(found.count), or under other names")
      return
    }
    let other = zip(found, expected).filter { $0.0.sha256 != $0.1.sha256 }.map(\.0.name)
    if let first = other.first {
      firstDivergence = first
      fail("\(other.count) of \(found.count) blocks give other bits than certified, \(first) first")
    } else {
      confirm("\(found.count) blocks give the certified bits")
    }
  }

  private mutating func compareOutputs(_ run: ObservedRun, _ evidence: EvidenceReader) {
    for (name, found) in [
      ("image_embeds", run.imageEmbeds), ("text_embeds", run.textEmbeds), ("logits_per_image", run.logits),
    ] {
      let expected = evidence.matrices["model.\(name)"]
      guard let found, let expected else {
        if found != nil || expected != nil { fail("\(name): only one of certificate and model has it") }
        continue
      }
      // Bits, not numbers: a zero of another sign is another result.
      let isSame =
        found.rows == expected.rows && found.columns == expected.columns
        && found.values.withRawSpan { left in expected.values.withRawSpan { left.elementsEqual($0) } }
      if isSame {
        confirm("\(name), \(found.rows) × \(found.columns), is bit for bit the certified one")
      } else {
        let largest = zip(found.values, expected.values).map { abs($0 - $1) }.max() ?? 0
        fail("\(name) is not the certified one: it differs by up to \(largest)")
      }
    }
  }

  private mutating func compareFigures(
    _ run: ObservedRun, _ evidence: EvidenceReader, _ certificate: Certificate, _ inputs: GoldenBundle,
    _ configuration: CLIPConfiguration
  ) throws {
    let certified = certificate.report
    let tolerance = certified.tolerance
    var compared = 0
    func compare(_ name: String, _ found: Double?, _ expected: Double?, within allowed: ClosedRange<Double>? = nil) {
      guard let found, let expected else {
        if found != nil || expected != nil { fail("\(name): stated and computed figures are not the same set") }
        return
      }
      compared += 1
      // Written so that NaN fails.
      if !(abs(found - expected) <= Self.figureResolution * max(1e-6, abs(found), abs(expected))) {
        fail("\(name) is \(found), computed from the stored reference; the certificate states \(expected)")
      }
      if let allowed, !allowed.contains(found) { fail("\(name) is \(found), beyond its tolerance") }
    }
    func embeddings(
      _ name: String, _ found: Matrix<Float>?, _ stated: FidelityReport.Embeddings?, _ largest: Double,
      _ leastCosine: Double
    ) {
      let reference = evidence.matrices["reference.\(name)"]
      let figures = found.flatMap { found in
        reference.flatMap {
          $0.rows == found.rows && $0.columns == found.columns ? FidelityReport.Embeddings(found, $0) : nil
        }
      }
      compare("max |Δ| of \(name)", figures?.maxAbs, stated?.maxAbs, within: 0...max(0, largest))
      compare("least cosine of \(name)", figures?.minCosine, stated?.minCosine, within: min(leastCosine, 1)...1)
    }
    embeddings(
      "image_embeds", run.imageEmbeds, certified.imageEmbeds, tolerance.imageEmbedsMaxAbs,
      tolerance.imageEmbedsMinCosine)
    embeddings(
      "text_embeds", run.textEmbeds, certified.textEmbeds, tolerance.textEmbedsMaxAbs, tolerance.textEmbedsMinCosine)
    let expected = evidence.matrices["reference.logits_per_image"]
    var logits: FidelityReport.Logits?
    var again = certified
    if let found = run.logits, let expected, found.rows == expected.rows, found.columns == expected.columns {
      logits = FidelityReport.Logits(found, expected)
      let figures = Figures(found, expected)
      again.agreement = figures.agreement
      again.divergences = figures.divergences
    }
    compare("max |Δ| of logits", logits?.maxAbs, certified.logits?.maxAbs, within: 0...max(0, tolerance.logitsMaxAbs))
    compare("mean |Δ| of logits", logits?.meanAbs, certified.logits?.meanAbs)
    compare("share of images with the same best text", again.agreement?.top1.rate, certified.agreement?.top1.rate)
    compare(
      "KL of the model from the reference", again.divergences?.fromReference.mean,
      certified.divergences?.fromReference.mean)
    compare(
      "KL of the reference from the model", again.divergences?.toReference.mean, certified.divergences?.toReference.mean
    )
    if let images = run.imageEmbeds, let texts = run.textEmbeds,
      let otherImages = evidence.matrices["reference.image_embeds"],
      let otherTexts = evidence.matrices["reference.text_embeds"], otherImages.rows == images.rows,
      otherTexts.rows == texts.rows, otherImages.columns == images.columns, otherTexts.columns == texts.columns
    {
      let bound = FlipBound(images, texts, reference: otherImages, otherTexts).guarantee
      compare("share of images that cannot flip", bound?.probes.rate, certified.flipGuarantee?.probes.rate)
      compare("margin that no prompts can flip", bound?.requiredMargin, certified.flipGuarantee?.requiredMargin)
    }
    if failures.isEmpty {
      confirm(
        "\(compared) figures, computed again from the stored reference, are as stated and within the stated tolerance")
    }
  }
}

/// Reads the evidence of a certificate; nothing in either is believed before it is checked.
struct EvidenceReader {
  /// Float32 arrays of two dimensions, by name.
  private(set) var matrices: [String: Matrix<Float>] = [:]
  private var tokens: [[Int32]] = []
  private let probes: Certificate.ProbeRecord

  init(_ certificate: Certificate, _ bytes: [UInt8]) throws(CheckpointError) {
    probes = certificate.probes
    func fault(_ part: Certificate.Part, _ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
      CheckpointError(code, .ingot, at: max(0, part.offset), subject: "evidence \(part.name)", detail)
    }
    for part in certificate.evidence {
      guard part.shape.count == 2, part.shape.allSatisfy({ $0 >= 0 }), part.offset >= 0, part.offset % 4 == 0,
        let count = part.shape[0].multiplied(by: part.shape[1]), let length = count.multiplied(by: 4),
        let end = part.offset.adding(length), end <= bytes.count
      else {
        throw fault(part, .malformed, "\(part.type) \(part.shape) at \(part.offset) of \(bytes.count) bytes")
      }
      let content = Array(bytes[part.offset..<end])
      let digest = content.withRawSpan { SHA256Digest(of: $0) }.description
      guard digest == part.sha256 else {
        throw fault(part, .corrupt, "digest is \(digest), the certificate has \(part.sha256)")
      }
      switch part.type {
      case "F32":
        matrices[part.name] = Matrix(
          values: content.withRawSpan { [Float](littleEndianBytes: $0) }, rows: part.shape[0], columns: part.shape[1])
      case "I32":
        let values = content.withRawSpan { [Int32](littleEndianBytes: $0) }
        let width = part.shape[1]
        if part.name == "input_ids" {
          tokens = (0..<part.shape[0]).map { Array(values[$0 * width..<($0 + 1) * width]) }
        }
      default: throw fault(part, .unsupported, "type \(part.type), known are F32 and I32")
      }
    }
  }

  /// The probes.
  ///
  /// - Parameter configuration: of the model, for which synthetic ones are made.
  /// - Returns: images and texts.
  /// - Throws: `malformed` for counts beyond all reason, `mismatch` for stored pixels of another count.
  func inputs(_ configuration: CLIPConfiguration) throws(CheckpointError) -> GoldenBundle {
    guard (0...ProbeInputs.largestCount).contains(probes.images), (0...ProbeInputs.largestCount).contains(probes.texts)
    else {
      throw CheckpointError(
        .limit, .ingot, subject: "section CERT",
        "\(probes.images) images and \(probes.texts) texts, at most \(ProbeInputs.largestCount) of each are run")
    }
    switch probes.kind {
    case .synthetic:
      guard probes.seeds == [ProbeInputs.imageSeed, ProbeInputs.textSeed] else {
        throw CheckpointError(
          .unsupported, .ingot, subject: "section CERT",
          "probes are made from seeds \(probes.seeds), this version knows its own only")
      }
      return ProbeInputs.bundle(for: configuration, images: probes.images, texts: probes.texts)
    case .bundle, .files:
      let pixels = matrices["pixel_values"]
      guard (pixels?.rows ?? 0) == probes.images, tokens.count == probes.texts else {
        throw CheckpointError(
          .mismatch, .ingot, subject: "section CERT",
          "the evidence holds \(pixels?.rows ?? 0) images and \(tokens.count) texts, the certificate names \(probes.images) and \(probes.texts)"
        )
      }
      return GoldenBundle(pixels: pixels?.values ?? [], imageCount: probes.images, texts: tokens)
    }
  }
}
