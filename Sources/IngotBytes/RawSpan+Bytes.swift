// SPDX-License-Identifier: Apache-2.0

extension RawSpan {
  /// The bytes as an array of their own.
  public func copied() -> [UInt8] {
    // SAFETY: the closure copies and does not let the pointer escape.
    unsafe withUnsafeBytes { unsafe Array($0) }
  }

  /// The bytes as text, or `nil` when they are not valid UTF-8.
  public func utf8String() -> String? {
    // SAFETY: the closure copies and does not let the pointer escape.
    unsafe withUnsafeBytes { unsafe String(validating: $0, as: UTF8.self) }
  }

  /// The byte at `index`, which must lie within the span.
  public subscript(byte index: Int) -> UInt8 {
    precondition(index >= 0 && index < byteCount, "byte index within the span")
    // SAFETY: just checked.
    return unsafe unsafeLoad(fromUncheckedByteOffset: index, as: UInt8.self)
  }

  /// Whether both spans have the same length and the same bytes.
  public func elementsEqual(_ other: RawSpan) -> Bool {
    guard byteCount == other.byteCount else { return false }
    // SAFETY: both pointers are valid for the length compared and do not escape.
    return unsafe withUnsafeBytes { left in
      unsafe other.withUnsafeBytes { right in unsafe left.elementsEqual(right) }
    }
  }
}

extension Array where Element: BitwiseCopyable {
  /// Lends the array's bytes to `body`.
  public func withRawSpan<R>(_ body: (RawSpan) throws -> R) rethrows -> R {
    // SAFETY: the span is valid for the duration of the closure, and its type cannot escape it.
    try unsafe withUnsafeBytes { try body(unsafe RawSpan(_unsafeBytes: $0)) }
  }

  /// Reads little-endian elements from bytes at any alignment.
  ///
  /// - Parameter bytes: a whole number of elements; for multi-byte elements the host must be little-endian, as all supported ones are.
  public init(littleEndianBytes bytes: RawSpan) {
    let size = MemoryLayout<Element>.size
    precondition(bytes.byteCount % size == 0, "a whole number of elements")
    // The empty array is one object for all threads, and the initializer below would write its count.
    guard bytes.byteCount > 0 else {
      self = []
      return
    }
    // SAFETY: exactly `byteCount` bytes are copied into a buffer of that size; Element is bitwise copyable.
    unsafe self.init(unsafeUninitializedCapacity: bytes.byteCount / size) { buffer, count in
      unsafe bytes.withUnsafeBytes { source in
        unsafe UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source)
      }
      count = bytes.byteCount / size
    }
  }
}
