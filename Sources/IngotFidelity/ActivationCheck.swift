// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// Asks of each tower whether the reference's blocks are nearer to the other activation.
///
/// QuickGELU and GELU differ by at most 0.02, which int8's own errors may hide; but those errors are the same for both, so that the right
/// one is nearer all the same.
struct ActivationCheck {
  /// A tower whose reference is nearer to the other activation.
  struct Finding {
    let tower: Tower
    let found: Activation
    let nearer: Activation
    /// Lengths of the blocks' errors over those of their outputs, root of summed squares: with the model's activation, with the other.
    let error: Double
    let otherError: Double
    /// The first block that is nearer.
    let firstBlock: String
  }

  /// Compares.
  ///
  /// - Parameters:
  ///   - parts: what the model's parts compute alone.
  ///   - encoder: the model, ready to run.
  ///   - checkpoint: its tensors.
  ///   - inputs: what the reference was given.
  ///   - reference: what it computed.
  ///   - compute: how to compute.
  /// - Returns: the towers in question; none where the reference has no hidden states.
  /// - Throws: what running the model throws.
  static func findings(
    _ parts: [PartOutput], _ encoder: CLIPEncoder<Float>, _ checkpoint: any Checkpoint, _ inputs: GoldenBundle,
    _ reference: Reference, _ compute: Compute
  ) throws -> [Finding] {
    guard parts.contains(where: { if case .block = $0.part { true } else { false } }) else { return [] }
    let configuration = encoder.configuration
    let other = configuration.withOtherActivation
    let others = try PartOutput.all(
      of: CLIPEncoder<Float>(other, checkpoint, activations: encoder.activations), inputs, reference, compute)
    return Tower.allCases.compactMap { tower in
      guard let found = configuration.activation(of: tower), let nearer = other.activation(of: tower) else {
        return nil
      }
      var (error, otherError) = (0.0, 0.0)
      var firstBlock: String?
      for (part, changed) in zip(parts, others) {
        guard case .block(tower, _) = part.part else { continue }
        let size = max(part.size, .leastNormalMagnitude)
        let (own, alternative) = (part.distance(to: part.expected) / size, changed.distance(to: part.expected) / size)
        error += own * own
        otherError += alternative * alternative
        if alternative < own, firstBlock == nil { firstBlock = part.part.name }
      }
      guard otherError < error, let firstBlock else { return nil }
      return Finding(
        tower: tower, found: found, nearer: nearer, error: error.squareRoot(), otherError: otherError.squareRoot(),
        firstBlock: firstBlock)
    }
  }
}

extension CLIPConfiguration {
  /// The activation of a tower's MLPs; `nil` for a tower without MLPs.
  func activation(of tower: Tower) -> Activation? {
    switch (tower, vision) {
    case (.text, _): text?.transformer.activation
    case (.vision, .transformer(let vision)): vision.transformer.activation
    case (.vision, .residualNetwork), (.vision, nil): nil
    }
  }

  /// The same model with GELU for QuickGELU, and with QuickGELU for anything else.
  var withOtherActivation: CLIPConfiguration {
    func other(_ activation: Activation) -> Activation { activation == .quickGELU ? .gelu : .quickGELU }
    var changed = self
    if let text { changed.text?.transformer.activation = other(text.transformer.activation) }
    if case .transformer(var tower) = vision {
      tower.transformer.activation = other(tower.transformer.activation)
      changed.vision = .transformer(tower)
    }
    return changed
  }
}
