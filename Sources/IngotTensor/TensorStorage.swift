// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The bytes of one tensor, ready to be lent again and again: mapped where the container allows it, else assembled once and kept.
public struct TensorStorage: Sendable {
  /// What is stored.
  public let descriptor: TensorDescriptor
  private let checkpoint: any Checkpoint
  private let assembled: [UInt8]?

  /// Refers to a tensor.
  ///
  /// - Parameters:
  ///   - descriptor: one of the checkpoint's tensors.
  ///   - checkpoint: what holds it; kept alive by the result.
  /// - Throws: what assembling the bytes throws.
  public init(_ descriptor: TensorDescriptor, in checkpoint: any Checkpoint) throws {
    self.descriptor = descriptor
    self.checkpoint = checkpoint
    switch descriptor.access {
    case .mapped: assembled = nil
    case .assembled: assembled = try checkpoint.withBytes(of: descriptor) { $0.copied() }
    }
  }

  /// Lends the bytes: `descriptor.byteCount` of them, at any alignment.
  public func withBytes<T>(_ body: (RawSpan) throws -> T) throws -> T {
    if let assembled { return try assembled.withRawSpan(body) }
    return try checkpoint.withBytes(of: descriptor, body)
  }
}

extension FormatKind {
  /// Faults of a tensor whatever its container.
  public static let tensor = FormatKind(rawValue: "tensor")
}
