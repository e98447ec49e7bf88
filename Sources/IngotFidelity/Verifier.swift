// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotTensor

/// Compares what a model computes with what a reference computed.
public enum Verifier {
  /// Compares with a golden bundle.
  ///
  /// - Parameters:
  ///   - encoder: the model.
  ///   - subject: where its weights came from.
  ///   - bundle: inputs and what the original framework computed from them.
  ///   - name: the bundle's file.
  ///   - compute: how to compute.
  /// - Returns: what was found.
  /// - Throws: `mismatch` when the inputs do not fit the model, `missing` when the bundle has no results to compare with.
  public static func verify(
    _ encoder: CLIPEncoder<Float>, _ subject: VerificationSubject, against bundle: GoldenBundle, named name: String,
    _ compute: Compute
  ) throws -> FidelityReport {
    try run(encoder, subject, against: bundle, named: name, compute).report
  }

  /// Compares with a golden bundle, and keeps what was computed.
  ///
  /// - Parameters:
  ///   - encoder: the model.
  ///   - subject: where its weights came from.
  ///   - bundle: inputs and what the original framework computed from them.
  ///   - name: the bundle's file.
  ///   - compute: how to compute.
  /// - Returns: what was found, and both sides' outputs.
  /// - Throws: `mismatch` when the inputs do not fit the model, `missing` when the bundle has no results to compare with.
  public static func run(
    _ encoder: CLIPEncoder<Float>, _ subject: VerificationSubject, against bundle: GoldenBundle, named name: String,
    _ compute: Compute
  ) throws -> Verification {
    guard bundle.imageEmbeds != nil || bundle.textEmbeds != nil else {
      throw CheckpointError(
        .missing, .bundle, "found inputs only, expected image_embeds or text_embeds to compare with")
    }
    let reference = Reference(
      imageEmbeds: bundle.imageEmbeds, textEmbeds: bundle.textEmbeds, logits: bundle.logits,
      hidden: { try bundle.hidden($0, shape: $1, count: $2) })
    let encoder = encoder.fitted(to: bundle.texts)
    let outputs = try ModelOutputs(running: encoder, on: bundle, compute)
    return try verify(
      encoder, subject, Probes(.bundle, bundle), outputs, reference, parts: (Few(all: bundle), reference), name, compute
    )
  }

  /// Compares with another model on the same inputs.
  ///
  /// - Parameters:
  ///   - encoder: the model.
  ///   - subject: where its weights came from.
  ///   - other: the reference.
  ///   - name: the reference's file.
  ///   - inputs: by default `ProbeInputs` made for the model.
  ///   - compute: how to compute.
  /// - Returns: what was found.
  /// - Throws: `mismatch` when the two models do not have the same shape.
  public static func verify(
    _ encoder: CLIPEncoder<Float>, _ subject: VerificationSubject, against other: CLIPEncoder<Float>,
    named name: String,
    inputs: GoldenBundle?, _ compute: Compute
  ) throws -> FidelityReport {
    let probes = inputs.map { Probes(.files, $0) } ?? Probes(.synthetic, ProbeInputs.bundle(for: encoder.configuration))
    return try run(encoder, subject, against: other, named: name, probes, compute).report
  }

  /// Compares with another model on the same inputs, and keeps what was computed.
  ///
  /// - Parameters:
  ///   - encoder: the model.
  ///   - subject: where its weights came from.
  ///   - other: the reference.
  ///   - name: the reference's file.
  ///   - probes: what both are run on.
  ///   - source: the reference's tensors under canonical names, to be compared one by one; `nil` where they are not.
  ///   - compute: how to compute.
  /// - Returns: what was found, and both sides' outputs.
  /// - Throws: `mismatch` when the two models do not have the same shape, and what reading tensors throws.
  public static func run(
    _ encoder: CLIPEncoder<Float>, _ subject: VerificationSubject, against other: CLIPEncoder<Float>,
    named name: String, _ probes: Probes, source: (any Checkpoint)? = nil, _ compute: Compute
  ) throws -> Verification {
    guard encoder.configuration.hasShape(of: other.configuration) else {
      throw CheckpointError(.mismatch, .clip, "the two models do not have the same towers: they cannot be compared")
    }
    let encoder = encoder.fitted(to: probes.inputs.texts)
    let outputs = try ModelOutputs(running: encoder, on: probes.inputs, compute)
    let otherOutputs = try ModelOutputs(running: other, on: probes.inputs, compute)
    let few = Few(probes.inputs, outputs, otherOutputs)
    let fewOutputs = try ModelOutputs(running: other, on: few.inputs, compute, hidden: .all)
    func reference(_ outputs: ModelOutputs<Float>) -> Reference {
      Reference(
        imageEmbeds: outputs.imageEmbeds, textEmbeds: outputs.textEmbeds, logits: outputs.logits,
        hidden: { name, _, _ in fewOutputs.hidden[name]?.values })
    }
    var verification = try verify(
      encoder, subject, probes, outputs, reference(otherOutputs), parts: (few, reference(fewOutputs)), name, compute)
    if let source {
      let tensors = try FidelityReport.TensorCheck.all(of: subject, against: source, compute)
      verification.report.add(tensors)
    }
    return verification
  }

  private static func verify(
    _ encoder: CLIPEncoder<Float>, _ subject: VerificationSubject, _ probes: Probes, _ outputs: ModelOutputs<Float>,
    _ reference: Reference,
    parts: (few: Few, reference: Reference), _ name: String, _ compute: Compute
  ) throws -> Verification {
    let inputs = probes.inputs
    try requireWidth(reference.imageEmbeds, encoder, "image_embeds")
    try requireWidth(reference.textEmbeds, encoder, "text_embeds")
    let (few, fewReference) = parts
    let alone = try PartOutput.all(of: encoder, few.inputs, fewReference, compute)
    let activations = try ActivationCheck(alone, encoder, subject.checkpoint, few.inputs, fewReference, compute)
    let sensitivity = try Sensitivity(
      of: subject, encoder, few.isAll ? outputs : outputs.choosing(images: few.images, texts: few.texts), alone,
      few.inputs, fewReference, activations, compute)
    var report = FidelityReport(
      passed: true, model: subject.name, against: name, encoding: subject.encoding,
      activations: encoder.activations.rawValue, images: inputs.imageCount,
      texts: inputs.texts.count, tolerance: tolerance(subject, sensitivity, logitScale: Double(encoder.logitScale)),
      blocks: alone.map { FidelityReport.Block($0, sensitivity, encoder.configuration) }, failures: [])
    report.probes = probes.kind.rawValue
    if let found = outputs.imageEmbeds, let expected = reference.imageEmbeds {
      report.imageEmbeds = FidelityReport.Embeddings(found, expected)
    }
    if let found = outputs.textEmbeds, let expected = reference.textEmbeds {
      report.textEmbeds = FidelityReport.Embeddings(found, expected)
    }
    if let found = outputs.logits, let expected = reference.logits {
      report.logits = FidelityReport.Logits(found, expected)
    }
    report.add(outputs, reference, inputs, encoder.configuration.preprocessing)
    judge(&report, outputs)
    for finding in activations.findings(chance: sensitivity.activationShares, noise: sensitivity.channelNoise) {
      report.passed = false
      report.failures.append(
        "the \(finding.tower.rawValue) tower of the reference is nearer to \(finding.nearer.rawValue) than to this model's "
          + "\(finding.found.rawValue): its blocks are \(finding.share.text(digits: 3)) of the way there")
      // Blocks that are out of their bound come first; else the first that is nearer to the other activation.
      if report.blocks.allSatisfy(\.passed), report.firstDivergence == nil {
        report.firstDivergence = finding.firstBlock
      }
    }
    return Verification(
      report: report, probes: probes, outputs: outputs, imageEmbeds: reference.imageEmbeds,
      textEmbeds: reference.textEmbeds, logits: reference.logits)
  }

  private static func requireWidth(
    _ matrix: Matrix<Float>?, _ encoder: CLIPEncoder<Float>, _ name: String
  ) throws(CheckpointError) {
    guard let matrix, matrix.columns != encoder.configuration.embeddingWidth else { return }
    throw CheckpointError(
      .mismatch, .bundle, subject: name,
      "found \(matrix.columns) columns, the model embeds in \(encoder.configuration.embeddingWidth)")
  }

  private static func tolerance(
    _ subject: VerificationSubject, _ sensitivity: Sensitivity, logitScale: Double
  ) -> FidelityReport.Tolerance {
    let lossy = subject.relativeErrors
    let floor = ErrorModel.losslessEmbedding
    let safety = ErrorModel.extremeSafety
    let derivation =
      lossy.isEmpty
      ? "weights are the reference's own values: 1e-5 for an embedding's coordinate, 1e-5 × logit scale for a logit, from float32 rounding on both sides"
      : "\(lossy.count) tensors are stored with errors of up to \((lossy.values.max() ?? 0).text(digits: 2)) of their length: "
        + "three times the largest effect that \(sensitivity.draws) draws of random errors of that size have on these inputs, plus 1e-5 for float32"
    func leastCosine(_ effect: Sensitivity.Effect) -> Double {
      // Angles grow with the square of the error.
      1 - floor * floor / 2 - ErrorModel.cosineResolution - safety * safety * effect.angle
    }
    return FidelityReport.Tolerance(
      imageEmbedsMaxAbs: floor + safety * sensitivity.imageEmbeds.maxAbs,
      textEmbedsMaxAbs: floor + safety * sensitivity.textEmbeds.maxAbs,
      imageEmbedsMinCosine: leastCosine(sensitivity.imageEmbeds),
      textEmbedsMinCosine: leastCosine(sensitivity.textEmbeds),
      logitsMaxAbs: floor * logitScale + safety * sensitivity.logits, derivation: derivation)
  }

  private static func judge(_ report: inout FidelityReport, _ outputs: ModelOutputs<Float>) {
    var failures: [String] = []
    func require(_ found: Double, atMost allowed: Double, _ what: String) {
      // Written so that NaN fails.
      if !(found <= allowed) {
        failures.append("\(what) is \(found.text(digits: 4)), allowed is \(allowed.text(digits: 4))")
      }
    }
    let tolerance = report.tolerance
    if let embeds = report.imageEmbeds {
      require(
        embeds.maxAbs, atMost: tolerance.imageEmbedsMaxAbs, "max |Δ| of image embeddings (image \(embeds.worstIndex))")
      require(1 - embeds.minCosine, atMost: 1 - tolerance.imageEmbedsMinCosine, "1 − least cosine of image embeddings")
    }
    if let embeds = report.textEmbeds {
      require(
        embeds.maxAbs, atMost: tolerance.textEmbedsMaxAbs, "max |Δ| of text embeddings (text \(embeds.worstIndex))")
      require(1 - embeds.minCosine, atMost: 1 - tolerance.textEmbedsMinCosine, "1 − least cosine of text embeddings")
    }
    if let logits = report.logits {
      require(
        logits.maxAbs, atMost: tolerance.logitsMaxAbs,
        "max |Δ| of logits (image \(logits.worstImage), text \(logits.worstText))")
    }
    for values in [outputs.imageEmbeds?.values, outputs.textEmbeds?.values, outputs.logits?.values].compactMap({ $0 }) {
      let count = values.filter { !$0.isFinite }.count
      if count > 0 { failures.append("\(count) of \(values.count) outputs are NaN or infinite") }
    }
    for block in report.blocks where !block.passed {
      failures.append(
        block.error <= block.bound
          ? "\(block.name) alone has a channel \(block.worstChannel.text(digits: 3)) times as far off as allowed"
          : "\(block.name) alone differs by \(block.error.text(digits: 4)), allowed is \(block.bound.text(digits: 4))")
    }
    report.failures = failures
    report.passed = failures.isEmpty
    report.firstDivergence = report.blocks.first { !$0.passed }?.name
    if report.firstDivergence == nil, !failures.isEmpty {
      let imagesFail = report.imageEmbeds.map { !($0.maxAbs <= tolerance.imageEmbedsMaxAbs) } ?? false
      let textsFail = report.textEmbeds.map { !($0.maxAbs <= tolerance.textEmbedsMaxAbs) } ?? false
      report.firstDivergence = imagesFail ? "vision" : textsFail ? "text" : "logit_scale"
    }
  }
}

extension CLIPConfiguration {
  /// Whether two models have blocks of the same shapes, so that their hidden states can be compared.
  func hasShape(of other: CLIPConfiguration) -> Bool {
    guard embeddingWidth == other.embeddingWidth, text?.contextLength == other.text?.contextLength,
      text?.transformer.width == other.text?.transformer.width,
      text?.transformer.layers == other.text?.transformer.layers
    else { return false }
    switch (vision, other.vision) {
    case (nil, nil): return true
    case (.transformer(let a), .transformer(let b)):
      return a.tokens == b.tokens && a.patchSize == b.patchSize && a.transformer.width == b.transformer.width
        && a.transformer.layers == b.transformer.layers
    case (.residualNetwork(let a), .residualNetwork(let b)):
      return a.width == b.width && a.grid == b.grid && a.blocks == b.blocks
    case (.convolutional(let a), .convolutional(let b)):
      return a.hasMaps(of: b)
    case (.mobile(let a), .mobile(let b)): return a.imageSize == b.imageSize && a.stages == b.stages
    default: return false
    }
  }
}
