// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotQuantization
import IngotStatistics
import IngotTensor

/// A model whose lossy weights are moved by random errors of the size that the model's own have.
///
/// Running it shows how far such errors carry, whatever the model does with them: the yardstick for the errors that are there.
struct PerturbedCheckpoint: Checkpoint {
  /// What errors are drawn.
  enum Kind: Sendable {
    /// Rounding, and at the ends of the range clipping.
    case whole
    /// As if all of it came of clipping; plain tensors stay.
    case clipping
  }

  private let base: any Checkpoint
  private let stored: [String: TensorDescriptor]
  private let relativeErrors: [String: Double]
  private let seed: UInt64
  private let kind: Kind
  let tensors: [TensorDescriptor]

  /// Wraps a model.
  ///
  /// - Parameters:
  ///   - base: the model's tensors.
  ///   - relativeErrors: for each lossy tensor, the length of its error over its own.
  ///   - seed: of the random errors.
  ///   - kind: what errors.
  init(_ base: any Checkpoint, relativeErrors: [String: Double], seed: UInt64, kind: Kind = .whole) {
    self.kind = kind
    self.base = base
    self.relativeErrors = relativeErrors
    self.seed = seed
    stored = Dictionary(uniqueKeysWithValues: base.tensors.map { ($0.name, $0) })
    tensors = base.tensors.map { tensor in
      guard relativeErrors[tensor.name] != nil else { return tensor }
      return TensorDescriptor(
        name: tensor.name, type: .float32, shape: tensor.shape, encoding: .plain,
        byteCount: tensor.shape.elementCount * 4,
        access: .assembled)
    }
  }

  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let original = stored[tensor.name] else {
      preconditionFailure("\(tensor.name) is one of this checkpoint's tensors")
    }
    guard let error = relativeErrors[tensor.name] else { return try base.withBytes(of: original, body) }
    let moved = try base.withBytes(of: original) { bytes in try perturbed(original, bytes, error) }
    return try moved.withRawSpan(body)
  }

  /// Each value, moved by an independent error: within half a step for integers; else in proportion to the distance between neighbours in the
  /// type, so that the whole has the stated length (a uniform error in ±a has the deviation a / √3).
  private func perturbed(_ tensor: TensorDescriptor, _ bytes: RawSpan, _ error: Double) throws -> [Float] {
    var values = try TensorDecoder.values(of: tensor, bytes)
    var random = SplitMix64(seed: tensor.name.utf8.reduce(seed) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 })
    switch tensor.encoding {
    case .int8PerChannel, .grouped:
      let steps = TensorDecoder.steps(of: tensor, bytes)
      let end = Float(tensor.encoding.width?.limit ?? 0) - 0.5
      let clipped = values.indices.map { values[$0].magnitude > end * steps[$0] }
      let rounding: Float = kind == .whole ? 1 : 0
      let reach = Self.reach(ofClipped: clipped, steps, error * Self.length(values), rounding: Double(rounding))
      for index in values.indices {
        // What lies at the end of the range may stand for more, never for less.
        let outward = clipped[index] ? reach * Float(random.unit()) * (values[index] < 0 ? -1 : 1) : 0
        values[index] += steps[index] * (outward + rounding * Float(random.unit() - 0.5))
      }
    case .plain where kind == .clipping: break
    case .plain:
      let spacing = values.map { Self.spacing(of: $0, tensor.type) }
      let reach = error * 3.0.squareRoot() * Self.length(values) / max(Self.length(spacing), .leastNormalMagnitude)
      for index in values.indices { values[index] += Float(reach * (2 * random.unit() - 1) * Double(spacing[index])) }
    }
    return values
  }

  /// How many steps values at the end of the range may be further out: so many that these errors make up for what rounding, a twelfth of
  /// the step's square, does not explain of the whole.
  private static func reach(ofClipped clipped: [Bool], _ steps: [Float], _ length: Double, rounding share: Double)
    -> Float
  {
    var (rounding, ends) = (0.0, 0.0)
    for (step, isClipped) in zip(steps, clipped) {
      let square = Double(step) * Double(step)
      rounding += share * square / 12
      if isClipped { ends += square }
    }
    let rest = length * length - rounding
    return rest > 0 && ends > 0 ? Float((3 * rest / ends).squareRoot()) : 0
  }

  private static func length(_ values: [Float]) -> Double {
    values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
  }

  /// How far apart numbers of a type are near a value, but for a factor; smallest numbers of half precision are evenly spaced.
  private static func spacing(of value: Float, _ type: ElementType) -> Float {
    let smallest: Float = type == .float16 ? 0x1p-14 : .leastNormalMagnitude
    return max(value.magnitude, smallest).binade
  }
}
