// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotQuantization
import IngotTensor

/// Runs the model with whole plans.
///
/// Encoded tensors are kept until a plan has them otherwise.
final class PlanTrials: Sendable {
  /// What a plan's model computes.
  struct Found {
    /// Of the probes that it was planned with.
    let seen: PlanError
    /// Of others.
    let unseen: PlanError?
  }

  /// What the model as it is computes of probes that no plan is made with.
  let unseen: ProbeOutputs?
  private let task: PlanningTask
  private let seen: ProbeOutputs
  private let targets: [String: (tensor: TensorDescriptor, byScheme: [EncodingScheme: TensorDescriptor])]
  private let encoded = Guarded<[String: OverlaidCheckpoint.Replacement]>([:])

  init(_ task: PlanningTask, _ sensitivities: Sensitivities) throws {
    self.task = task
    seen = sensitivities.base
    unseen = try task.unseen.map { try ProbeOutputs(task.encoder([]), $0, task.compute) }
    targets = Dictionary(
      uniqueKeysWithValues: sensitivities.rows.map { row in
        let byScheme = row.options.map { ($0.scheme, $0.target) }
        return (row.tensor.name, (row.tensor, Dictionary(uniqueKeysWithValues: byScheme)))
      })
  }

  /// Runs the model.
  func run(_ encodings: [String: EncodingScheme]) throws -> Found {
    var replacements: [OverlaidCheckpoint.Replacement] = []
    for (name, scheme) in encodings.sorted(by: { $0.key < $1.key }) {
      guard let (tensor, byScheme) = targets[name], let target = byScheme[scheme] else { continue }
      if let kept = encoded.withLock({ $0[name] }), kept.tensor == target {
        replacements.append(kept)
      } else if let replacement = try task.encoded(tensor, as: target) {
        encoded.withLock { $0[name] = replacement }
        replacements.append(replacement)
      }
      task.file.release(tensor)
    }
    let encoder = try task.encoder(replacements)
    let compute = task.compute
    return Found(
      seen: try PlanError(ProbeOutputs(encoder, task.probes, compute), seen, compute),
      unseen: try task.unseen.flatMap { probes in
        try unseen.map { try PlanError(ProbeOutputs(encoder, probes, compute), $0, compute) }
      })
  }
}
