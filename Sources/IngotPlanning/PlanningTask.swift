// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotQuantization
import IngotTensor

/// A model whose tensors' encodings are to be chosen, and what its errors are measured on.
public struct PlanningTask: Sendable {
  /// The model, all of its tensors plain.
  public let file: IngotFile
  /// Inputs that errors are measured on.
  public let probes: CalibrationSet
  /// What calibration saw, for scales weighted by activations.
  public let moments: InputMoments?
  /// How the scales of integers are chosen.
  public let scales: ScaleSearch
  /// How to compute.
  public let compute: Compute
  /// The encodings that a tensor may have.
  public let schemes: [EncodingScheme]
  /// Inputs that plans are judged by and that no plan is made with; `nil` for none.
  public let unseen: CalibrationSet?
  /// Whether each encoding of each tensor is measured at once.
  public let measuresAll: Bool
  /// What integers are rounded to come near on, each tensor by itself: inputs that are no probes, as errors look smaller on them than they are.
  ///
  /// `nil` for rounding to nearest.
  public let rounding: CalibrationSet?

  let configuration: CLIPConfiguration
  let uses: [String: EncodingScheme.Use]
  let shared = SharedWeights()
  private let kept = KeptTensors()

  /// The encodings that are tried unless others are named: all that make a tensor smaller, bfloat16 excepted, which takes the room of float16.
  public static let usualSchemes = EncodingScheme.allCases.filter { ![.source, .float32, .bfloat16].contains($0) }

  /// Weights of a model of which everything is measured.
  static let smallModel = 1 << 24

  /// Describes a task.
  ///
  /// - Parameters:
  ///   - file: a model, all of its tensors plain.
  ///   - uses: what each tensor is for, by name.
  ///   - probes: inputs that errors are measured on.
  ///   - scales: how the scales of integers are chosen.
  ///   - moments: what calibration saw.
  ///   - schemes: the encodings that a tensor may have.
  ///   - unseen: inputs that plans are judged by and that no plan is made with.
  ///   - rounding: what integers are rounded to come near on, no probes; `nil` for rounding to nearest.
  ///   - measuresAll: whether each encoding of each tensor is measured at once, by default for models of up to 16 million weights; else two
  ///     are, and those that a plan has.
  ///   - compute: how to compute.
  /// - Throws: `malformed` or `missing` when the file holds no model.
  public init(
    _ file: IngotFile, uses: [String: EncodingScheme.Use], probes: CalibrationSet, scales: ScaleSearch = .absmax,
    moments: InputMoments? = nil, schemes: [EncodingScheme] = usualSchemes, unseen: CalibrationSet? = nil,
    rounding: CalibrationSet? = nil, measuresAll: Bool? = nil, _ compute: Compute
  ) throws {
    self.file = file
    self.uses = uses
    self.probes = probes
    self.scales = scales
    self.moments = moments
    self.schemes = schemes
    self.compute = compute
    self.unseen = unseen
    self.rounding = rounding
    self.measuresAll =
      measuresAll ?? (file.tensors.reduce(0) { $0 + $1.shape.elementCount } <= Self.smallModel)
    configuration = try file.configuration()
  }

  /// The tensors that may be stored otherwise, each with the encodings that make it smaller.
  func candidates() -> [(tensor: TensorDescriptor, tower: Tower, targets: [(EncodingScheme, TensorDescriptor)])] {
    file.tensors.compactMap { tensor in
      guard let use = uses[tensor.name], use != .small, use != .carried,
        let tower = Tower.allCases.first(where: { tensor.name.hasPrefix($0.rawValue + ".") })
      else { return nil }
      var targets: [(EncodingScheme, TensorDescriptor)] = []
      for scheme in schemes {
        guard let target = scheme.target(of: tensor, for: use, includingProtected: true),
          target.byteCount < tensor.byteCount, !targets.contains(where: { $0.1 == target })
        else { continue }
        targets.append((scheme, target))
      }
      return targets.isEmpty ? nil : (tensor, tower, targets)
    }
  }

  /// A tensor in another encoding.
  ///
  /// What is rounded with compensation, which takes longest, is kept as far as there is room.
  ///
  /// - Parameters:
  ///   - tensor: the tensor.
  ///   - target: its type and encoding.
  ///   - lone: how integers are rounded with compensation.
  /// - Returns: `nil` where values are too large for the type.
  /// - Throws: `corrupt` for values that are not finite, and what running the model throws.
  func encoded(
    _ tensor: TensorDescriptor, as target: TensorDescriptor, _ lone: LoneRounding? = nil
  ) throws -> EncodedTensor? {
    let isRounded = lone != nil && target.encoding != .plain
    if isRounded, let kept = kept[target] { return kept }
    defer { file.release(tensor) }
    let rounding = isRounded ? try lone?.rounding(of: tensor.name) : nil
    let encoded = try tensorEncoder(tensor, as: target, rounding).encoded()
    guard try fits(tensor, encoded.outcome) else { return nil }
    if isRounded { kept.keep(encoded) }
    return encoded
  }

  /// The relative error of a tensor in another encoding; `nil` where values are too large for the type.
  func error(_ tensor: TensorDescriptor, as target: TensorDescriptor) throws -> Double? {
    let outcome = try tensorEncoder(tensor, as: target).encode { _ in }
    return try fits(tensor, outcome) ? outcome.fidelity.relativeError : nil
  }

  private func tensorEncoder(
    _ tensor: TensorDescriptor, as target: TensorDescriptor, _ rounding: CompensatedRounding? = nil
  ) throws -> TensorEncoder {
    try TensorEncoder(
      TensorStorage(tensor, in: file), as: target, compute, scales: scales,
      moments: moments?.moments(of: tensor.name) ?? [], rounding: rounding)
  }

  private func fits(_ tensor: TensorDescriptor, _ outcome: TensorEncoder.Outcome) throws -> Bool {
    guard outcome.nonfinite == 0 else {
      throw CheckpointError(
        .corrupt, .ingot, subject: tensor.name, "has \(outcome.nonfinite) values that are NaN or infinite")
    }
    return outcome.overflowed == 0
  }

  /// The model with some tensors stored otherwise.
  func encoder(_ encoded: [EncodedTensor]) throws -> CLIPEncoder<Float> {
    try CLIPEncoder<Float>(
      configuration, OverlaidCheckpoint(file, encoded.map(\.replacement)),
      sharing: shared.except(Set(encoded.map(\.target.name))))
  }

  /// The state of a tower before its first block.
  func state(_ encoder: CLIPEncoder<Float>, _ tower: Tower) throws -> TowerState<Float> {
    switch tower {
    case .vision: try encoder.state(ofImages: probes.pixels, count: probes.imageCount, compute)
    case .text: try encoder.state(ofTexts: probes.texts, compute)
    }
  }

  /// Names everything but the tensor that a measured effect depends on.
  var context: String {
    let parts =
      [
        "ingot planner 1", file.rootDigest.description, probes.digest, scales.rawValue,
        moments == nil ? "" : "calibrated with the probes",
      ] + (rounding.map { ["rounded with compensation on \($0.digest)"] } ?? [])
    return Array(parts.joined(separator: "\n").utf8).withRawSpan { SHA256Digest(of: $0).description }
  }
}
