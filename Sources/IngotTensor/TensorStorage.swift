// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The bytes of one tensor, ready to be lent again and again: mapped where the container allows it, else assembled once and kept.
public struct TensorStorage: Sendable {
  /// What is stored.
  public let descriptor: TensorDescriptor
  private let source: Source

  private enum Source: Sendable {
    case mapped(any Checkpoint)
    case kept([UInt8])
  }

  /// Refers to a tensor.
  ///
  /// - Parameters:
  ///   - descriptor: one of the checkpoint's tensors.
  ///   - checkpoint: what holds it; kept alive by the result.
  /// - Throws: what assembling the bytes throws.
  public init(_ descriptor: TensorDescriptor, in checkpoint: any Checkpoint) throws {
    self.descriptor = descriptor
    switch descriptor.access {
    case .mapped: source = .mapped(checkpoint)
    case .assembled: source = .kept(try checkpoint.withBytes(of: descriptor) { $0.copied() })
    }
  }

  /// Keeps bytes of its own.
  init(named name: String, type: ElementType, shape: Shape, bytes: [UInt8]) {
    descriptor = TensorDescriptor(
      name: name, type: type, shape: shape, encoding: .plain, byteCount: bytes.count, access: .assembled)
    source = .kept(bytes)
  }

  /// Tells that mapped bytes are not needed for now; they stay readable.
  public func release() {
    if case .mapped(let checkpoint) = source { checkpoint.release(descriptor) }
  }

  /// Lends the bytes: `descriptor.byteCount` of them, at any alignment.
  public func withBytes<T>(_ body: (RawSpan) throws -> T) throws -> T {
    switch source {
    case .kept(let bytes): try bytes.withRawSpan(body)
    case .mapped(let checkpoint): try checkpoint.withBytes(of: descriptor, body)
    }
  }
}

extension FormatKind {
  /// Faults of a tensor whatever its container.
  public static let tensor = FormatKind(rawValue: "tensor")
}
