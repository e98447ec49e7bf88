// SPDX-License-Identifier: Apache-2.0

/// Bytes that may be looked at later and from another thread: kept, or lent by whatever holds them.
public struct LentBytes: Sendable {
  /// How many bytes.
  public let count: Int
  private let lend: @Sendable ((RawSpan) throws -> Void) throws -> Void
  /// Tells whoever holds the bytes that they are not needed for now.
  public let release: @Sendable () -> Void

  /// Keeps the bytes of an array.
  public init<Element: BitwiseCopyable & Sendable>(_ elements: [Element]) {
    count = elements.count * MemoryLayout<Element>.stride
    lend = { try elements.withRawSpan($0) }
    release = {}
  }

  /// Refers to bytes that something else holds.
  ///
  /// - Parameters:
  ///   - count: how many bytes `lend` gives, each time the same ones.
  ///   - release: called when they are not needed for now; they stay readable.
  ///   - lend: calls its argument once; keeps alive what it needs for that.
  public init(
    count: Int, release: @escaping @Sendable () -> Void,
    lend: @escaping @Sendable ((RawSpan) throws -> Void) throws -> Void
  ) {
    self.count = count
    self.lend = lend
    self.release = release
  }

  /// Lends the bytes: `count` of them.
  ///
  /// - Throws: what reading throws, and what `body` throws.
  public func withBytes(_ body: (RawSpan) throws -> Void) throws {
    try lend { bytes in
      precondition(bytes.byteCount == count, "as many bytes as announced")
      try body(bytes)
    }
  }
}
