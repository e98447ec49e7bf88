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
    /// What the plan stores otherwise.
    let encoded: [EncodedTensor]
  }

  /// What the model as it is computes of probes that no plan is made with.
  let unseen: ProbeOutputs?
  private let task: PlanningTask
  private let seen: ProbeOutputs
  private let targets: [String: (tensor: TensorDescriptor, tower: Tower, byScheme: [EncodingScheme: TensorDescriptor])]
  private let encoded = Guarded<[String: EncodedTensor]>([:])

  init(_ task: PlanningTask, _ sensitivities: Sensitivities) throws {
    self.task = task
    seen = sensitivities.base
    unseen = try task.unseen.map { try ProbeOutputs(task.encoder([]), $0, task.compute) }
    targets = Dictionary(
      uniqueKeysWithValues: sensitivities.rows.map { row in
        let byScheme = row.options.map { ($0.scheme, $0.target) }
        return (row.tensor.name, (row.tensor, row.tower, Dictionary(uniqueKeysWithValues: byScheme)))
      })
  }

  /// Runs the model.
  func run(_ encodings: [String: EncodingScheme]) throws -> Found {
    let original = try task.encoder([])
    let changed = try Tower.allCases.flatMap { try self.changed(encodings, $0, original) }
    let encoder = try task.encoder(changed)
    let compute = task.compute
    return Found(
      seen: try PlanError(ProbeOutputs(encoder, task.probes, compute), seen, compute),
      unseen: try task.unseen.flatMap { probes in
        try unseen.map { try PlanError(ProbeOutputs(encoder, probes, compute), $0, compute) }
      }, encoded: changed)
  }

  /// The tensors of a tower that are stored otherwise.
  private func changed(
    _ encodings: [String: EncodingScheme], _ tower: Tower, _ original: CLIPEncoder<Float>
  ) throws -> [EncodedTensor] {
    let here = targets.filter { $0.value.tower == tower }.keys
    let lone = task.rounding.map { LoneRounding(original, tower, of: Set(here), on: $0, task.compute) }
    let places = here.map { (step: original.step(ofTensor: $0, of: tower), name: $0) }
    return try places.sorted { $0 < $1 }.compactMap { _, name in
      guard let (tensor, _, byScheme) = targets[name], let target = encodings[name].flatMap({ byScheme[$0] })
      else { return nil }
      if let kept = encoded.withLock({ $0[name] }), kept.target == target { return kept }
      let found = try task.encoded(tensor, as: target, lone)
      if let found { encoded.withLock { $0[name] = found } }
      return found
    }
  }
}
