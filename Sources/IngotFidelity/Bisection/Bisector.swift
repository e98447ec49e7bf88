// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
public import IngotTensor

/// Finds the first operation that two models compute differently.
///
/// Both run in float64, on the same values wherever the encodings' rounding explains the difference of stored ones: then every result before
/// the fault is the same number, and any difference is one. What is found is judged in float32, as the models are really run, against the
/// bound that rounding analysis gives the operation (`Formats/fidelity.md`, section "Bisection").
public struct Bisector {
  private let reference: ComparedModel
  private let model: ComparedModel
  private let compute: Compute
  /// How the tensors agree.
  public let agreement: [TensorAgreement]
  private let first: Side
  private let second: Side
  private let inputs: GoldenBundle
  private var report: BisectionReport
  private var capsule: Capsule?

  /// A model in both precisions.
  struct Side {
    let exact: CLIPEncoder<Double>
    let single: CLIPEncoder<Float>
  }

  /// Compares the tensors of two models and prepares to run them.
  ///
  /// - Parameters:
  ///   - reference: the model that is right.
  ///   - model: the other; of the same shape.
  ///   - inputs: by default, `ProbeInputs` and the tokens whose rows differ.
  ///   - compute: how to compute.
  /// - Throws: `mismatch` when the models do not have the same towers or tensors.
  public init(
    _ reference: ComparedModel, _ model: ComparedModel, inputs: GoldenBundle? = nil, _ compute: Compute
  ) throws {
    guard reference.configuration.hasShape(of: model.configuration) else {
      throw CheckpointError(.mismatch, .clip, "the two models do not have the same towers: they cannot be compared")
    }
    self.reference = reference
    self.model = model
    self.compute = compute
    let agreement = try TensorAgreement.all(reference, model, compute)
    self.agreement = agreement
    let tensors = Dictionary(reference.checkpoint.tensors.map { ($0.name, $0) }) { first, _ in first }
    var explained: [String: (tensor: TensorDescriptor, checkpoint: any Checkpoint)] = [:]
    for tensor in agreement where tensor.verdict == .explained || tensor.verdict == .identical {
      explained[tensor.name] = tensors[tensor.name].map { ($0, reference.checkpoint) }
    }
    let overlay = TensorOverlay(model.checkpoint, explained)
    self.inputs = inputs ?? Self.probes(for: reference.configuration, agreement)
    first = Side(
      exact: try reference.encoder().fitted(to: self.inputs.texts),
      single: try reference.encoder().fitted(to: self.inputs.texts))
    second = Side(
      exact: try model.encoder(taking: overlay).fitted(to: self.inputs.texts),
      single: try model.encoder(taking: overlay).fitted(to: self.inputs.texts))
    report = BisectionReport(
      reference: reference.name, model: model.name, diverged: false, first: nil, withinBounds: [], operations: 0,
      parts: 0, partialRuns: 0, identicalTensors: agreement.filter { $0.verdict == .identical }.count,
      explainedTensors: agreement.filter { $0.verdict == .explained }.count,
      differentTensors: agreement.filter { $0.verdict == .different || $0.verdict == .shape }.map(\.name),
      images: self.inputs.imageCount, texts: self.inputs.texts.count)
  }

  /// Searches the image tower, the text tower, then what follows both.
  ///
  /// - Returns: what was found, and the capsule of the first divergence where its operation has one.
  /// - Throws: what running the models throws.
  public mutating func run() throws -> (report: BisectionReport, capsule: Capsule?) {
    for tower in Tower.allCases where has(tower) && report.first == nil {
      try search(
        program(tower, first.exact), program(tower, second.exact),
        (program(tower, first.single), program(tower, second.single)))
    }
    if report.first == nil, first.exact.configuration.similarity != .none, has(.vision), has(.text) {
      let embeds: [Matrix<Double>] = try Tower.allCases.map { tower in
        let program = try program(tower, first.exact)
        let last = program.operations.count - 1
        return try program.run(compute) { $0 == last }[last] ?? Matrix(rows: 0, columns: 0)
      }
      let single = embeds.map { $0.single }
      try search(
        first.exact.program(ofImages: embeds[0], texts: embeds[1]),
        second.exact.program(ofImages: embeds[0], texts: embeds[1]),
        (
          first.single.program(ofImages: single[0], texts: single[1]),
          second.single.program(ofImages: single[0], texts: single[1])
        ))
    }
    report.diverged = report.first != nil
    return (report, capsule)
  }

  private func has(_ tower: Tower) -> Bool {
    switch tower {
    case .vision: reference.configuration.vision != nil && inputs.imageCount > 0
    case .text: reference.configuration.text != nil && !inputs.texts.isEmpty
    }
  }

  private func program<R: Real>(_ tower: Tower, _ encoder: CLIPEncoder<R>) throws -> Program<R> {
    switch tower {
    case .vision: try encoder.program(ofImages: inputs.pixels, count: inputs.imageCount, compute)
    case .text: try encoder.program(ofTexts: inputs.texts)
    }
  }

  /// A few images, texts of several lengths, and one text of the tokens whose rows differ.
  private static func probes(for configuration: CLIPConfiguration, _ agreement: [TensorAgreement]) -> GoldenBundle {
    let bundle = ProbeInputs.bundle(for: configuration, images: 2, texts: 3)
    guard let text = configuration.text, var row = bundle.texts.last,
      let table = agreement.first(where: { $0.name == "text.token_embedding.weight" && $0.verdict == .different })
    else { return bundle }
    let width = text.transformer.width
    for (place, element) in [table.firstUnexplained, table.lastUnexplained].enumerated() where place + 1 < row.count - 1
    {
      row[place + 1] = Int32(clamping: element / width)
    }
    return GoldenBundle(pixels: bundle.pixels, imageCount: bundle.imageCount, texts: bundle.texts + [row])
  }

  /// Searches one program.
  private mutating func search(
    _ a: Program<Double>, _ b: Program<Double>, _ single: (Program<Float>, Program<Float>)
  ) throws {
    report.operations += a.operations.count
    report.parts += a.parts.count
    let judge = OperationJudge(single, names: (reference.name, model.name), compute)
    // Where one model has an operation that the other lacks, what comes before is searched.
    let common = zip(a.operations, b.operations).prefix { $0.name == $1.name && $0.operands == $1.operands }.count
    let isWhole = common == a.operations.count && common == b.operations.count
    let parts = a.parts.filter { $0.operations.upperBound <= common }
    let states = try boundaries(of: a, parts)
    if isWhole {
      let part = try halve(b, parts, states)
      try lockstep(a, b, parts[part], part == 0 ? nil : states[part - 1], judge)
      if report.first != nil { return }
    }
    // Nothing there, or rounding explains it: every part, each operation alone; unless there is nothing to look for.
    let names = Set(a.parts.map(\.name))
    guard
      !isWhole || !report.differentTensors.isEmpty || reference.configuration != model.configuration
        || report.withinBounds.contains(where: { names.contains($0.part) })
    else { return }
    report.withinBounds.removeAll { names.contains($0.part) }
    for (index, part) in parts.enumerated() where report.first == nil {
      try lockstep(a, b, part, index == 0 ? nil : states[index - 1], judge)
    }
    if !isWhole, report.first == nil {
      let place = min(common, a.operations.count - 1)
      report.first = BisectionReport.Divergence(
        operation: a.operations[place].name, part: a.operations[place].part, kind: a.operations[place].kind.label,
        foundKind: common < b.operations.count ? b.operations[common].name : "nothing", row: 0, column: 0,
        reference: 0, found: 0, difference: 0, bound: 0, columns: [])
    }
  }

  /// The reference's state after each part.
  private func boundaries(of program: Program<Double>, _ parts: [Program<Double>.Part]) throws -> [Matrix<Double>] {
    guard let end = parts.last?.operations.upperBound else { return [] }
    let ends = Set(parts.map { $0.operations.upperBound - 1 })
    let values = try program.run(compute, 0..<end) { ends.contains($0) }
    return parts.compactMap { values[$0.operations.upperBound - 1] }
  }

  /// The part in which the models part, by halving: of a stretch, the first half is run from the reference's state before it.
  private mutating func halve(
    _ b: Program<Double>, _ parts: [Program<Double>.Part], _ states: [Matrix<Double>]
  ) throws -> Int {
    var (low, high) = (0, parts.count - 1)
    while low < high {
      let middle = (low + high) / 2
      let range = parts[low].operations.lowerBound..<parts[middle].operations.upperBound
      let known = low == 0 ? [:] : [range.lowerBound - 1: states[low - 1]]
      report.partialRuns += 1
      let end = try b.run(compute, range, from: known) { $0 == range.upperBound - 1 }[range.upperBound - 1]
      if end == states[middle] { low = middle + 1 } else { high = middle }
    }
    return low
  }

  /// Runs a part in both models, each operation of the second on the first's operands; stops at the first that is out of its bound.
  private mutating func lockstep(
    _ a: Program<Double>, _ b: Program<Double>, _ part: Program<Double>.Part, _ state: Matrix<Double>?,
    _ judge: OperationJudge
  ) throws {
    report.partialRuns += 1
    var values: [Int: Matrix<Double>] = [:]
    if let state { values[part.operations.lowerBound - 1] = state }
    for place in part.operations {
      let operands = a.operations[place].operands.compactMap { values[$0] }
      let result = try a.operations[place].result(operands, compute)
      values[place] = result
      guard try b.operations[place].result(operands, compute) != result,
        let verdict = try judge.judge(place, operands, (a.operations[place], b.operations[place]))
      else { continue }
      guard verdict.divergence.ratio > 1 else {
        report.withinBounds.append(verdict.divergence)
        continue
      }
      report.first = verdict.divergence
      capsule = verdict.capsule
      return
    }
  }
}

extension Matrix<Double> {
  /// The same numbers rounded to float32.
  var single: Matrix<Float> {
    Matrix<Float>(values: values.map { Float($0) }, rows: rows, columns: columns)
  }
}
