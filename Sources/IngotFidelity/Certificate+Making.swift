// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotTensor

extension Certificate {
  /// Makes the certificate of a verification that passed.
  ///
  /// The model is run once more, for the digest of each block.
  ///
  /// - Parameters:
  ///   - verification: that passed.
  ///   - encoder: the model.
  ///   - file: the same.
  ///   - reference: what it was compared with.
  ///   - tool: the version of Ingot.
  ///   - compute: how to compute.
  /// - Returns: the certificate, and the evidence that it refers to.
  /// - Throws: what running the model throws.
  public static func make(
    _ verification: Verification, _ encoder: CLIPEncoder<Float>, _ file: IngotFile, reference: Reference, tool: String,
    _ compute: Compute
  ) throws -> (certificate: Certificate, evidence: [UInt8]) {
    precondition(verification.report.passed, "only what passed is certified")
    let inputs = verification.probes.inputs
    let run = try ObservedRun(encoder, inputs, compute)
    var evidence = Evidence()
    evidence.add("reference.image_embeds", verification.imageEmbeds)
    evidence.add("reference.text_embeds", verification.textEmbeds)
    evidence.add("reference.logits_per_image", verification.logits)
    evidence.add("model.image_embeds", run.imageEmbeds)
    evidence.add("model.text_embeds", run.textEmbeds)
    evidence.add("model.logits_per_image", run.logits)
    let kind = verification.probes.kind
    if kind != .synthetic {
      if inputs.imageCount > 0 {
        let plane = inputs.pixels.count / inputs.imageCount
        evidence.add("pixel_values", type: "F32", [inputs.imageCount, plane], inputs.pixels)
      }
      if !inputs.texts.isEmpty {
        evidence.add(
          "input_ids", type: "I32", [inputs.texts.count, inputs.texts[0].count], inputs.texts.flatMap { $0 })
      }
    }
    var report = verification.report
    // Paths and what can be computed again are not of the file.
    report.model = "this file"
    report.against = reference.name
    report.series = nil
    report.tensors = nil
    let certificate = Certificate(
      version: currentVersion, tool: tool, model: file.modelDigest.description, reference: reference,
      probes: ProbeRecord(
        kind: kind, seeds: kind == .synthetic ? [ProbeInputs.imageSeed, ProbeInputs.textSeed] : [],
        images: inputs.imageCount, texts: inputs.texts.count, textLength: inputs.texts.first?.count ?? 0,
        sha256: verification.probes.digest.description),
      activations: encoder.activations.rawValue, blocks: run.blocks, evidence: evidence.parts, report: report)
    return (certificate, evidence.bytes)
  }
}

/// Arrays laid one after the other.
struct Evidence {
  private(set) var bytes: [UInt8] = []
  private(set) var parts: [Certificate.Part] = []

  mutating func add(_ name: String, _ matrix: Matrix<Float>?) {
    guard let matrix else { return }
    add(name, type: "F32", [matrix.rows, matrix.columns], matrix.values)
  }

  mutating func add<Number: BitwiseCopyable>(_ name: String, type: String, _ shape: [Int], _ values: [Number]) {
    values.withRawSpan { span in
      parts.append(
        Certificate.Part(
          name: name, type: type, shape: shape, offset: bytes.count, sha256: SHA256Digest(of: span).description))
      bytes += span.copied()
    }
  }
}

/// A run of a model in which the output of every block is hashed as it comes.
struct ObservedRun {
  let imageEmbeds: Matrix<Float>?
  let textEmbeds: Matrix<Float>?
  let logits: Matrix<Float>?
  let blocks: [Certificate.Block]

  /// Images or texts computed together; changes memory, not results.
  private static let batch = 16

  init(_ encoder: CLIPEncoder<Float>, _ inputs: GoldenBundle, _ compute: Compute) throws {
    let encoder = encoder.fitted(to: inputs.texts)
    var order: [String] = []
    var streams: [String: SHA256Stream] = [:]
    func hash(_ state: HiddenState<Float>) {
      var stream: SHA256Stream
      if let known = streams[state.name] {
        stream = known
      } else {
        order.append(state.name)
        stream = SHA256Stream()
      }
      state.values.withRawSpan { stream.update($0) }
      streams[state.name] = stream
    }
    imageEmbeds =
      inputs.imageCount == 0
      ? nil
      : try encoder.embedImages(
        inputs.pixels, count: inputs.imageCount, batch: Self.batch, compute, observe: hash)
    textEmbeds =
      inputs.texts.isEmpty ? nil : try encoder.embedTexts(inputs.texts, batch: Self.batch, compute, observe: hash)
    if encoder.configuration.similarity != .none, let imageEmbeds, let textEmbeds {
      logits = try encoder.logits(imageEmbeds, textEmbeds, compute)
    } else {
      logits = nil
    }
    blocks = order.compactMap { name in
      streams[name].map { Certificate.Block(name: name, sha256: $0.finalize().description) }
    }
  }
}
