// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Checks all records of a file in order, allocating nothing for a good one whose name is ASCII.
struct RecordCheck: ~Escapable {
  private let file: RawSpan
  private let header: Header
  private let namesTogether: NameEncoding
  private var canonicalNames: Set<String> = []
  /// The record being checked, and where its name lies once that is known to be within the names.
  private var number = 0
  private var name: Range<Int>?
  private var previousName: Range<Int>?
  /// Where the name before this one ends, counted from the first name.
  private var nameEnd = 0
  /// Where the payload before this one ends.
  private(set) var payloadEnd: Int
  /// Whether a record is stored in groups.
  private var hasGroups = false

  /// What looking at all names at once told.
  private enum NameEncoding {
    case ascii
    case utf8
    case invalid
  }

  /// Starts before the first record.
  ///
  /// - Parameters:
  ///   - file: the whole file.
  ///   - header: its header, checked.
  @_lifetime(copy file)
  init(_ file: RawSpan, _ header: Header) {
    self.file = file
    self.header = header
    payloadEnd = header.payloadOffset
    let names = Span<UInt8>(_bytes: file.extracting(header.namesOffset..<header.indexEnd))
    if let text = try? UTF8Span(validating: names) {
      namesTogether = text.isKnownASCII ? .ascii : .utf8
    } else {
      namesTogether = .invalid
    }
  }

  /// Checks every record.
  ///
  /// - Throws: the first fault, with the place of the field and the tensor's name.
  @_lifetime(self: copy self)
  mutating func run() throws(CheckpointError) {
    while number < header.recordCount {
      let record = Record(file.extracting(header.recordRange(number)))
      try checkName(record)
      let byteCount = try checkMeaning(record)
      try checkPayload(record, byteCount: byteCount)
      previousName = name
      name = nil
      number += 1
    }
    guard hasGroups == header.hasGroups else {
      throw CheckpointError(
        .malformed, .ingot, at: Layout.HeaderField.mustUnderstand,
        "feature bit 0 is \(header.hasGroups ? 1 : 0), and \(hasGroups ? "some" : "no") tensor is stored in groups")
    }
    guard nameEnd == header.namesLength else {
      throw CheckpointError(
        .corrupt, .ingot, at: Layout.HeaderField.namesLength,
        "\(header.recordCount) names take \(nameEnd) bytes, the header says \(header.namesLength)")
    }
    guard payloadEnd == header.fileSize else {
      throw CheckpointError(
        .corrupt, .ingot, at: Layout.HeaderField.fileSize,
        "the last payload ends at \(payloadEnd), the file at \(header.fileSize)")
    }
  }

  /// Place, order and spelling of the name.
  @_lifetime(self: copy self)
  private mutating func checkName(_ record: Record) throws(CheckpointError) {
    guard record.nameOffset == nameEnd else {
      throw fault(
        .malformed, Layout.RecordField.nameOffset, "name at \(record.nameOffset), the one before it ends at \(nameEnd)")
    }
    guard let end = nameEnd.adding(record.nameLength), end <= header.namesLength else {
      throw fault(
        .truncated, Layout.RecordField.nameLength,
        "name at \(nameEnd) has \(record.nameLength) bytes, the names have \(header.namesLength)")
    }
    let range = header.namesOffset + nameEnd..<header.namesOffset + end
    name = range
    nameEnd = end
    let bytes = file.extracting(range)
    if let previousName {
      let previous = file.extracting(previousName)
      guard previous.precedes(bytes) else {
        let isEqual = previous.elementsEqual(bytes)
        throw fault(
          .malformed, Layout.RecordField.nameOffset,
          isEqual
            ? "two tensors have this name" : "name stands after `\(previous.utf8String() ?? "?")`, which sorts after it"
        )
      }
    }
    switch namesTogether {
    case .ascii: break
    case .utf8, .invalid:
      guard let text = bytes.utf8String() else {
        throw CheckpointError(.malformed, .ingot, at: range.lowerBound, "name of tensor \(number) is not valid UTF-8")
      }
      guard canonicalNames.insert(text).inserted else {
        throw fault(
          .malformed, Layout.RecordField.nameOffset, "another name differs from this one only in Unicode normalisation")
      }
    }
  }

  /// Type, shape and encoding.
  ///
  /// - Returns: how many bytes the payload must have.
  @_lifetime(self: copy self)
  private mutating func checkMeaning(_ record: Record) throws(CheckpointError) -> Int {
    guard let type = ElementType(code: record.typeCode) else {
      throw fault(
        .unsupported, Layout.RecordField.type,
        "element type \(record.typeCode) is not known; this reader knows 1 to \(ElementType.allCases.count)")
    }
    let rank = Int(record.rank)
    guard rank <= Layout.maximumRank else {
      throw fault(.unsupported, Layout.RecordField.rank, "rank \(rank), the largest allowed is \(Layout.maximumRank)")
    }
    guard TensorEncoding.isKnown(record.encodingCode) else {
      throw fault(
        .unsupported, Layout.RecordField.encoding,
        "encoding \(record.encodingCode) is not known; this reader knows \(TensorEncoding.knownCodes)")
    }
    guard
      let encoding = TensorEncoding(code: record.encodingCode, axis: record.axis, groupSize: record.groupSize)
    else {
      throw fault(
        record.encodingCode < 2 ? .malformed : .unsupported, Layout.RecordField.groupSize,
        "group size \(record.groupSize), encoding \(record.encodingCode) has \(TensorEncoding.allowedGroups(record.encodingCode))"
      )
    }
    guard encoding.canHold(type) else {
      throw fault(.malformed, Layout.RecordField.encoding, "\(encoding.label) cannot stand for \(type.rawValue)")
    }
    guard record.reserved == 0 else {
      throw fault(.malformed, Layout.RecordField.reserved, "reserved field is \(record.reserved), version 1 has 0")
    }
    if encoding.isGrouped { hasGroups = true }
    guard encoding.axis.map({ $0 < rank }) ?? (record.axis == 0) else {
      throw fault(
        .malformed, Layout.RecordField.axis, "axis \(record.axis) of a tensor of rank \(rank), \(encoding.label)")
    }
    let elementCount = try checkExtents(record, rank)
    let extents = record.extents
    let byteCount = encoding.byteCount(of: type, elementCount: elementCount) { extents[$0] }
    guard let byteCount else {
      throw fault(
        .overflow, Layout.RecordField.extents,
        "\(elementCount) elements of \(type.rawValue) take more than \(Int.max) bytes")
    }
    guard record.scaleOffset == encoding.scaleOffset(elementCount: elementCount) ?? 0 else {
      throw fault(
        .malformed, Layout.RecordField.scaleOffset,
        "scale offset \(record.scaleOffset), \(encoding.label) of \(elementCount) elements has "
          + "\(encoding.scaleOffset(elementCount: elementCount) ?? 0)")
    }
    return byteCount
  }

  /// - Returns: the product of the extents.
  private func checkExtents(_ record: Record, _ rank: Int) throws(CheckpointError) -> Int {
    for axis in 0..<Layout.maximumRank {
      let extent = record.extent(axis)
      let field = Layout.RecordField.extents + axis * 8
      guard axis < rank || extent == 0 else {
        throw fault(.malformed, field, "extent \(axis) is \(extent), of a tensor of rank \(rank) it is 0")
      }
      guard Int(exactly: extent) != nil else {
        throw fault(.overflow, field, "extent \(axis) is \(extent), the largest allowed is \(Int.max)")
      }
    }
    guard let product = Int.product(record.extents) else {
      let shape = (0..<rank).map { String(record.extent($0)) }.joined(separator: ", ")
      throw fault(.overflow, Layout.RecordField.extents, "shape [\(shape)] has more than \(Int.max) elements")
    }
    return product
  }

  /// Where the payload lies: the only place it can have.
  @_lifetime(self: copy self)
  private mutating func checkPayload(_ record: Record, byteCount: Int) throws(CheckpointError) {
    guard record.payloadLength == byteCount else {
      throw fault(
        .corrupt, Layout.RecordField.payloadLength,
        "payload has \(record.payloadLength) bytes, type, shape and encoding need \(byteCount)")
    }
    guard
      let start = payloadEnd.roundedUp(to: Layout.tensorAlignment), let end = start.adding(byteCount)
    else {
      throw fault(
        .overflow, Layout.RecordField.payloadLength, "\(byteCount) bytes at \(payloadEnd) end after \(Int.max)")
    }
    guard record.payloadOffset == start else {
      throw fault(
        .corrupt, Layout.RecordField.payloadOffset,
        "payload at \(record.payloadOffset), what is before it ends at \(payloadEnd), so it must be at \(start)")
    }
    guard end <= header.fileSize else {
      throw fault(
        .truncated, Layout.RecordField.payloadLength, "payload ends at \(end), the file at \(header.fileSize)")
    }
    payloadEnd = end
  }

  /// A fault in a field of the record being checked.
  private func fault(_ code: CheckpointError.Code, _ field: Int, _ detail: String) -> CheckpointError {
    let place = header.recordRange(number).lowerBound + field
    guard let name else {
      return CheckpointError(code, .ingot, at: place, "tensor \(number): \(detail)")
    }
    return CheckpointError(code, .ingot, at: place, subject: file.extracting(name).utf8String(), detail)
  }
}
