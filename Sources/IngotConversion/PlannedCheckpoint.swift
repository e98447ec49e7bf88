// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotTensor

/// A checkpoint seen through a plan: its own values, undecoded, under canonical names and in canonical layouts.
///
/// Conversion and inference read through it.
public struct PlannedCheckpoint: Checkpoint {
  private let checkpoint: any Checkpoint
  private let copies: [String: ConversionPlan.Copy]
  /// The tensors under canonical names, in the source's types.
  public let tensors: [TensorDescriptor]

  /// Looks at a source through a plan.
  ///
  /// - Parameters:
  ///   - source: what was planned for.
  ///   - plan: a plan without problems.
  public init(_ source: Source, _ plan: ConversionPlan) {
    checkpoint = source.checkpoint
    copies = Dictionary(uniqueKeysWithValues: plan.copies.map { ($0.target.name, $0) })
    tensors = plan.copies.map(Self.descriptor)
  }

  /// The canonical tensor that a copy makes, as it is before encoding.
  private static func descriptor(of copy: ConversionPlan.Copy) -> TensorDescriptor {
    let isMapped = copy.isPlain && copy.parts[0].source.access == .mapped
    guard
      let descriptor = TensorDescriptor(
        name: copy.target.name, type: copy.sourceType, shape: copy.target.shape,
        access: isMapped ? .mapped : .assembled)
    else { preconditionFailure("the plan has checked the size") }
    return descriptor
  }

  /// Lends the bytes: the source's own where one tensor is taken as it is, else put together.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let copy = copies[tensor.name] else {
      preconditionFailure("\(tensor.name) is one of this checkpoint's tensors")
    }
    if copy.isPlain { return try checkpoint.withBytes(of: copy.parts[0].source, body) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(tensor.byteCount)
    for part in copy.parts {
      let layout = part.transform.layout(part.source.type, of: part.source.shape)
      try checkpoint.withBytes(of: part.source) { source in
        layout.withBytes(in: source) { bytes += $0.copied() }
      }
      checkpoint.release(part.source)
    }
    precondition(bytes.count == tensor.byteCount, "the plan has checked the sizes")
    return try bytes.withRawSpan(body)
  }

  /// Passes it on to the source.
  public func release(_ tensor: TensorDescriptor) {
    for part in copies[tensor.name]?.parts ?? [] { checkpoint.release(part.source) }
  }
}

extension ConversionPlan.Copy {
  /// Whether the bytes are those of one tensor of the source.
  public var isPlain: Bool {
    parts.count == 1 && parts[0].transform.keepsBytes
  }
}
