// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// Asks of each tower whether the reference's blocks are those of the other activation.
///
/// QuickGELU and GELU differ by at most 0.02, which int8's own errors may hide; but those errors are the same for both. What is measured is
/// the share of the way from the model's own outputs to those with the other activation that the reference has gone: 0 when the model's is
/// right, 1 when the other is, each give or take the share that random errors of the weights' size go by chance.
struct ActivationCheck {
  /// A tower whose reference has the other activation.
  struct Finding {
    let tower: Tower
    let found: Activation
    let nearer: Activation
    /// The share of the way to the other activation.
    let share: Double
    /// The first block that is nearer to the other.
    let firstBlock: String
  }

  /// Beyond this share the reference is nearer to the other activation than to the model's own.
  static let decisiveShare = 0.5
  /// And beyond so many standard deviations of what chance does.
  static let chanceSafety = 3.0

  private let configuration: CLIPConfiguration
  private let other: CLIPConfiguration
  private let parts: [PartOutput]
  private let others: [PartOutput]

  /// Runs every part with the other activation.
  ///
  /// - Parameters:
  ///   - parts: what they compute with its own.
  ///   - encoder: the model, ready to run.
  ///   - checkpoint: its tensors.
  ///   - inputs: what the reference was given.
  ///   - reference: what it computed.
  ///   - compute: how to compute.
  /// - Throws: what running the model throws.
  init(
    _ parts: [PartOutput], _ encoder: CLIPEncoder<Float>, _ checkpoint: any Checkpoint, _ inputs: GoldenBundle,
    _ reference: Reference, _ compute: Compute
  ) throws {
    configuration = encoder.configuration
    self.parts = parts
    other = configuration.withOtherActivation
    let hasBlocks = parts.contains { if case .block = $0.part { true } else { false } }
    others =
      hasBlocks
      ? try PartOutput.all(
        of: CLIPEncoder<Float>(other, checkpoint, activations: encoder.activations), inputs, reference, compute) : []
  }

  /// How far towards the other activation outputs of a tower's blocks are.
  ///
  /// - Parameters:
  ///   - tower: which tower.
  ///   - outputs: for each part, outputs to be judged.
  ///   - noise: for each part, how far chance moves each channel: what is noisy counts less. Empty where nothing but rounding moves them.
  /// - Returns: 0 for the model's own, 1 for those with the other activation; `nil` where the tower has no blocks or no activation.
  func share(of tower: Tower, _ outputs: [[Float]], noise: [PartOutput.Part: [Double]]) -> Double? {
    guard !others.isEmpty, configuration.activation(of: tower) != nil else { return nil }
    var (along, whole) = (0.0, 0.0)
    for ((part, changed), output) in zip(zip(parts, others), outputs) {
      guard case .block(tower, _) = part.part else { continue }
      let (step, distance) = Self.step(part, changed, output, noise[part.part])
      along += step
      whole += distance
    }
    return whole > 0 ? along / whole : nil
  }

  /// The towers in question; none where the reference has no hidden states, or where chance goes as far.
  ///
  /// - Parameters:
  ///   - chance: for each tower, the share that random errors of the weights' size go, root of the mean square.
  ///   - noise: as in `share`.
  /// - Returns: what was found.
  func findings(chance: [Tower: Double], noise: [PartOutput.Part: [Double]]) -> [Finding] {
    Tower.allCases.compactMap { tower in
      guard let found = configuration.activation(of: tower), let nearer = other.activation(of: tower),
        let share = share(of: tower, parts.map(\.expected), noise: noise),
        share > max(Self.decisiveShare, Self.chanceSafety * (chance[tower] ?? 0))
      else { return nil }
      let first = zip(parts, others).first { part, changed in
        guard case .block(tower, _) = part.part else { return false }
        let (step, distance) = Self.step(part, changed, part.expected, noise[part.part])
        return step > Self.decisiveShare * distance
      }
      return first.map {
        Finding(tower: tower, found: found, nearer: nearer, share: share, firstBlock: $0.0.part.name)
      }
    }
  }

  /// A block's outputs along the way to the other activation, and the way's own length, both squared, in units of what chance does.
  private static func step(
    _ part: PartOutput, _ changed: PartOutput, _ output: [Float], _ noise: [Double]?
  ) -> (Double, Double) {
    // Rounding moves every channel.
    let floor = max(part.size, .leastNormalMagnitude) * 1e-6
    let weights = (0..<part.channels).map { channel in
      let deviation = floor + (noise?[channel] ?? 0)
      return 1 / (deviation * deviation)
    }
    var (along, whole) = (0.0, 0.0)
    for index in part.found.indices {
      let way = Double(changed.found[index]) - Double(part.found[index])
      let weighted = way * weights[index % part.channels]
      along += (Double(output[index]) - Double(part.found[index])) * weighted
      whole += way * weighted
    }
    return (along, whole)
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
