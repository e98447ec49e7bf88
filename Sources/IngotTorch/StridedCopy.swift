// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

extension TensorRecipe {
  /// The tensor's elements, contiguous, row-major and little-endian.
  ///
  /// - Parameters:
  ///   - storage: the whole storage, of `storageByteCount` bytes; the recipe's elements lie within it.
  ///   - isSwapped: whether the storage is big-endian.
  /// - Returns: the bytes.
  func assembled(from storage: RawSpan, isSwapped: Bool) -> [UInt8] {
    let size = type.byteCount
    var out: [UInt8] = []
    out.reserveCapacity(shape.elementCount * size)
    guard shape.elementCount > 0 else { return out }
    // The innermost run of elements that lie one after the other is copied at once.
    var run = 1
    var outer = shape.rank
    while outer > 0, shape[outer - 1] == 1 || strides[outer - 1] == run {
      run *= shape[outer - 1]
      outer -= 1
    }
    var index = [Int](repeating: 0, count: outer)
    var position = offset
    while true {
      let start = position * size
      out += storage.extracting(start..<start + run * size).copied()
      var axis = outer - 1
      while axis >= 0 {
        index[axis] += 1
        position += strides[axis]
        if index[axis] < shape[axis] { break }
        position -= strides[axis] * shape[axis]
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { break }
    }
    if isSwapped { swap(&out) }
    return out
  }

  private func swap(_ bytes: inout [UInt8]) {
    let unit = type.swapUnit
    guard unit > 1 else { return }
    for start in stride(from: 0, to: bytes.count, by: unit) {
      bytes[start..<start + unit].reverse()
    }
  }
}
