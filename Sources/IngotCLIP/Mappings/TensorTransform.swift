// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// What happens to a tensor on its way to the canonical one; no value changes.
public struct TensorTransform: Sendable, Hashable, CustomStringConvertible {
  /// How the elements are arranged anew.
  public enum Layout: String, Sendable, Hashable {
    /// As they are.
    case copy
    /// As they are, without dimensions of 1.
    case reshape
    /// Rows and columns exchanged.
    case transpose
    /// `[height, width, channels, outputs]` as TensorFlow has it becomes `[outputs, channels, height, width]`.
    case hwio
  }

  /// How the elements are arranged anew.
  public let layout: Layout
  /// Which rows of the result are taken, where not all are.
  public let rows: Range<Int>?

  /// Makes a transform.
  public init(layout: Layout = .copy, rows: Range<Int>? = nil) {
    self.layout = layout
    self.rows = rows
  }

  /// As the tables write it.
  public var description: String {
    guard let rows else { return layout.rawValue }
    return "\(layout.rawValue), rows \(rows.lowerBound)-" + (rows.upperBound == .max ? "" : "\(rows.upperBound - 1)")
  }

  /// The shape that a tensor has after the transform.
  ///
  /// - Parameter shape: of the tensor.
  /// - Returns: `nil` when the transform does not apply to such a shape.
  public func shape(from shape: Shape) -> Shape? {
    let arranged: Shape?
    switch layout {
    case .copy: arranged = shape
    case .reshape: arranged = Shape(checking: shape.extents.filter { $0 != 1 })
    case .transpose: arranged = shape.rank == 2 ? Shape(shape[1], shape[0]) : nil
    case .hwio: arranged = shape.rank == 4 ? Shape(shape[3], shape[2], shape[0], shape[1]) : nil
    }
    guard let rows, let arranged else { return arranged }
    guard arranged.rank > 0, rows.lowerBound <= arranged[0] else { return nil }
    let count = min(rows.upperBound, arranged[0]) - rows.lowerBound
    return Shape(checking: [count] + arranged.extents.dropFirst())
  }

  /// Where the elements of the result lie in the tensor.
  ///
  /// - Parameters:
  ///   - type: of the elements.
  ///   - shape: of the tensor; one that `shape(from:)` takes.
  /// - Returns: the layout over the tensor's bytes.
  public func layout(_ type: ElementType, of shape: Shape) -> StridedLayout {
    guard let result = self.shape(from: shape) else { preconditionFailure("the plan has checked the shape") }
    let strides = shape.contiguousStrides
    let arranged: [Int]
    switch layout {
    case .copy: arranged = strides
    case .reshape: arranged = zip(strides, shape.extents).filter { $0.1 != 1 }.map(\.0)
    case .transpose: arranged = [strides[1], strides[0]]
    case .hwio: arranged = [strides[3], strides[2], strides[0], strides[1]]
    }
    let offset = rows.map { $0.lowerBound * (arranged.first ?? 0) } ?? 0
    return StridedLayout(type, offset: offset, shape: result, strides: arranged, isBigEndian: false)
  }
}
