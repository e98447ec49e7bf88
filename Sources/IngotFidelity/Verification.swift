// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// A verification with everything that was computed in it: what a certificate is made of.
public struct Verification: Sendable {
  /// What was found.
  public var report: FidelityReport
  /// What both sides were run on.
  public let probes: Probes
  /// What the model computed.
  public let outputs: ModelOutputs<Float>
  /// The reference's unit image embeddings, `[images, width]`.
  public let imageEmbeds: Matrix<Float>?
  /// The reference's unit text embeddings, `[texts, width]`.
  public let textEmbeds: Matrix<Float>?
  /// The reference's logits, `[images, texts]`.
  public let logits: Matrix<Float>?
}

extension FidelityReport {
  /// Adds the comparison of tensors; one that is out of its bound fails the whole.
  mutating func add(_ tensors: [TensorCheck]) {
    self.tensors = tensors
    for tensor in tensors where !tensor.passed {
      passed = false
      switch tensor.verdict {
      case "missing": failures.append("\(tensor.name): the reference has no such tensor")
      case "shape": failures.append("\(tensor.name): the reference has another shape")
      default:
        failures.append(
          "\(tensor.name) (\(tensor.encoding)): \(tensor.verdict), off by up to \(tensor.maximumError), worst against its bound at element \(tensor.worstIndex), "
            + "\(tensor.shareOfBound) of its bound; relative error \(tensor.relativeError), stated \(tensor.stated.map { "\($0)" } ?? "nothing")"
        )
      }
    }
  }
}

/// The images and texts on which parts are run alone and random errors drawn: some of all.
///
/// Half are those that the two models embed farthest apart: what is allowed is what random errors do, and inputs differ in how far they are
/// moved by them, so it must be measured on the very inputs that are judged by it. The others are evenly spaced, because texts may come in the
/// order of their length.
struct Few {
  /// The images, by number.
  let images: [Int]
  /// The texts, by number.
  let texts: [Int]
  /// The chosen ones.
  let inputs: GoldenBundle
  /// Whether that is all there are.
  let isAll: Bool

  /// Where the reference is a model, which is run for them once more.
  static let customaryCount = 8

  /// All inputs, with the results there are.
  init(all inputs: GoldenBundle) {
    images = Array(0..<inputs.imageCount)
    texts = Array(inputs.texts.indices)
    self.inputs = inputs
    isAll = true
  }

  /// Chooses among inputs; all of them, with the results there are, where there are not more than `customaryCount`.
  ///
  /// - Parameters:
  ///   - inputs: what both models were run on.
  ///   - first: what one of them computed.
  ///   - second: what the other computed.
  init(_ inputs: GoldenBundle, _ first: ModelOutputs<Float>, _ second: ModelOutputs<Float>) {
    images = Self.chosen(inputs.imageCount, first.imageEmbeds, second.imageEmbeds)
    texts = Self.chosen(inputs.texts.count, first.textEmbeds, second.textEmbeds)
    isAll = images.count == inputs.imageCount && texts.count == inputs.texts.count
    self.inputs = isAll ? inputs : inputs.choosing(images: images, texts: texts)
  }

  private static func chosen(_ total: Int, _ first: Matrix<Float>?, _ second: Matrix<Float>?) -> [Int] {
    guard total > customaryCount else { return Array(0..<total) }
    var chosen: [Int] = []
    if let first, let second, first.rows == total, second.rows == total, first.columns == second.columns {
      let width = first.columns
      let distances = (0..<total).map { row in
        (row * width..<(row + 1) * width).reduce(0.0) { $0 + Double((first.values[$1] - second.values[$1]).magnitude) }
      }
      // Numbers that cannot be compared are farther than any.
      func isFarther(_ a: Int, _ b: Int) -> Bool {
        let (left, right) = (distances[a], distances[b])
        if left.isNaN || right.isNaN { return left.isNaN && (!right.isNaN || a < b) }
        return (left, b) > (right, a)
      }
      chosen = Array((0..<total).sorted(by: isFarther).prefix(customaryCount / 2))
    }
    let places = customaryCount - chosen.count
    chosen += (0..<places).map { $0 * (total - 1) / max(1, places - 1) }
    return Set(chosen).sorted()
  }
}
