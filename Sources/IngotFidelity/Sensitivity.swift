// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotFile
import IngotTensor

/// What random errors of the stored weights' size do to a model on given inputs: the largest effect of a few draws.
struct Sensitivity {
  private(set) var imageEmbeds = Effect()
  private(set) var textEmbeds = Effect()
  private(set) var logits = 0.0
  /// The share of the way to the other activation that the draws went, for each tower: root of the mean square.
  private(set) var activationShares: [Tower: Double] = [:]
  /// For each part alone: the length of the effect, and each channel's.
  private(set) var parts: [PartOutput.Part: (length: Double, channels: [Double])] = [:]
  /// How many draws were made.
  private(set) var draws = 0

  /// For each part, how far chance moves each channel.
  var channelNoise: [PartOutput.Part: [Double]] { parts.mapValues(\.channels) }

  /// On embeddings.
  struct Effect {
    var maxAbs = 0.0
    /// 1 − least cosine.
    var angle = 0.0

    mutating func widen(_ figures: FidelityReport.Embeddings) {
      maxAbs = max(maxAbs, figures.maxAbs)
      angle = max(angle, 1 - figures.minCosine)
    }
  }

  /// Nothing is moved: for models that hold the reference's own values.
  init() {}

  /// Tries the draws.
  ///
  /// - Parameters:
  ///   - subject: the model.
  ///   - encoder: the same, ready to run.
  ///   - outputs: what it computes from the inputs.
  ///   - parts: what its parts compute alone.
  ///   - inputs: what the reference was given.
  ///   - reference: what it computed.
  ///   - activations: says how far outputs are from those with the other activation.
  ///   - compute: how to compute.
  /// - Throws: what running the model throws.
  init(
    of subject: VerificationSubject, _ encoder: CLIPEncoder<Float>, _ outputs: ModelOutputs<Float>,
    _ parts: [PartOutput],
    _ inputs: GoldenBundle, _ reference: Reference, _ activations: ActivationCheck, _ compute: Compute
  ) throws {
    let errors = subject.relativeErrors
    guard !errors.isEmpty else { return }
    var drawn: [[[Float]]] = []
    for seed in 1...ErrorModel.draws(weights: Self.fewest(subject.checkpoint.tensors, errors)) {
      draws += 1
      let moved = try CLIPEncoder<Float>(
        encoder.configuration, PerturbedCheckpoint(subject.checkpoint, relativeErrors: errors, seed: seed))
      let movedOutputs = try ModelOutputs(running: moved, on: inputs, compute)
      if let a = movedOutputs.imageEmbeds, let b = outputs.imageEmbeds {
        imageEmbeds.widen(FidelityReport.Embeddings(a, b))
      }
      if let a = movedOutputs.textEmbeds, let b = outputs.textEmbeds {
        textEmbeds.widen(FidelityReport.Embeddings(a, b))
      }
      if let a = movedOutputs.logits, let b = outputs.logits {
        logits = max(logits, FidelityReport.Logits(a, b).maxAbs)
      }
      let movedParts = try PartOutput.all(of: moved, inputs, reference, compute)
      drawn.append(movedParts.map(\.found))
      for (part, own) in zip(movedParts, parts) {
        let length = part.distance(to: own.found)
        let channels = part.channelDistances(to: own.found)
        let before = self.parts[part.part]
        self.parts[part.part] = (
          max(length, before?.length ?? 0),
          before.map { zip($0.channels, channels).map { max($0, $1) } } ?? channels
        )
      }
    }
    for tower in Tower.allCases {
      let shares = drawn.compactMap { activations.share(of: tower, $0, noise: channelNoise) }
      guard !shares.isEmpty else { continue }
      activationShares[tower] = (shares.reduce(0) { $0 + $1 * $1 } / Double(shares.count)).squareRoot()
    }
    guard subject.provenance?.steps.contains(where: { $0.scales != nil }) ?? false else { return }
    // Clipping bends all blocks in one direction: how far, if it were the whole error.
    let clipped = try CLIPEncoder<Float>(
      encoder.configuration,
      PerturbedCheckpoint(subject.checkpoint, relativeErrors: errors, seed: 1, kind: .clipping))
    let outputs = try PartOutput.all(of: clipped, inputs, reference, compute).map(\.found)
    for tower in Tower.allCases {
      guard let share = activations.share(of: tower, outputs, noise: channelNoise) else { continue }
      activationShares[tower] = max(activationShares[tower] ?? 0, abs(share))
    }
  }

  /// The weights stored with errors in the tower that has the fewest of them, but some.
  private static func fewest(_ tensors: [TensorDescriptor], _ errors: [String: Double]) -> Int {
    Tower.allCases.map { tower in
      tensors.reduce(0) { sum, tensor in
        errors[tensor.name] != nil && tensor.name.hasPrefix("\(tower.rawValue).")
          ? sum + tensor.shape.elementCount : sum
      }
    }.filter { $0 > 0 }.min() ?? 0
  }
}
