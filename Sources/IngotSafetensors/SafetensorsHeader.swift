// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// The JSON header of a safetensors file: `Formats/safetensors.md`, sections 1 and 2.
struct SafetensorsHeader {
  /// What the header says of one tensor.
  struct Entry {
    let name: String
    let type: ElementType
    let shape: Shape
    /// Counted from the first byte of data.
    let range: Range<Int>
    /// Where in the file the description starts.
    let place: Int
  }

  private(set) var metadata: [String: String] = [:]
  /// In the header's order.
  private(set) var entries: [Entry] = []
  private var keys: Set<String> = []

  /// Parses a header.
  ///
  /// - Parameters:
  ///   - bytes: the JSON text.
  ///   - base: where it lies in the file.
  /// - Throws: `malformed`, `overflow`, `limit` or `unsupported`, with the place and the tensor.
  init(parsing bytes: RawSpan, base: Int) throws(CheckpointError) {
    var scanner = HeaderScanner(bytes, base: base)
    do {
      _ = try UTF8Span(validating: Span<UInt8>(_bytes: bytes))
    } catch {
      throw scanner.fault(
        .malformed, at: base + error.byteOffsets.lowerBound, "the header is not valid UTF-8: \(error.kind)")
    }
    try scanner.expect("{", "at the start of the header")
    if !scanner.accept("}") {
      repeat { try parseMember(&scanner) } while scanner.accept(",")
      try scanner.expect("}", "or `,` after a tensor")
    }
    scanner.skipSpace()
    guard scanner.isAtEnd else { throw scanner.unexpected("the end of the header after its object") }
  }

  /// One key of the outer object and its value.
  @_lifetime(scanner: copy scanner)
  private mutating func parseMember(_ scanner: inout HeaderScanner) throws(CheckpointError) {
    scanner.skipSpace()
    let place = scanner.place
    let key = try scanner.string("around a tensor's name")
    scanner.subject = key
    defer { scanner.subject = nil }
    let (isNew, earlier) = keys.insert(key)
    guard isNew else {
      guard earlier.utf8.elementsEqual(key.utf8) else {
        throw scanner.fault(
          .unsupported, at: place, "another tensor's name differs from this one only in Unicode normalisation")
      }
      throw scanner.fault(.malformed, at: place, "duplicate key: the header has it twice")
    }
    try scanner.expect(":", "after the key")
    if key == Limits.metadataKey {
      try parseMetadata(&scanner)
      return
    }
    guard entries.count < Limits.tensorCount else {
      throw scanner.fault(.limit, at: place, "more than \(Limits.tensorCount) tensors")
    }
    entries.append(try TensorScan.entry(named: key, at: place, &scanner))
  }

  @_lifetime(scanner: copy scanner)
  private mutating func parseMetadata(_ scanner: inout HeaderScanner) throws(CheckpointError) {
    try scanner.expect("{", "of the metadata, which maps strings to strings")
    if scanner.accept("}") { return }
    repeat {
      scanner.skipSpace()
      let place = scanner.place
      let key = try scanner.string("around a metadata key")
      try scanner.expect(":", "after a metadata key")
      let value = try scanner.string("around a metadata value, which is a string")
      guard metadata.updateValue(value, forKey: key) == nil else {
        throw scanner.fault(.malformed, at: place, "duplicate key: the metadata has `\(key)` twice")
      }
    } while scanner.accept(",")
    try scanner.expect("}", "or `,` after a metadata value")
  }
}

/// Reads one tensor's object.
private struct TensorScan {
  private var type: ElementType?
  private var extents: [Int]?
  private var range: Range<Int>?

  @_lifetime(scanner: copy scanner)
  static func entry(
    named name: String, at place: Int, _ scanner: inout HeaderScanner
  ) throws(CheckpointError) -> SafetensorsHeader.Entry {
    var scan = TensorScan()
    try scanner.expect("{", "of the tensor's description")
    if !scanner.accept("}") {
      repeat { try scan.member(&scanner) } while scanner.accept(",")
      try scanner.expect("}", "or `,` in the tensor's description")
    }
    guard let type = scan.type, let extents = scan.extents, let range = scan.range else {
      let missing = [
        scan.type == nil ? "dtype" : nil, scan.extents == nil ? "shape" : nil, scan.range == nil ? "data_offsets" : nil,
      ]
      throw scanner.fault(.malformed, at: place, "has no \(missing.compactMap(\.self).joined(separator: ", "))")
    }
    guard let shape = Shape(checking: extents), let byteCount = shape.elementCount.multiplied(by: type.byteCount)
    else {
      let text = extents.map(String.init).joined(separator: ", ")
      throw scanner.fault(
        .overflow, at: place, "\(type.rawValue) [\(text)] takes more bytes than the largest allowed, \(Int.max)")
    }
    guard range.count == byteCount else {
      throw scanner.fault(
        .corrupt, at: place,
        "data_offsets hold \(range.count) bytes, \(type.rawValue) \(shape) needs \(byteCount)")
    }
    return SafetensorsHeader.Entry(name: name, type: type, shape: shape, range: range, place: place)
  }

  @_lifetime(scanner: copy scanner)
  private mutating func member(_ scanner: inout HeaderScanner) throws(CheckpointError) {
    scanner.skipSpace()
    let place = scanner.place
    let key = try scanner.string("around a key of the tensor's description")
    try scanner.expect(":", "after the key")
    switch key {
    case "dtype":
      guard type == nil else { throw Self.twice(key, at: place, scanner) }
      type = try Self.type(&scanner)
    case "shape":
      guard extents == nil else { throw Self.twice(key, at: place, scanner) }
      extents = try Self.numbers(&scanner, atMost: Limits.rank)
    case "data_offsets":
      guard range == nil else { throw Self.twice(key, at: place, scanner) }
      range = try Self.range(&scanner)
    default:
      throw scanner.fault(.unsupported, at: place, "key `\(key)`; known are dtype, shape and data_offsets")
    }
  }

  private static func twice(_ key: String, at place: Int, _ scanner: borrowing HeaderScanner) -> CheckpointError {
    scanner.fault(.malformed, at: place, "duplicate key: \(key) stands twice")
  }

  @_lifetime(scanner: copy scanner)
  private static func type(_ scanner: inout HeaderScanner) throws(CheckpointError) -> ElementType {
    scanner.skipSpace()
    let place = scanner.place
    let name = try scanner.string("around an element type")
    if let type = ElementType(rawValue: name), type.safetensorsRank != nil { return type }
    guard ElementType.safetensorsBelowOneByte.contains(name) else {
      throw scanner.fault(.unsupported, at: place, "element type `\(name)` is not known")
    }
    throw scanner.fault(.unsupported, at: place, "element type \(name) takes less than a byte for each element")
  }

  @_lifetime(scanner: copy scanner)
  private static func range(_ scanner: inout HeaderScanner) throws(CheckpointError) -> Range<Int> {
    scanner.skipSpace()
    let place = scanner.place
    let ends = try numbers(&scanner, atMost: 2)
    guard ends.count == 2 else {
      throw scanner.fault(.malformed, at: place, "data_offsets are \(ends.count) numbers, expected 2")
    }
    guard ends[0] <= ends[1] else {
      throw scanner.fault(.malformed, at: place, "data_offsets begin at \(ends[0]) and end before that, at \(ends[1])")
    }
    return ends[0]..<ends[1]
  }

  /// An array of numbers that are not negative.
  @_lifetime(scanner: copy scanner)
  private static func numbers(
    _ scanner: inout HeaderScanner, atMost limit: Int
  ) throws(CheckpointError) -> [Int] {
    try scanner.expect("[", "of an array of numbers")
    var numbers: [Int] = []
    if scanner.accept("]") { return numbers }
    repeat {
      guard numbers.count < limit else { throw scanner.fault(.limit, "more than \(limit) numbers in the array") }
      numbers.append(try scanner.count("a size or offset"))
    } while scanner.accept(",")
    try scanner.expect("]", "or `,` after a number")
    return numbers
  }
}
