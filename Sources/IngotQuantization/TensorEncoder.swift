// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Encodes one tensor, part by part, and measures what the encoding loses.
///
/// The bytes do not depend on thread count or machine: values are rounded as `Formats/numerics.md` says.
public struct TensorEncoder: Sendable {
  /// What an encoding lost, and what was wrong with the values to begin with.
  public struct Outcome: Sendable, Hashable {
    /// How far the stored values are from the source's.
    public var fidelity: TensorFidelity
    /// Source values that are infinite or not a number.
    public var nonfinite: Int
    /// Finite source values that the target type cannot hold.
    public var overflowed: Int
  }

  let source: TensorStorage
  let target: TensorDescriptor
  let compute: Compute
  let scales: ScaleSearch
  let moments: [Float]
  let rounding: CompensatedRounding?

  /// Elements encoded at a time: the parts whose errors are added up in order, whatever the number of threads.
  static let partLength = 1 << 16
  /// Bytes copied at a time: a multiple of every element's size, and what a processor's own cache holds.
  private static let copyLength = 1 << 20

  /// Prepares to encode a tensor.
  ///
  /// - Parameters:
  ///   - source: a plain tensor.
  ///   - target: its type and encoding in the output, of the same shape.
  ///   - compute: gives the number of threads.
  ///   - scales: how the scales of integers are chosen.
  ///   - moments: of the inputs that the weights meet, one for each element of an output channel; where there are none, `activation` is `mse`.
  ///   - rounding: what integers are rounded with; without it, to nearest.
  public init(
    _ source: TensorStorage, as target: TensorDescriptor, _ compute: Compute, scales: ScaleSearch = .absmax,
    moments: [Float] = [], rounding: CompensatedRounding? = nil
  ) {
    precondition(
      source.descriptor.shape.elementCount == target.shape.elementCount, "encoding keeps the number of elements")
    self.source = source
    self.target = target
    self.compute = compute
    self.scales = scales
    self.moments = scales == .activation ? moments : []
    self.rounding = rounding
  }

  /// Encodes the tensor.
  ///
  /// What the source has mapped is given back: by whoever keeps the bytes that `emit` got, where they are the source's own.
  ///
  /// - Parameter emit: receives the target's bytes in order; it may keep them.
  /// - Returns: what was lost.
  /// - Throws: `unsupported` when the source's type cannot become the target's, and what reading or `emit` throws.
  public func encode(_ emit: (LentBytes) throws -> Void) throws -> Outcome {
    let from = source.descriptor
    guard from.encoding == .plain else {
      throw CheckpointError(
        .unsupported, .tensor, subject: from.name,
        "is stored as \(from.encoding.label) already; encode the original instead")
    }
    if target.encoding == .plain, target.type == from.type { return try copy(emit) }
    guard from.type.isComputable else {
      throw CheckpointError(
        .unsupported, .tensor, subject: from.name, "\(from.type.rawValue) cannot be encoded as \(target.type.rawValue)")
    }
    defer { source.release() }
    return from.type == .float64
      ? try encode(in: Double.self, emit) : try encode(in: Float.self, emit)
  }

  /// Encodes the tensor in memory.
  ///
  /// - Returns: the target's bytes, and what was lost.
  /// - Throws: as `encode`.
  public func encoded() throws -> EncodedTensor {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(target.byteCount)
    let outcome = try encode { part in try part.withBytes { bytes += $0.copied() } }
    return EncodedTensor(target: target, bytes: bytes, outcome: outcome)
  }

  private func encode<R: Real>(in _: R.Type, _ emit: (LentBytes) throws -> Void) throws -> Outcome {
    switch target.encoding {
    case .plain: try convert(emit)
    case .int8PerChannel(let axis): try quantize(.int8, axis: axis, group: nil, in: R.self, emit)
    case .grouped(let width, let axis, let group): try quantize(width, axis: axis, group: group, in: R.self, emit)
    }
  }

  /// The same bytes; values are looked at for infinities and NaNs.
  private func copy(_ emit: (LentBytes) throws -> Void) throws -> Outcome {
    let source = source
    let type = source.descriptor.type
    var nonfinite = 0
    for start in stride(from: 0, to: source.descriptor.byteCount, by: Self.copyLength) {
      let range = start..<min(start + Self.copyLength, source.descriptor.byteCount)
      // A large tensor need not be in memory whole.
      let isLast = range.upperBound == source.descriptor.byteCount
      let releases = isLast || (start / Self.copyLength) % 16 == 15
      let part = LentBytes(count: range.count, release: { if releases { source.release() } }) { body in
        try source.withBytes { try body($0.extracting(range)) }
      }
      if type.isComputable { try part.withBytes { nonfinite += nonfiniteCount(in: $0, of: type) } }
      try emit(part)
    }
    return Outcome(fidelity: .lossless(.bitIdentical), nonfinite: nonfinite, overflowed: 0)
  }

  private struct Part: Sendable {
    var bytes: [UInt8]
    var difference: Difference
  }

  /// One floating-point type to another.
  private func convert(_ emit: (LentBytes) throws -> Void) throws -> Outcome {
    var difference = Difference()
    let from = source.descriptor.type
    let to = target.type
    try inParts { bytes in
      if from != .float64 {
        let (converted, difference) = IngotTensor.convert(bytes, of: from, to: to)
        return Part(bytes: converted, difference: difference)
      }
      let values: [Double] = widen(bytes, of: from)
      let single = values.map { Float($0) }
      let converted = to == .float32 ? single.withRawSpan { $0.copied() } : narrow(single, to: to)
      let restored: [Double] = converted.withRawSpan { widen($0, of: to) }
      return Part(bytes: converted, difference: Difference(from: values, to: restored))
    } consume: { part in
      difference.add(part.difference)
      try emit(LentBytes(part.bytes))
    }
    let fidelity =
      difference.different == 0
      ? TensorFidelity.lossless(.exactlyRepresentable)
      : TensorFidelity(
        verdict: .approximate, maximumError: difference.largest, relativeError: difference.relativeError,
        saturatedShare: 0)
    return Outcome(fidelity: fidelity, nonfinite: difference.nonfinite, overflowed: difference.created)
  }

  /// Runs `body` on consecutive parts of the source, several at a time, and `consume` on the results in order.
  private func inParts(_ body: @Sendable (RawSpan) throws -> Part, consume: (Part) throws -> Void) throws {
    let source = source
    let type = source.descriptor.type
    let count = source.descriptor.shape.elementCount
    let parts = (count + Self.partLength - 1) / Self.partLength
    // The first to ask makes the container check the tensor's checksum: once, not on every thread.
    try source.withBytes { _ in }
    var consumed = 0
    try compute.pipeline(parts) { index in
      let begin = index * Self.partLength
      let end = min(begin + Self.partLength, count)
      return try source.withBytes { try body($0.extracting(begin * type.byteCount..<end * type.byteCount)) }
    } consume: { part in
      try consume(part)
      consumed += 1
      // A large tensor need not be in memory whole.
      if consumed % 16 == 0 { source.release() }
    }
  }
}
