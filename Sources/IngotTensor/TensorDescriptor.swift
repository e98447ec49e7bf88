// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// What is known of a tensor without reading its values.
public struct TensorDescriptor: Sendable, Hashable {
  /// The name within its checkpoint.
  public let name: String
  /// The type of the values that the tensor stands for; of the stored numbers where the encoding is plain.
  public let type: ElementType
  /// The logical shape.
  public let shape: Shape
  /// How the values are stored.
  public let encoding: TensorEncoding
  /// The size of what `Checkpoint.withBytes` lends, in bytes.
  public let byteCount: Int
  /// Whether `Checkpoint.withBytes` lends mapped bytes, or has to assemble (inflate, gather, swap) them at each call.
  public let access: Access

  /// How a tensor's bytes are reached.
  public enum Access: Sendable, Hashable {
    /// A view of the mapped file: free to ask for again and again.
    case mapped
    /// Made anew at each call.
    case assembled
  }

  /// Describes a plain tensor.
  ///
  /// - Returns: `nil` when the byte count overflows.
  public init?(name: String, type: ElementType, shape: Shape, access: Access) {
    guard let byteCount = shape.elementCount.multiplied(by: type.byteCount) else { return nil }
    self.init(name: name, type: type, shape: shape, encoding: .plain, byteCount: byteCount, access: access)
  }

  /// Describes a tensor in any encoding.
  public init(
    name: String, type: ElementType, shape: Shape, encoding: TensorEncoding, byteCount: Int, access: Access
  ) {
    self.name = name
    self.type = type
    self.shape = shape
    self.encoding = encoding
    self.byteCount = byteCount
    self.access = access
  }

  /// The same tensor under another name.
  public func renamed(_ newName: String) -> TensorDescriptor {
    TensorDescriptor(
      name: newName, type: type, shape: shape, encoding: encoding, byteCount: byteCount, access: access)
  }
}
