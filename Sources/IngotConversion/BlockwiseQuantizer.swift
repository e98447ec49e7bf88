// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotQuantization
import IngotTensor

/// Rounds the weights of a model to integers with compensation, in the order in which they are computed with: `Formats/numerics.md`, section
/// "Rounding with compensation".
///
/// The towers are run block by block, once as they are and once with what is stored otherwise already. What is kept in memory is one block's
/// activations and products of inputs, and the tensors encoded so far.
struct BlockwiseQuantizer {
  /// A tensor that is stored otherwise.
  struct Weights: Sendable {
    let source: TensorDescriptor
    let target: TensorDescriptor
    let moments: [Float]
  }

  /// The most groups of tensors of one block that are rounded one after the other.
  private static let mostGroups = 8

  let configuration: CLIPConfiguration
  /// The model, all of its tensors plain.
  let checkpoint: any Checkpoint
  let weights: [String: Weights]
  let scales: ScaleSearch
  let inputs: CalibrationSet
  let compute: Compute
  let progress: (Int, Int, String) -> Void

  private let shared = SharedWeights()

  init(
    _ configuration: CLIPConfiguration, _ checkpoint: any Checkpoint, _ weights: [Weights], scales: ScaleSearch,
    inputs: CalibrationSet, _ compute: Compute, progress: @escaping (Int, Int, String) -> Void
  ) {
    self.configuration = configuration
    self.checkpoint = checkpoint
    self.weights = Dictionary(uniqueKeysWithValues: weights.map { ($0.source.name, $0) })
    self.scales = scales
    self.inputs = inputs
    self.compute = compute
    self.progress = progress
  }

  /// Encodes all weights: what the inputs meet with compensation, before it what no product meets, or is no integer.
  ///
  /// - Returns: the encoded tensors by name.
  /// - Throws: what reading and running the model throws, `corrupt` where activations are not finite.
  func encoded() throws -> [String: EncodedTensor] {
    let original = try encoder([:])
    let met = try names(original)
    var done: [String: EncodedTensor] = [:]
    for name in weights.keys.sorted() where !met.contains(name) { done[name] = try encode(name, nil) }
    for tower in Tower.allCases where count(of: tower) > 0 {
      try round(tower, original, met, &done)
    }
    return done
  }

  /// The tensors that are rounded with compensation.
  private func names(_ original: CLIPEncoder<Float>) throws -> Set<String> {
    let counts = InputCounts()
    for tower in Tower.allCases where count(of: tower) > 0 {
      var before: [Float] = []
      for step in 0..<original.stepCount(of: tower) {
        before = try run(step, of: tower, original, before, on: inputs.first, seenBy: counts)
      }
    }
    return Set(
      counts.all.filter { found in
        found.inputs <= CompensatedRounding.mostInputs
          && weights[found.name].map { $0.target.encoding != .plain } ?? false
      }.map(\.name))
  }

  private func round(
    _ tower: Tower, _ original: CLIPEncoder<Float>, _ met: Set<String>, _ done: inout [String: EncodedTensor]
  ) throws {
    var before: (original: [Float], own: [Float]) = ([], [])
    for step in 0..<original.stepCount(of: tower) {
      let counts = InputCounts()
      let after = try run(step, of: tower, original, before.original, on: inputs, seenBy: counts)
      let found = counts.all.filter { met.contains($0.name) && done[$0.name] == nil }
      if !found.isEmpty {
        let needed = tower == .text ? original.neededTokens(of: inputs.texts) : []
        let rows = InputRows(of: Set(found.map(\.name)), RowChoice(fitting: found, needed: needed))
        _ = try run(step, of: tower, original, before.original, on: inputs, seenBy: rows)
        let size = (found.count + Self.mostGroups - 1) / Self.mostGroups
        for start in stride(from: 0, to: found.count, by: size) {
          let group = found[start..<min(start + size, found.count)].map { (name: $0.name, inputs: $0.inputs) }
          let products = InputProducts(of: group, beside: rows, compute)
          _ = try run(step, of: tower, encoder(done), before.own, on: inputs, seenBy: products)
          for (name, _) in group {
            done[name] = try encode(name, CompensatedRounding(name, products, compute))
            progress(done.count, weights.count, name)
          }
        }
      }
      guard step + 1 < original.stepCount(of: tower) else { break }
      before = (after, try run(step, of: tower, encoder(done), before.own, on: inputs, seenBy: nil))
    }
  }

  private func encode(_ name: String, _ rounding: CompensatedRounding?) throws -> EncodedTensor? {
    guard let tensor = weights[name] else { return nil }
    return try TensorEncoder(
      TensorStorage(tensor.source, in: checkpoint), as: tensor.target, compute, scales: scales,
      moments: tensor.moments, rounding: rounding
    ).encoded()
  }

  private func encoder(_ done: [String: EncodedTensor]) throws -> CLIPEncoder<Float> {
    try CLIPEncoder<Float>(
      configuration, OverlaidCheckpoint(checkpoint, done.values.map(\.replacement)), activations: .float32,
      sharing: shared.except(Set(done.keys)))
  }

  private func count(of tower: Tower) -> Int { tower == .vision ? inputs.imageCount : inputs.texts.count }

  private func run(
    _ step: Int, of tower: Tower, _ encoder: CLIPEncoder<Float>, _ before: [Float], on inputs: CalibrationSet,
    seenBy observer: (any ProductObserver)?
  ) throws -> [Float] {
    var compute = compute
    compute.observer = observer
    return try encoder.output(
      ofStep: step, of: tower, from: before, pixels: inputs.pixels, images: inputs.imageCount, texts: inputs.texts,
      compute)
  }
}
