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

/// The images and texts on which parts are run alone and random errors drawn: some of all, evenly spaced, because texts may come in the order of their length.
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

  /// Chooses among inputs; all of them, with the results there are, where there are not more than `count`.
  init(_ inputs: GoldenBundle, count: Int = customaryCount) {
    func spread(_ total: Int) -> [Int] {
      total <= count ? Array(0..<total) : (0..<count).map { $0 * (total - 1) / max(1, count - 1) }
    }
    images = spread(inputs.imageCount)
    texts = spread(inputs.texts.count)
    isAll = images.count == inputs.imageCount && texts.count == inputs.texts.count
    self.inputs = isAll ? inputs : inputs.choosing(images: images, texts: texts)
  }
}
