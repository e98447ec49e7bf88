// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Reads the elements of a MATLAB file, front to back within the bytes given.
struct MATReader: ~Escapable {
  /// How the data of an element are stored; raw values are those of the format.
  enum DataType: UInt32 {
    case int8 = 1
    case uint8, int16, uint16, int32, uint32, single
    case double = 9
    case int64 = 12
    case uint64, matrix, compressed, utf8, utf16, utf32
  }

  /// One element: its type and where its data lie.
  struct Element {
    let type: DataType
    let range: Range<Int>
  }

  private let all: RawSpan
  private let isBigEndian: Bool
  /// Where the bytes lie in the file, for messages: exact but within compressed variables.
  private let base: Int
  private let subject: String
  private var position = 0
  private var end: Int

  @_lifetime(copy bytes)
  init(_ bytes: RawSpan, isBigEndian: Bool, base: Int, subject: String) {
    all = bytes
    self.isBigEndian = isBigEndian
    self.base = base
    self.subject = subject
    end = bytes.byteCount
  }

  /// Whether everything has been read.
  var isAtEnd: Bool { position == end }

  /// How many bytes are left.
  var remaining: Int { end - position }

  /// A fault at a place, or where the reader is.
  func fault(_ code: CheckpointError.Code, at place: Int? = nil, _ detail: String) -> CheckpointError {
    CheckpointError(code, .mat, at: base + (place ?? position), subject: subject, detail)
  }

  /// Passes over bytes.
  @_lifetime(self: copy self)
  mutating func skip(_ count: Int) throws(CheckpointError) {
    guard count <= remaining else { throw fault(.truncated, "\(count) bytes are expected, \(remaining) left") }
    position += count
  }

  /// The bytes of an element.
  @_lifetime(copy self)
  func bytes(of element: Element) -> RawSpan { all.extracting(element.range) }

  /// A reader of what is within an element.
  @_lifetime(copy self)
  func reader(of element: Element) -> MATReader {
    var inner = MATReader(all, isBigEndian: isBigEndian, base: base, subject: subject)
    inner.position = element.range.lowerBound
    inner.end = element.range.upperBound
    return inner
  }

  /// Reads the tag of the next element and passes over its data.
  ///
  /// - Parameter isPadded: whether the data are filled up to eight bytes: all are but compressed variables, the last one of the file
  ///   perhaps not.
  /// - Returns: its type and where its data lie.
  /// - Throws: `truncated` when they do not fit, `malformed` for a type that is not known.
  @_lifetime(self: copy self)
  mutating func element(isPadded: Bool = true) throws(CheckpointError) -> Element {
    let start = position
    guard remaining >= 8 else { throw fault(.truncated, "an element's tag needs 8 bytes, \(remaining) left") }
    let first = word(at: position)
    let isSmall = first >> 16 != 0
    let code = isSmall ? first & 0xffff : first
    let size = Int(isSmall ? first >> 16 : word(at: position + 4))
    guard let type = DataType(rawValue: code) else { throw fault(.malformed, "element type \(code) is not known") }
    guard !isSmall || size <= 4 else { throw fault(.malformed, "a small element has \(size) bytes, at most 4 fit") }
    position += isSmall ? 4 : 8
    guard size <= remaining else {
      defer { position = start }
      throw fault(.truncated, at: start, "an element of \(size) bytes is announced, \(remaining) left")
    }
    let range = position..<position + size
    let filled = isSmall ? 4 : isPadded || type != .compressed ? (size + 7) / 8 * 8 : size
    position = min(position + filled, end)
    return Element(type: type, range: range)
  }

  /// Reads the next element, which must be of a type.
  @_lifetime(self: copy self)
  mutating func element(_ types: DataType..., what: String) throws(CheckpointError) -> Element {
    let start = position
    let found = try element()
    guard types.contains(found.type) else {
      throw fault(.malformed, at: start, "\(what) is of type \(found.type), expected \(types[0])")
    }
    return found
  }

  /// The 32-bit words of an element.
  func words(of element: Element, what: String) throws(CheckpointError) -> [UInt32] {
    guard element.range.count % 4 == 0 else {
      throw fault(
        .malformed, at: element.range.lowerBound, "\(what) has \(element.range.count) bytes, expected whole words")
    }
    return stride(from: element.range.lowerBound, to: element.range.upperBound, by: 4).map { word(at: $0) }
  }

  /// The numbers of an element, in whatever type they are stored.
  func numbers(of element: Element) throws(CheckpointError) -> [Double] {
    switch element.type {
    case .int8: try values(element, Int8.self).map { Double($0) }
    case .uint8: try values(element, UInt8.self).map { Double($0) }
    case .int16: try values(element, Int16.self).map { Double($0) }
    case .uint16: try values(element, UInt16.self).map { Double($0) }
    case .int32: try values(element, Int32.self).map { Double($0) }
    case .uint32: try values(element, UInt32.self).map { Double($0) }
    case .int64: try values(element, Int64.self).map { Double($0) }
    case .uint64: try values(element, UInt64.self).map { Double($0) }
    case .single: try values(element, UInt32.self).map { Double(Float(bitPattern: $0)) }
    case .double: try values(element, UInt64.self).map { Double(bitPattern: $0) }
    default:
      throw fault(.malformed, at: element.range.lowerBound, "numbers are of type \(element.type)")
    }
  }

  /// The integers of an element, in the file's byte order.
  func values<T: FixedWidthInteger & BitwiseCopyable>(
    _ element: Element, _ type: T.Type
  ) throws(CheckpointError) -> [T] {
    let size = MemoryLayout<T>.size
    guard element.range.count % size == 0 else {
      throw fault(
        .malformed, at: element.range.lowerBound,
        "\(element.range.count) bytes are no whole number of \(size)-byte elements")
    }
    var values: [T] = []
    values.reserveCapacity(element.range.count / size)
    for place in stride(from: element.range.lowerBound, to: element.range.upperBound, by: size) {
      let value = all.littleEndian(type, at: place)
      values.append(isBigEndian ? value.byteSwapped : value)
    }
    return values
  }

  private func word(at place: Int) -> UInt32 {
    let value = all.littleEndian(UInt32.self, at: place)
    return isBigEndian ? value.byteSwapped : value
  }
}
