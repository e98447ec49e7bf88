// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotQuantization
import IngotTensor

/// Rounds the weights of a model to integers with compensation, in the order in which they are computed with: `Formats/numerics.md`, section
/// "Rounding with compensation".
///
/// The towers are run block by block, once as they are and once with what is rounded already. What is kept in memory is one block's activations and
/// products of inputs, and the tensors encoded so far.
struct BlockwiseQuantizer {
  /// A tensor as it is to be stored, and what was lost.
  struct Encoded: Sendable {
    let bytes: [UInt8]
    let outcome: TensorEncoder.Outcome
  }

  /// A tensor to be rounded.
  struct Weights: Sendable {
    let source: TensorDescriptor
    let target: TensorDescriptor
    let moments: [Float]
  }

  /// The most groups of tensors of one block that are rounded one after the other.
  private static let mostGroups = 8
  /// The most rows of activations that count for a tensor, and the bytes that those of one block may take; of more, every so many count.
  private static let mostRows = 16384
  private static let mostBytes = 256 << 20

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

  /// Rounds all that the inputs meet.
  ///
  /// - Returns: the encoded tensors by name. What met nothing, or has more than `CompensatedRounding.mostInputs` inputs, is not among them.
  /// - Throws: what reading and running the model throws, `corrupt` where activations are not finite.
  func encoded() throws -> [String: Encoded] {
    var done: [String: Encoded] = [:]
    let original = try encoder([:])
    for tower in Tower.allCases where count(of: tower) > 0 {
      try round(tower, original, &done)
    }
    return done
  }

  private func round(_ tower: Tower, _ original: CLIPEncoder<Float>, _ done: inout [String: Encoded]) throws {
    let blocks = original.blockCount(of: tower)
    var before: (original: [Float], own: [Float]) = ([], [])
    for block in 0...blocks where blocks > 0 {
      let counts = InputCounts()
      let after = try run(tower, block, original, before.original, seenBy: counts)
      let found = counts.all.filter {
        weights[$0.name] != nil && done[$0.name] == nil && $0.inputs <= CompensatedRounding.mostInputs
      }
      if !found.isEmpty {
        let rows = InputRows(of: Set(found.map(\.name)), choice(found, of: tower, original))
        _ = try run(tower, block, original, before.original, seenBy: rows)
        let size = (found.count + Self.mostGroups - 1) / Self.mostGroups
        for start in stride(from: 0, to: found.count, by: size) {
          let group = found[start..<min(start + size, found.count)].map { (name: $0.name, inputs: $0.inputs) }
          let products = InputProducts(of: group, beside: rows, compute)
          _ = try run(tower, block, encoder(done), before.own, seenBy: products)
          for (name, _) in group {
            guard let rounding = try CompensatedRounding(name, products, compute) else { continue }
            done[name] = try encode(name, rounding)
            progress(done.count, weights.count, name)
          }
        }
      }
      guard block < blocks else { break }
      before = (after, try run(tower, block, encoder(done), before.own, seenBy: nil))
    }
  }

  private func encode(_ name: String, _ rounding: CompensatedRounding) throws -> Encoded? {
    guard let tensor = weights[name] else { return nil }
    let (bytes, outcome) = try TensorEncoder(
      TensorStorage(tensor.source, in: checkpoint), as: tensor.target, compute, scales: scales,
      moments: tensor.moments, rounding: rounding
    ).encoded()
    return Encoded(bytes: bytes, outcome: outcome)
  }

  private func encoder(_ done: [String: Encoded]) throws -> CLIPEncoder<Float> {
    let replaced = done.compactMap { name, encoded in
      weights[name].map { OverlaidCheckpoint.Replacement(tensor: $0.target, bytes: encoded.bytes) }
    }
    return try CLIPEncoder<Float>(
      configuration, OverlaidCheckpoint(checkpoint, replaced), activations: .float32,
      sharing: shared.except(Set(done.keys)))
  }

  private func count(of tower: Tower) -> Int { tower == .vision ? inputs.imageCount : inputs.texts.count }

  /// Runs one block, or after the last one what follows it.
  ///
  /// - Returns: the block's output; nothing after the last one.
  private func run(
    _ tower: Tower, _ block: Int, _ encoder: CLIPEncoder<Float>, _ before: [Float],
    seenBy observer: (any ProductObserver)?
  ) throws -> [Float] {
    var compute = compute
    compute.observer = observer
    let count = count(of: tower)
    let texts = tower == .text ? inputs.texts : []
    if block == encoder.blockCount(of: tower) {
      _ = try encoder.embeddings(of: tower, fromLastBlock: before, count: count, texts: texts, compute)
      return []
    }
    guard block == 0 else {
      return try encoder.output(ofBlock: block, of: tower, from: before, count: count, texts: texts, compute)
    }
    return switch tower {
    case .vision: try encoder.firstBlock(ofImages: inputs.pixels, count: count, compute)
    case .text: try encoder.firstBlock(ofTexts: texts, compute)
    }
  }

  /// The rows that count: of texts only what their embeddings need.
  private func choice(
    _ found: [(name: String, rows: Int, inputs: Int)], of tower: Tower, _ encoder: CLIPEncoder<Float>
  ) -> RowChoice {
    var needed: [Bool] = []
    if tower == .text {
      for (text, length) in zip(inputs.texts, encoder.neededTokens(of: inputs.texts)) {
        needed += (0..<text.count).map { $0 < length }
      }
    }
    let tokens = needed.count { $0 }
    let perRow = found.reduce(0) { $0 + $1.inputs } * MemoryLayout<Float>.stride
    let most = min(Self.mostRows, max(1, Self.mostBytes / max(1, perRow)))
    var strides: [String: Int] = [:]
    for tensor in found {
      let rows = tensor.rows == needed.count ? tokens : tensor.rows
      strides[tensor.name] = max(1, (rows + most - 1) / most)
    }
    return RowChoice(strides: strides, needed: needed)
  }
}
