// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// A model whose norms and weights have a smoothing folded in: the same function, to the bit.
public struct SmoothedCheckpoint: Checkpoint {
  private enum Change: Sendable {
    /// Gain or bias of a norm: divided.
    case norm([Int8])
    /// Weights `[outputs, inputs]`: multiplied, input by input.
    case weights([Int8])
  }

  private let base: any Checkpoint
  private let originals: [String: TensorDescriptor]
  private let changes: [String: Change]
  /// The tensors, those that are changed in float32, or float64 where they were.
  public let tensors: [TensorDescriptor]

  /// Folds a smoothing into a model.
  ///
  /// - Parameters:
  ///   - base: the model.
  ///   - smoothing: the factors.
  /// - Throws: `missing` for a tensor that is not there, `mismatch` for one of another shape, `unsupported` for one that is of no
  ///   floating-point type, `malformed` for an exponent that is too large.
  public init(_ base: any Checkpoint, _ smoothing: Smoothing) throws {
    self.base = base
    let originals = Dictionary(base.tensors.map { ($0.name, $0) }) { first, _ in first }
    self.originals = originals
    var changes: [String: Change] = [:]
    func fault(_ code: CheckpointError.Code, _ name: String, _ detail: String) -> CheckpointError {
      CheckpointError(code, .smoothing, subject: name, detail)
    }
    func add(_ name: String, _ change: Change, channels: Int, rank: Int) throws {
      guard let tensor = originals[name] else {
        throw fault(.missing, name, "is smoothed, but there is no such tensor")
      }
      guard tensor.shape.rank == rank, tensor.shape[rank - 1] == channels else {
        throw fault(.mismatch, name, "has shape \(tensor.shape), the smoothing is of \(channels) channels")
      }
      guard tensor.encoding != .plain || tensor.type.isComputable else {
        throw fault(.unsupported, name, "found \(tensor.type.rawValue), smoothing needs a floating-point type")
      }
      guard changes.updateValue(change, forKey: name) == nil else {
        throw fault(.malformed, name, "is smoothed twice")
      }
    }
    for site in smoothing.sites {
      guard site.exponents.allSatisfy({ abs(Int($0)) <= Smoothing.largestExponent }) else {
        throw fault(.malformed, site.norm, "an exponent is beyond ±\(Smoothing.largestExponent)")
      }
    }
    for site in smoothing.sites where site.exponents.contains(where: { $0 != 0 }) {
      for part in ["weight", "bias"] {
        try add("\(site.norm).\(part)", .norm(site.exponents), channels: site.exponents.count, rank: 1)
      }
      for name in site.weights {
        try add(name, .weights(site.exponents), channels: site.exponents.count, rank: 2)
      }
    }
    self.changes = changes
    tensors = base.tensors.map { tensor in
      guard changes[tensor.name] != nil else { return tensor }
      let type: ElementType = tensor.encoding == .plain && tensor.type == .float64 ? .float64 : .float32
      return TensorDescriptor(
        name: tensor.name, type: type, shape: tensor.shape, encoding: .plain,
        byteCount: tensor.shape.elementCount * type.byteCount, access: .assembled)
    }
  }

  /// What there is to say of the base.
  public var notes: CheckpointNotes { base.notes }

  /// Whether a tensor is another one than in the base.
  public func changes(_ name: String) -> Bool { changes[name] != nil }

  /// Lends a tensor's bytes, factors moved.
  ///
  /// - Throws: `unsupported` where a factor would cost a digit, and what reading throws.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let change = changes[tensor.name], let original = originals[tensor.name] else {
      return try base.withBytes(of: originals[tensor.name] ?? tensor, body)
    }
    return tensor.type == .float64
      ? try scaled(original, change) { widen($0, of: .float64) as [Double] }.withRawSpan(body)
      : try scaled(original, change) { try TensorDecoder.values(of: original, $0) }.withRawSpan(body)
  }

  /// Tells that the tensor's bytes are not needed for now.
  public func release(_ tensor: TensorDescriptor) {
    if let original = originals[tensor.name] { base.release(original) }
  }

  private func scaled<R: Real>(
    _ tensor: TensorDescriptor, _ change: Change, _ read: (RawSpan) throws -> [R]
  ) throws -> [R] {
    var values = try base.withBytes(of: tensor, read)
    let exponents: [Int]
    switch change {
    case .norm(let stored): exponents = stored.map { -Int($0) }
    case .weights(let stored): exponents = stored.map { Int($0) }
    }
    let factors = exponents.map { R(sign: .plus, exponent: R.Exponent($0), significand: 1) }
    let inverses = exponents.map { R(sign: .plus, exponent: R.Exponent(-$0), significand: 1) }
    var place = 0
    while place < values.count {
      for channel in factors.indices {
        let value = values[place + channel]
        let moved = value * factors[channel]
        guard moved * inverses[channel] == value || value.isNaN else {
          throw CheckpointError(
            .unsupported, .smoothing, subject: tensor.name,
            "\(value) times 2^\(exponents[channel]) is no \(R.precision.rawValue)")
        }
        values[place + channel] = moved
      }
      place += factors.count
    }
    return values
  }
}

extension FormatKind {
  /// Factors that do not fit a model.
  public static let smoothing = FormatKind(rawValue: "smoothing")
}
