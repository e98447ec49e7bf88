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

  /// Elements encoded at a time: the parts whose errors are added up in order, whatever the number of threads.
  static let partLength = 1 << 16
  /// Bytes copied at a time: a multiple of every element's size.
  private static let copyLength = 4 << 20

  /// Prepares to encode a tensor.
  ///
  /// - Parameters:
  ///   - source: a plain tensor.
  ///   - target: its type and encoding in the output, of the same shape.
  ///   - compute: gives the number of threads.
  public init(_ source: TensorStorage, as target: TensorDescriptor, _ compute: Compute) {
    precondition(
      source.descriptor.shape.elementCount == target.shape.elementCount, "encoding keeps the number of elements")
    self.source = source
    self.target = target
    self.compute = compute
  }

  /// Encodes the tensor.
  ///
  /// - Parameter emit: receives the target's bytes in order.
  /// - Returns: what was lost.
  /// - Throws: `unsupported` when the source's type cannot become the target's, and what reading or `emit` throws.
  public func encode(_ emit: (RawSpan) throws -> Void) throws -> Outcome {
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
    return from.type == .float64
      ? try encode(in: Double.self, emit) : try encode(in: Float.self, emit)
  }

  private func encode<R: Real>(in _: R.Type, _ emit: (RawSpan) throws -> Void) throws -> Outcome {
    switch target.encoding {
    case .plain: try convert(in: R.self, emit)
    case .int8PerChannel(let axis): try quantize(axis: axis, in: R.self, emit)
    }
  }

  /// The same bytes; values are looked at for infinities and NaNs.
  private func copy(_ emit: (RawSpan) throws -> Void) throws -> Outcome {
    let type = source.descriptor.type
    var nonfinite = 0
    var start = 0
    while start < source.descriptor.byteCount {
      let end = min(start + Self.copyLength, source.descriptor.byteCount)
      try source.withBytes { bytes in
        let slice = bytes.extracting(start..<end)
        if type.isComputable { nonfinite += nonfiniteCount(in: slice, of: type) }
        try emit(slice)
      }
      source.release()
      start = end
    }
    return Outcome(fidelity: .lossless(.bitIdentical), nonfinite: nonfinite, overflowed: 0)
  }

  private struct Part: Sendable {
    var bytes: [UInt8]
    var difference: Difference
  }

  /// One floating-point type to another.
  private func convert<R: Real>(in _: R.Type, _ emit: (RawSpan) throws -> Void) throws -> Outcome {
    var difference = Difference()
    try inParts(of: R.self) { values in
      let single = (values as? [Float]) ?? values.map { Float($0) }
      let bytes = target.type == .float32 ? single.withRawSpan { $0.copied() } : narrow(single, to: target.type)
      let restored: [R] = bytes.withRawSpan { widen($0, of: target.type) }
      return Part(bytes: bytes, difference: Difference(from: values, to: restored))
    } consume: { part in
      difference.add(part.difference)
      try part.bytes.withRawSpan(emit)
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
  private func inParts<R: Real>(
    of _: R.Type, _ body: @Sendable ([R]) throws -> Part, consume: (Part) throws -> Void
  ) throws {
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
      let values: [R] = try source.withBytes { bytes in
        widen(bytes.extracting(begin * type.byteCount..<end * type.byteCount), of: type)
      }
      return try body(values)
    } consume: { part in
      try consume(part)
      consumed += 1
      // A large tensor need not be in memory whole.
      if consumed % 64 == 0 { source.release() }
    }
  }
}
