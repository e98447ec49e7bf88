// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// What a reference computed, as far as it is known.
struct Reference {
  let imageEmbeds: Matrix<Float>?
  let textEmbeds: Matrix<Float>?
  let logits: Matrix<Float>?
  /// The output of a block for all images or texts, by name and shape of one of them.
  let hidden: (_ name: String, _ shape: Shape, _ count: Int) throws -> [Float]?
}

/// Checks each block alone: it is run on the reference's output of the block before, so that an error shows where it arises and
/// nowhere else.
struct BlockCheck {
  let encoder: CLIPEncoder<Float>
  let inputs: GoldenBundle
  let reference: Reference
  let model: ErrorModel
  let compute: Compute

  /// All parts whose input and output the reference has, in the order of computation.
  func run() throws -> [FidelityReport.Block] {
    var blocks: [FidelityReport.Block] = []
    if inputs.imageCount > 0 { blocks += try check(.vision, count: inputs.imageCount, reference.imageEmbeds) }
    if !inputs.texts.isEmpty { blocks += try check(.text, count: inputs.texts.count, reference.textEmbeds) }
    if let images = reference.imageEmbeds, let texts = reference.textEmbeds, let logits = reference.logits {
      let found = try encoder.logits(images, texts, compute)
      blocks.append(
        block(
          "logit_scale", found.values, logits.values, floor: ErrorModel.losslessEmbedding, weightBound: 0, channels: 1))
    }
    return blocks
  }

  private func check(_ tower: Tower, count: Int, _ embeds: Matrix<Float>?) throws -> [FidelityReport.Block] {
    var blocks: [FidelityReport.Block] = []
    var previous: [Float]?
    let last = encoder.blockCount(of: tower) - 1
    for index in 0...last {
      let name = "\(tower.rawValue).hidden.\(index)"
      let shape = encoder.outputShape(ofBlock: index, of: tower)
      guard let expected = try reference.hidden(name, shape, count) else { return [] }
      let found =
        if let previous {
          try encoder.output(ofBlock: index, of: tower, from: previous, count: count, compute)
        } else {
          try firstBlock(of: tower)
        }
      // What the block adds; for block 0 and for stages of a residual network, all of its output.
      let isStream = previous.map { $0.count == expected.count } ?? false
      let branch = isStream ? previous.map { zip(expected, $0).map { $0 - $1 } } ?? expected : expected
      let weightError = model.weightError(of: .block(index), in: tower)
      let channels = shape.rank == 2 ? shape[1] : 1
      blocks.append(
        block(
          name, found, expected, floor: model.roundingError(of: .block(index), in: tower),
          weightBound: ErrorModel.safety * weightError * length(branch), branch: branch, weightError: weightError,
          channels: channels))
      previous = expected
    }
    if let previous, let embeds {
      let found = try encoder.embeddings(of: tower, fromLastBlock: previous, count: count, texts: inputs.texts, compute)
      blocks.append(
        block(
          "\(tower.rawValue).head", found.values, embeds.values, floor: model.roundingError(of: .head, in: tower) * 4,
          weightBound: ErrorModel.safety * model.weightError(of: .head, in: tower) * length(embeds.values), channels: 1)
      )
    }
    return blocks
  }

  /// The output of block 0, from the inputs.
  private func firstBlock(of tower: Tower) throws -> [Float] {
    var values: [Float] = []
    func keep(_ state: HiddenState<Float>) {
      if state.block == 0 { values += state.values }
    }
    switch tower {
    case .vision: _ = try encoder.embedImages(inputs.pixels, count: inputs.imageCount, compute, observe: keep)
    case .text: _ = try encoder.embedTexts(inputs.texts, compute, observe: keep)
    }
    return values
  }

  /// Compares lengths, and channel by channel.
  ///
  /// - Parameters:
  ///   - floor: relative error of the whole output that float32 explains.
  ///   - weightBound: Euclidean length that the weights' stated errors explain.
  ///   - branch: what the block adds.
  ///   - weightError: relative error of the block's weights.
  ///   - channels: numbers of one token.
  private func block(
    _ name: String, _ found: [Float], _ expected: [Float], floor: Double, weightBound: Double, branch: [Float] = [],
    weightError: Double = 0, channels: Int
  ) -> FidelityReport.Block {
    let difference = zip(found, expected).map { $0 - $1 }
    let size = max(length(expected), .leastNormalMagnitude)
    let error = length(difference) / size
    let bound = floor + weightBound / size
    var worst = 0.0
    if channels > 1, !branch.isEmpty {
      let errors = channelLengths(difference, channels)
      let outputs = channelLengths(expected, channels)
      let branches = channelLengths(branch, channels)
      let typicalOutput = length(expected) / Double(channels).squareRoot()
      let typicalBranch = length(branch) / Double(channels).squareRoot()
      for c in 0..<channels {
        // A channel's error scatters more than the whole's: it gets `channelSafety` times the allowance, and never less than a typical one.
        let allowed =
          Self.channelSafety
          * (floor * max(outputs[c], typicalOutput) + ErrorModel.safety * weightError * max(branches[c], typicalBranch))
        worst = max(worst, errors[c] / max(allowed, .leastNormalMagnitude))
      }
    }
    let isFinite = error.isFinite && worst.isFinite
    return FidelityReport.Block(
      name: name, error: error, bound: bound, worstChannel: worst, passed: isFinite && error <= bound && worst <= 1)
  }

  /// How much more than the whole's share one channel's error may be.
  static let channelSafety = 4.0

  private func length(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  private func channelLengths(_ values: [Float], _ channels: Int) -> [Double] {
    var sums = [Double](repeating: 0, count: channels)
    for (index, value) in values.enumerated() { sums[index % channels] += Double(value) * Double(value) }
    return sums.map { $0.squareRoot() }
  }
}
