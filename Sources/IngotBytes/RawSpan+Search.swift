// SPDX-License-Identifier: Apache-2.0

import Glibc

extension RawSpan {
  /// The little-endian integer that starts at `offset`, which need not be aligned; all its bytes must lie within the span.
  @inlinable
  public func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    precondition(offset >= 0 && offset <= byteCount - MemoryLayout<T>.size, "integer within the span")
    // SAFETY: just checked; every bit pattern is a valid T.
    return T(littleEndian: unsafe unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
  }

  /// The place of the first byte equal to `value`, `nil` when there is none.
  public func firstIndex(of value: UInt8) -> Int? {
    // SAFETY: memchr reads exactly the bytes of the span, and what it returns lies among them.
    unsafe withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress, let found = unsafe memchr(base, Int32(value), bytes.count) else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }

  /// The place of the first byte that is not zero, `nil` when there is none.
  public func firstNonzeroIndex() -> Int? {
    var index = 0
    while index + 8 <= byteCount, littleEndian(UInt64.self, at: index) == 0 { index += 8 }
    while index < byteCount {
      if self[byte: index] != 0 { return index }
      index += 1
    }
    return nil
  }

  /// Whether these bytes come before `other` in bytewise order, where a prefix comes before what it begins.
  public func precedes(_ other: RawSpan) -> Bool {
    // SAFETY: memcmp reads the bytes that both spans have.
    let order = unsafe withUnsafeBytes { left in
      unsafe other.withUnsafeBytes { right -> Int32 in
        guard let first = left.baseAddress, let second = right.baseAddress else { return 0 }
        return unsafe memcmp(first, second, Swift.min(left.count, right.count))
      }
    }
    return order == 0 ? byteCount < other.byteCount : order < 0
  }
}
