// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Where the elements of a tensor lie within stored bytes.
public struct StridedLayout: Sendable, Hashable {
  /// The type of the elements.
  public let type: ElementType
  /// First element, counted in elements.
  public let offset: Int
  /// The tensor's shape.
  public let shape: Shape
  /// Elements from one index to the next of each axis; never negative.
  public let strides: [Int]
  /// Whether the elements are big-endian.
  public let isBigEndian: Bool

  /// Describes a layout; every element lies within the bytes that it is used on.
  public init(_ type: ElementType, offset: Int = 0, shape: Shape, strides: [Int], isBigEndian: Bool) {
    self.type = type
    self.offset = offset
    self.shape = shape
    self.strides = strides
    self.isBigEndian = isBigEndian && type.swapUnit > 1
  }

  /// Elements one after the other, row-major, or with the first axis fastest as Fortran has it.
  ///
  /// - Parameters:
  ///   - type: of the elements.
  ///   - shape: of the tensor.
  ///   - columnsFirst: whether the first axis is the fastest.
  ///   - isBigEndian: whether the elements are big-endian.
  /// - Returns: the layout.
  public static func packed(_ type: ElementType, _ shape: Shape, columnsFirst: Bool, isBigEndian: Bool) -> StridedLayout
  {
    var strides = shape.contiguousStrides
    if columnsFirst {
      var step = 1
      for axis in 0..<shape.rank {
        strides[axis] = step
        // Zero extents make strides that are never used.
        step = step.multiplied(by: shape[axis]) ?? 0
      }
    }
    return StridedLayout(type, shape: shape, strides: strides, isBigEndian: isBigEndian)
  }

  /// Whether the elements lie one after the other, row-major.
  public var isContiguous: Bool {
    let packed = shape.contiguousStrides
    return shape.elementCount <= 1 || (0..<shape.rank).allSatisfy { shape[$0] == 1 || strides[$0] == packed[$0] }
  }

  /// Whether the tensor's bytes are just there.
  public var isPlain: Bool { isContiguous && !isBigEndian }

  /// Bytes of the elements, without gaps and repeats; must fit.
  public var byteCount: Int { shape.elementCount * type.byteCount }

  /// Lends the tensor's bytes out of those that it lies in, assembled where they do not lie one after the other.
  ///
  /// - Parameters:
  ///   - storage: the bytes; every element lies within them.
  ///   - body: must not keep the span.
  /// - Returns: what `body` returns.
  public func withBytes<R>(in storage: RawSpan, _ body: (RawSpan) throws -> R) rethrows -> R {
    guard isPlain else { return try assembled(from: storage).withRawSpan(body) }
    let start = shape.elementCount == 0 ? 0 : offset * type.byteCount
    return try body(storage.extracting(start..<start + byteCount))
  }

  /// The stored elements, contiguous, row-major and little-endian.
  ///
  /// - Parameter storage: the bytes; every element lies within them.
  /// - Returns: the bytes.
  public func assembled(from storage: RawSpan) -> [UInt8] {
    guard shape.elementCount > 0 else { return [] }
    let size = type.byteCount
    // Axes of one element need no step, and theirs may be any number.
    let axes = (0..<shape.rank).filter { shape[$0] > 1 }.map { (count: shape[$0], step: strides[$0]) }
    // The innermost run of elements that lie one after the other is copied at once.
    var run = 1
    var outer = axes[...]
    while let last = outer.last, last.step == run {
      run *= last.count
      outer.removeLast()
    }
    var out: [UInt8] = []
    out.reserveCapacity(byteCount)
    // What is left innermost is a column: element after element, or run after run, at a fixed distance.
    let column = outer.popLast() ?? (count: 1, step: 0)
    var index = [Int](repeating: 0, count: outer.count)
    var base = offset
    while true {
      for place in 0..<column.count {
        storage.append(to: &out, from: (base + place * column.step) * size, count: run * size)
      }
      guard advance(&index, &base, outer) else { break }
    }
    if isBigEndian { swap(&out) }
    return out
  }

  /// Moves to the next index, last axis fastest; `false` after the last one.
  private func advance(_ index: inout [Int], _ base: inout Int, _ axes: ArraySlice<(count: Int, step: Int)>) -> Bool {
    for axis in axes.indices.reversed() {
      if index[axis] + 1 < axes[axis].count {
        index[axis] += 1
        base += axes[axis].step
        return true
      }
      base -= axes[axis].step * index[axis]
      index[axis] = 0
    }
    return false
  }

  private func swap(_ bytes: inout [UInt8]) {
    let unit = type.swapUnit
    guard unit > 1 else { return }
    for start in stride(from: 0, to: bytes.count, by: unit) {
      bytes[start..<start + unit].reverse()
    }
  }
}

extension RawSpan {
  /// Appends `count` bytes; so short a run as one element goes without an array of its own.
  fileprivate func append(to out: inout [UInt8], from start: Int, count: Int) {
    if count > 16 {
      out += extracting(start..<start + count).copied()
    } else {
      for place in start..<start + count { out.append(self[byte: place]) }
    }
  }
}
