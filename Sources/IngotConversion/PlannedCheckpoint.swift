// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotTensor

/// A checkpoint seen through a plan:.
///
/// its own tensors, undecoded, under canonical names. Inference runs on it without converting.
public struct PlannedCheckpoint: Checkpoint {
  private let checkpoint: any Checkpoint
  private let sources: [String: TensorDescriptor]
  /// The tensors under canonical names, in the source's types.
  public let tensors: [TensorDescriptor]

  /// Looks at a source through a plan.
  ///
  /// - Parameters:
  ///   - source: what was planned for.
  ///   - plan: a plan without problems.
  public init(_ source: Source, _ plan: ConversionPlan) {
    checkpoint = source.checkpoint
    sources = Dictionary(uniqueKeysWithValues: plan.copies.map { ($0.target.name, $0.source) })
    tensors = plan.copies.map { copy in
      TensorDescriptor(
        name: copy.target.name, type: copy.source.type, shape: copy.target.shape, encoding: copy.source.encoding,
        byteCount: copy.source.byteCount, access: copy.source.access)
    }
  }

  /// Lends the source's bytes.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let source = sources[tensor.name] else {
      preconditionFailure("\(tensor.name) is one of this checkpoint's tensors")
    }
    return try checkpoint.withBytes(of: source, body)
  }

  /// Passes it on to the source.
  public func release(_ tensor: TensorDescriptor) {
    if let source = sources[tensor.name] { checkpoint.release(source) }
  }
}
