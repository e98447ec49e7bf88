// SPDX-License-Identifier: Apache-2.0

/// Reads little-endian values from borrowed bytes, front to back, and never past their end.
///
/// A failed read leaves the cursor where it was. Every error names the field that was being read, its offset, and both counts.
public struct ByteCursor: ~Escapable {
  private let bytes: RawSpan
  private let format: FormatKind
  private let subject: String?
  /// Added to positions in messages, so that a cursor over part of a file reports offsets in the file.
  private let base: Int
  /// Position of the next byte, counted from the start of the bytes given.
  public private(set) var offset = 0

  /// Makes a cursor over `bytes`.
  ///
  /// - Parameters:
  ///   - bytes: what to read.
  ///   - format: named in errors.
  ///   - subject: the tensor, member or section named in errors.
  ///   - base: offset of the first byte in the file, for messages.
  @_lifetime(copy bytes)
  public init(_ bytes: RawSpan, format: FormatKind, subject: String? = nil, base: Int = 0) {
    self.bytes = bytes
    self.format = format
    self.subject = subject
    self.base = base
  }

  /// Bytes not yet read.
  public var remaining: Int { bytes.byteCount - offset }

  /// Whether every byte has been read.
  public var isAtEnd: Bool { remaining == 0 }

  /// An error of this cursor's format at its current place.
  public func error(_ code: CheckpointError.Code, _ detail: String) -> CheckpointError {
    CheckpointError(code, format, at: base + offset, subject: subject, detail)
  }

  /// Reads one little-endian integer.
  ///
  /// - Parameters:
  ///   - type: the stored type.
  ///   - what: the field's name, for the message.
  /// - Returns: the value.
  /// - Throws: `truncated` when fewer bytes are left than the type has.
  @_lifetime(self: copy self)
  public mutating func read<T: FixedWidthInteger & BitwiseCopyable>(
    _ type: T.Type, _ what: StaticString
  ) throws(CheckpointError) -> T {
    let size = MemoryLayout<T>.size
    try require(size, what)
    // SAFETY: `require` proved `size` bytes at `offset`; every bit pattern is a valid T.
    let raw = unsafe bytes.unsafeLoadUnaligned(fromByteOffset: offset, as: T.self)
    offset += size
    return T(littleEndian: raw)
  }

  /// Reads an unsigned 64-bit integer that must fit `Int`.
  ///
  /// - Parameter what: the field's name, for the message.
  /// - Returns: the value.
  /// - Throws: `truncated`, or `overflow` when the value is 2^63 or more.
  @_lifetime(self: copy self)
  public mutating func readCount(_ what: StaticString) throws(CheckpointError) -> Int {
    let start = offset
    let value = try read(UInt64.self, what)
    guard let count = Int(exactly: value) else {
      offset = start
      throw error(.overflow, "\(what) is \(value), the largest allowed is \(Int.max)")
    }
    return count
  }

  /// Takes the next `count` bytes without copying them.
  ///
  /// - Parameters:
  ///   - count: how many bytes.
  ///   - what: the field's name, for the message.
  /// - Returns: the bytes.
  /// - Throws: `truncated` when fewer are left, `malformed` when `count` is negative.
  @_lifetime(copy self)
  public mutating func take(_ count: Int, _ what: StaticString) throws(CheckpointError) -> RawSpan {
    try require(count, what)
    let taken = bytes.extracting(offset..<offset + count)
    offset += count
    return taken
  }

  /// Moves behind the next byte of a value.
  ///
  /// - Parameters:
  ///   - value: the byte to look for.
  ///   - what: what it ends, for the message.
  /// - Returns: how many bytes stand before it.
  /// - Throws: `truncated` when it does not occur.
  @_lifetime(self: copy self)
  public mutating func skip(past value: UInt8, _ what: StaticString) throws(CheckpointError) -> Int {
    guard let count = bytes.extracting(offset..<bytes.byteCount).firstIndex(of: value) else {
      throw error(.truncated, "\(what) has no end, \(remaining) bytes left")
    }
    offset += count + 1
    return count
  }

  /// Some of the bytes again, which must lie within those given.
  public func bytes(in range: Range<Int>) -> [UInt8] {
    bytes.extracting(range).copied()
  }

  /// Moves to an absolute position within the bytes.
  ///
  /// - Parameters:
  ///   - position: from the start of the bytes given.
  ///   - what: what is expected there, for the message.
  /// - Throws: `truncated` when the position lies outside.
  @_lifetime(self: copy self)
  public mutating func seek(to position: Int, _ what: StaticString) throws(CheckpointError) {
    guard position >= 0, position <= bytes.byteCount else {
      throw error(.truncated, "\(what) is said to be at byte \(position), there are \(bytes.byteCount)")
    }
    offset = position
  }

  private func require(_ count: Int, _ what: StaticString) throws(CheckpointError) {
    guard count >= 0 else { throw error(.malformed, "\(what) has negative length \(count)") }
    guard count <= remaining else {
      throw error(.truncated, "\(what) needs \(count) bytes, \(remaining) left")
    }
  }
}
