// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TensorRecipe {
  /// The stored elements, contiguous, row-major and little-endian.
  ///
  /// - Parameter storage: the whole storage, of `storage.byteCount` bytes; the recipe's elements lie within it.
  /// - Returns: the bytes.
  func assembled(from storage: RawSpan) -> [UInt8] {
    guard shape.elementCount > 0 else { return [] }
    let size = storedType.byteCount
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
    out.reserveCapacity(storedByteCount)
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
    if isSwapped { swap(&out) }
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
    let unit = storedType.swapUnit
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
