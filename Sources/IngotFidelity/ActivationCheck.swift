// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// Asks of each tower whether the reference's blocks are nearer to the other activation.
///
/// QuickGELU and GELU differ by at most 0.02, which int8's own errors may hide. What counts is how far the reference lies on the way from the
/// model's blocks to those with the other activation: near 0 with the right one, near 1 with the wrong one, and off by what the weights'
/// errors have on that way, which random errors of their size show.
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

  /// What the parts of a model would compute with the other activation.
  ///
  /// - Parameters:
  ///   - parts: what they compute with its own.
  ///   - configuration: the model's.
  ///   - checkpoint: its tensors.
  ///   - inputs: what the reference was given.
  ///   - reference: what it computed.
  ///   - compute: how to compute.
  /// - Returns: as many; none where the reference has no hidden states.
  /// - Throws: what running the model throws.
  static func others(
    _ parts: [PartOutput], _ configuration: CLIPConfiguration, _ checkpoint: any Checkpoint, _ inputs: GoldenBundle,
    _ reference: Reference, _ compute: Compute
  ) throws -> [PartOutput] {
    guard parts.contains(where: { if case .block = $0.part { true } else { false } }) else { return [] }
    return try PartOutput.all(
      of: CLIPEncoder<Float>(configuration.withOtherActivation, checkpoint), inputs, reference, compute)
  }

  /// How far a tower's blocks are moved towards those with the other activation.
  ///
  /// - Parameters:
  ///   - tower: which tower.
  ///   - parts: what the model's parts compute.
  ///   - others: what they would compute with the other activation.
  ///   - moved: the numbers of a part, by its place, whose way is measured.
  /// - Returns: 0 for none of the way, 1 for all of it; `nil` where there is no way.
  static func turn(
    of tower: Tower, _ parts: [PartOutput], towards others: [PartOutput], _ moved: (Int) -> [Float]
  ) -> Double? {
    var (way, whole) = (0.0, 0.0)
    for (index, (part, other)) in zip(parts, others).enumerated() {
      guard case .block(tower, _) = part.part else { continue }
      let size = max(part.size, .leastNormalMagnitude)
      for (found, (own, alternative)) in zip(moved(index), zip(part.found, other.found)) {
        let step = Double(alternative - own) / size
        way += Double(found - own) / size * step
        whole += step * step
      }
    }
    return whole > 0 ? way / whole : nil
  }

  /// Compares.
  ///
  /// - Parameters:
  ///   - parts: what the model's parts compute alone.
  ///   - others: what they would compute with the other activation.
  ///   - configuration: the model's.
  ///   - sensitivity: what random errors of the weights' size do.
  /// - Returns: the towers in question.
  static func findings(
    _ parts: [PartOutput], _ others: [PartOutput], _ configuration: CLIPConfiguration, _ sensitivity: Sensitivity
  ) -> [Finding] {
    let other = configuration.withOtherActivation
    return Tower.allCases.compactMap { tower in
      guard let found = configuration.activation(of: tower), let nearer = other.activation(of: tower),
        let turn = turn(of: tower, parts, towards: others, { parts[$0].expected }),
        turn > 0.5, turn > ErrorModel.lengthSafety * (sensitivity.turns[tower] ?? 0)
      else { return nil }
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
      guard let firstBlock else { return nil }
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
    case (.vision, .convolutional(let vision)): vision.block == .convNext ? vision.activation : nil
    case (.vision, .mobile(let vision)): vision.activation
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
    if case .convolutional(var tower) = vision, tower.block == .convNext {
      tower.activation = other(tower.activation)
      changed.vision = .convolutional(tower)
    }
    if case .mobile(var tower) = vision {
      tower.activation = other(tower.activation)
      changed.vision = .mobile(tower)
    }
    return changed
  }
}
