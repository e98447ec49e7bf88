// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// How the values of a tensor are stored as bytes. `Formats/ingot.md`, section "Encodings", is the written truth.
public enum TensorEncoding: Sendable, Hashable {
  /// Contiguous, row-major, little-endian elements of the tensor's type.
  case plain
  /// Signed bytes in [-127, 127], contiguous and row-major, and one positive float32 scale for each index of `axis`:
  /// value = byte × scale. The scales follow the bytes at the next multiple of 64.
  case int8PerChannel(axis: Int)

  /// Offset of the scales within the tensor's bytes.
  ///
  /// - Parameter shape: the logical shape.
  /// - Returns: `nil` for a plain tensor.
  public func scaleOffset(of shape: Shape) -> Int? {
    switch self {
    case .plain: nil
    case .int8PerChannel: shape.elementCount.roundedUp(to: 64)
    }
  }

  /// Size in bytes of a tensor's values and scales.
  ///
  /// - Parameters:
  ///   - type: the logical element type.
  ///   - shape: the logical shape.
  /// - Returns: `nil` on overflow, or when `axis` is not an axis of `shape`.
  public func byteCount(of type: ElementType, _ shape: Shape) -> Int? {
    switch self {
    case .plain:
      return shape.elementCount.multiplied(by: type.byteCount)
    case .int8PerChannel(let axis):
      guard shape.extents.indices.contains(axis), let start = scaleOffset(of: shape) else { return nil }
      return shape[axis].multiplied(by: 4).flatMap(start.adding)
    }
  }

  /// The name in reports: `plain`, or `int8 per channel (axis 0)`.
  public var label: String {
    switch self {
    case .plain: "plain"
    case .int8PerChannel(let axis): "int8 per channel (axis \(axis))"
    }
  }
}
