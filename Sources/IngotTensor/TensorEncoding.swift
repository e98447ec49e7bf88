// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// How the values of a tensor are stored as bytes.
///
/// `Formats/ingot.md`, section "Encodings", is the written truth.
public enum TensorEncoding: Sendable, Hashable {
  /// Contiguous, row-major, little-endian elements of the tensor's type.
  case plain
  /// Signed bytes in [-127, 127], contiguous and row-major, and one positive float32 scale for each index of `axis`:
  /// value = byte × scale. The scales follow the bytes at the next multiple of 64.
  case int8PerChannel(axis: Int)
  /// Signed integers as one stream of bits in row-major order, and one positive bfloat16 scale for each group of elements with the same index
  /// along `axis`: value = integer × scale. The scales follow the integers at the next multiple of 64, channel by channel.
  case grouped(IntegerWidth, axis: Int, group: GroupSize)

  /// Offset of the scales within the tensor's bytes.
  ///
  /// - Parameter shape: the logical shape.
  /// - Returns: `nil` for a plain tensor.
  public func scaleOffset(of shape: Shape) -> Int? {
    scaleOffset(elementCount: shape.elementCount)
  }

  /// Offset of the scales within the bytes of a tensor of so many elements; `nil` for a plain tensor.
  public func scaleOffset(elementCount: Int) -> Int? {
    switch self {
    case .plain: nil
    case .int8PerChannel: elementCount.roundedUp(to: 64)
    case .grouped(let width, _, _): width.byteCount(of: elementCount).roundedUp(to: 64)
    }
  }

  /// Bytes of the integers, which zeros follow up to the scales; 0 for a plain tensor.
  public func integerByteCount(elementCount: Int) -> Int {
    switch self {
    case .plain: 0
    case .int8PerChannel: elementCount
    case .grouped(let width, _, _): width.byteCount(of: elementCount)
    }
  }

  /// How wide the integers are; `nil` for a plain tensor.
  public var width: IntegerWidth? {
    switch self {
    case .plain: nil
    case .int8PerChannel: .int8
    case .grouped(let width, _, _): width
    }
  }

  /// The axis of the channels that scales belong to; `nil` for a plain tensor.
  public var axis: Int? {
    switch self {
    case .plain: nil
    case .int8PerChannel(let axis): axis
    case .grouped(_, let axis, _): axis
    }
  }

  /// The type of the scales: F32 or BF16; `nil` for a plain tensor.
  public var scaleType: ElementType? {
    switch self {
    case .plain: nil
    case .int8PerChannel: .float32
    case .grouped: .bfloat16
    }
  }

  /// Size in bytes of a tensor's values and scales.
  ///
  /// - Parameters:
  ///   - type: the logical element type.
  ///   - shape: the logical shape.
  /// - Returns: `nil` on overflow, or when `axis` is not an axis of `shape`.
  public func byteCount(of type: ElementType, _ shape: Shape) -> Int? {
    byteCount(of: type, elementCount: shape.elementCount) { shape.extents.indices.contains($0) ? shape[$0] : nil }
  }

  /// Size in bytes of a tensor's values and scales, from extents that are not in a `Shape`: allocates nothing.
  ///
  /// - Parameters:
  ///   - type: the logical element type.
  ///   - elementCount: the product of the extents.
  ///   - extent: the extent of an axis, `nil` when there is no such axis.
  /// - Returns: `nil` on overflow, or when the encoding's axis does not exist.
  public func byteCount(of type: ElementType, elementCount: Int, extent: (Int) -> Int?) -> Int? {
    switch self {
    case .plain:
      return elementCount.multiplied(by: type.byteCount)
    case .int8PerChannel(let axis):
      guard let channelCount = extent(axis), let start = scaleOffset(elementCount: elementCount) else { return nil }
      return channelCount.multiplied(by: 4).flatMap(start.adding)
    case .grouped(_, let axis, let group):
      guard let channelCount = extent(axis), let start = scaleOffset(elementCount: elementCount) else { return nil }
      let groups = channelCount == 0 ? 0 : group.count(in: elementCount / channelCount)
      return channelCount.multiplied(by: groups)?.multiplied(by: 2).flatMap(start.adding)
    }
  }

  /// The name in reports: `plain`, `int8 per channel (axis 0)`, or `int4 per group of 32 (axis 0)`.
  public var label: String {
    switch self {
    case .plain: "plain"
    case .int8PerChannel(let axis): "int8 per channel (axis \(axis))"
    case .grouped(let width, let axis, let group): "\(width.name) per group of \(group.rawValue) (axis \(axis))"
    }
  }
}
