// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// What happens to a tensor on its way to the canonical one; no value changes.
public struct TensorTransform: Sendable, Hashable, CustomStringConvertible {
  /// How the elements are arranged anew (`Formats/mappings/README.md`).
  public enum Layout: String, Sendable, Hashable {
    /// As they are.
    case copy
    /// As they are, without dimensions of 1.
    case reshape
    /// As they are, in one dimension.
    case flatten
    /// Rows and columns exchanged.
    case transpose
    /// `[inputs, heads, width]` becomes `[heads · width, inputs]`.
    case transposeFoldingColumns = "transpose-folding-columns"
    /// `[heads, width, outputs]` becomes `[outputs, heads · width]`.
    case transposeFoldingRows = "transpose-folding-rows"
    /// `[height, width, channels, outputs]` as TensorFlow has it becomes `[outputs, channels, height, width]`.
    case hwio
  }

  /// How the elements are arranged anew.
  public let layout: Layout
  /// Which part along the first dimension is taken, before anything else, of a stack of tensors.
  public let slice: Int?
  /// Which rows of the result are taken, where not all are.
  public let rows: Range<Int>?

  /// Makes a transform.
  public init(layout: Layout = .copy, slice: Int? = nil, rows: Range<Int>? = nil) {
    self.layout = layout
    self.slice = slice
    self.rows = rows
  }

  /// Whether the bytes are those of the whole tensor, as they are.
  public var keepsBytes: Bool { slice == nil && rows == nil && [.copy, .reshape, .flatten].contains(layout) }

  /// As the tables write it.
  public var description: String {
    var text = slice.map { "slice \($0), " } ?? ""
    text += layout.rawValue
    guard let rows else { return text }
    return text + ", rows \(rows.lowerBound)-" + (rows.upperBound == .max ? "" : "\(rows.upperBound - 1)")
  }

  /// The shape that a tensor has after the transform.
  ///
  /// - Parameter shape: of the tensor.
  /// - Returns: `nil` when the transform does not apply to such a shape.
  public func shape(from shape: Shape) -> Shape? { arranged(shape)?.shape }

  /// Where the elements of the result lie in the tensor.
  ///
  /// - Parameters:
  ///   - type: of the elements.
  ///   - shape: of the tensor; one that `shape(from:)` takes.
  /// - Returns: the layout over the tensor's bytes.
  public func layout(_ type: ElementType, of shape: Shape) -> StridedLayout {
    guard let result = arranged(shape) else { preconditionFailure("the plan has checked the shape") }
    return StridedLayout(
      type, offset: result.offset, shape: result.shape, strides: result.strides, isBigEndian: false)
  }

  /// Shape, strides and first element of the result.
  private func arranged(_ whole: Shape) -> (shape: Shape, strides: [Int], offset: Int)? {
    var extents = whole.extents
    var strides = whole.contiguousStrides
    var offset = 0
    if let slice {
      guard let count = extents.first, slice < count else { return nil }
      offset = slice * strides[0]
      extents.removeFirst()
      strides.removeFirst()
    }
    switch layout {
    case .copy: break
    case .reshape:
      let kept = extents.indices.filter { extents[$0] != 1 }
      (extents, strides) = (kept.map { extents[$0] }, kept.map { strides[$0] })
    case .flatten: (extents, strides) = ([extents.reduce(1, *)], [1])
    case .transpose:
      guard extents.count == 2 else { return nil }
      (extents, strides) = ([extents[1], extents[0]], [strides[1], strides[0]])
    case .transposeFoldingColumns:
      guard extents.count >= 2 else { return nil }
      (extents, strides) = ([extents.dropFirst().reduce(1, *), extents[0]], [1, strides[0]])
    case .transposeFoldingRows:
      guard extents.count >= 2, let last = extents.last else { return nil }
      (extents, strides) = ([last, extents.dropLast().reduce(1, *)], [1, last])
    case .hwio:
      guard extents.count == 4 else { return nil }
      let order = [3, 2, 0, 1]
      (extents, strides) = (order.map { extents[$0] }, order.map { strides[$0] })
    }
    if let rows {
      guard let count = extents.first, rows.lowerBound <= count else { return nil }
      offset += rows.lowerBound * strides[0]
      extents[0] = min(rows.upperBound, count) - rows.lowerBound
    }
    return Shape(checking: extents).map { ($0, strides, offset) }
  }
}
