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

/// What one part of a model computes alone, from the reference's input to that part.
struct PartOutput {
  /// The parts that are run alone, in the order of computation.
  enum Part: Hashable {
    case block(Tower, Int)
    case head(Tower)
    case logitScale

    /// As in golden bundles: `vision.hidden.3`.
    var name: String {
      switch self {
      case .block(let tower, let index): "\(tower.rawValue).hidden.\(index)"
      case .head(let tower): "\(tower.rawValue).head"
      case .logitScale: "logit_scale"
      }
    }
  }

  let part: Part
  let found: [Float]
  let expected: [Float]
  /// Numbers of one token; 1 where channels mean nothing.
  let channels: Int

  /// Runs every part whose input and output the reference has: an error then shows where it arises, and nowhere else.
  ///
  /// - Parameters:
  ///   - encoder: the model.
  ///   - inputs: what the reference was given.
  ///   - reference: what it computed.
  ///   - compute: how to compute.
  /// - Returns: one output for each part, in the order of computation.
  /// - Throws: `mismatch` when the reference has other shapes.
  static func all(
    of encoder: CLIPEncoder<Float>, _ inputs: GoldenBundle, _ reference: Reference, _ compute: Compute
  ) throws -> [PartOutput] {
    var outputs: [PartOutput] = []
    if inputs.imageCount > 0 {
      outputs += try tower(.vision, encoder, inputs, reference, inputs.imageCount, reference.imageEmbeds, compute)
    }
    if !inputs.texts.isEmpty {
      outputs += try tower(.text, encoder, inputs, reference, inputs.texts.count, reference.textEmbeds, compute)
    }
    if let images = reference.imageEmbeds, let texts = reference.textEmbeds, let logits = reference.logits {
      let found = try encoder.logits(images, texts, compute)
      outputs.append(PartOutput(part: .logitScale, found: found.values, expected: logits.values, channels: 1))
    }
    return outputs
  }

  private static func tower(
    _ tower: Tower, _ encoder: CLIPEncoder<Float>, _ inputs: GoldenBundle, _ reference: Reference, _ count: Int,
    _ embeds: Matrix<Float>?, _ compute: Compute
  ) throws -> [PartOutput] {
    var outputs: [PartOutput] = []
    var previous: [Float] = []
    for index in 0..<encoder.blockCount(of: tower) {
      let part = Part.block(tower, index)
      let shape = encoder.outputShape(ofBlock: index, of: tower)
      guard let expected = try reference.hidden(part.name, shape, count) else { return [] }
      let found =
        index == 0
        ? try firstBlock(of: tower, encoder, inputs, compute)
        : try encoder.output(
          ofBlock: index, of: tower, from: previous, count: count, texts: tower == .text ? inputs.texts : [], compute)
      outputs.append(
        PartOutput(part: part, found: found, expected: expected, channels: shape.rank == 2 ? shape[1] : 1))
      previous = expected
    }
    if let embeds {
      let found = try encoder.embeddings(of: tower, fromLastBlock: previous, count: count, texts: inputs.texts, compute)
      outputs.append(PartOutput(part: .head(tower), found: found.values, expected: embeds.values, channels: 1))
    }
    return outputs
  }

  /// The output of block 0, from the inputs.
  private static func firstBlock(
    of tower: Tower, _ encoder: CLIPEncoder<Float>, _ inputs: GoldenBundle, _ compute: Compute
  ) throws -> [Float] {
    switch tower {
    case .vision: try encoder.firstBlock(ofImages: inputs.pixels, count: inputs.imageCount, compute)
    case .text: try encoder.firstBlock(ofTexts: inputs.texts, compute)
    }
  }

  /// Euclidean length of the reference's output.
  var size: Double {
    expected.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// Euclidean length of what differs between two outputs of the part.
  func distance(to other: [Float]) -> Double {
    zip(found, other).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }.squareRoot()
  }

  /// The same, channel by channel.
  func channelDistances(to other: [Float]) -> [Double] {
    var sums = [Double](repeating: 0, count: channels)
    for index in found.indices {
      let difference = Double(found[index] - other[index])
      sums[index % channels] += difference * difference
    }
    return sums.map { $0.squareRoot() }
  }
}
