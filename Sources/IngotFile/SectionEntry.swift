// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// One entry of the section table: `Formats/ingot.md`, section 3.
struct SectionEntry: Sendable {
  let kind: SectionKind
  /// Where the section lies in the file.
  let range: Range<Int>
  /// The digest that the table holds.
  let digest: SHA256Digest

  /// Bit 0 of the flags: a reader that does not know the kind may ignore the section.
  static let mayIgnore: UInt32 = 1

  /// Reads and checks the section table.
  ///
  /// - Parameters:
  ///   - file: the whole file.
  ///   - header: its header, checked.
  /// - Returns: the entries, in the file's order.
  /// - Throws: the first fault, with the place of the field and the section's kind.
  static func table(of file: RawSpan, _ header: Header) throws(CheckpointError) -> [SectionEntry] {
    var entries: [SectionEntry] = []
    var end = header.indexEnd
    for number in 0..<header.sectionCount {
      let place = Header.sectionTableOffset + number * Layout.sectionEntrySize
      let bytes = file.extracting(place..<place + Layout.sectionEntrySize)
      let entry = try SectionEntry(reading: bytes, at: place, after: end, previous: entries.last, header)
      entries.append(entry)
      end = entry.range.upperBound
    }
    guard let payloadOffset = end.roundedUp(to: Layout.sectionAlignment), header.payloadOffset == payloadOffset,
      payloadOffset <= header.fileSize
    else {
      throw CheckpointError(
        .corrupt, .ingot, at: Layout.HeaderField.payloadOffset,
        "payload region at \(header.payloadOffset) of \(header.fileSize) bytes, what is before it ends at \(end)")
    }
    return entries
  }

  private init(
    reading bytes: RawSpan, at place: Int, after end: Int, previous: SectionEntry?, _ header: Header
  ) throws(CheckpointError) {
    let kind = SectionKind(rawValue: bytes.littleEndian(UInt32.self, at: Layout.SectionField.kind))
    func fault(_ code: CheckpointError.Code, _ field: Int, _ detail: String) -> CheckpointError {
      CheckpointError(code, .ingot, at: place + field, subject: "section \(kind)", detail)
    }
    guard kind.isPrintable else {
      throw fault(.malformed, Layout.SectionField.kind, "kind is not four printable ASCII characters")
    }
    if let previous {
      guard previous.kind != kind else {
        throw fault(.malformed, Layout.SectionField.kind, "two sections of this kind")
      }
      guard previous.kind < kind else {
        throw fault(.malformed, Layout.SectionField.kind, "stands after \(previous.kind), which sorts after it")
      }
    }
    let flags = bytes.littleEndian(UInt32.self, at: Layout.SectionField.flags)
    guard flags & ~Self.mayIgnore == 0 else {
      throw fault(.unsupported, Layout.SectionField.flags, "flags are \(flags), this reader knows 0 and 1")
    }
    guard kind.isDefined || flags & Self.mayIgnore != 0 else {
      throw fault(.unsupported, Layout.SectionField.kind, "this kind is not known and must be understood")
    }
    let reserved = bytes.littleEndian(UInt64.self, at: Layout.SectionField.reserved)
    guard reserved == 0 else {
      throw fault(.malformed, Layout.SectionField.reserved, "reserved field is \(reserved), version 1 has 0")
    }
    let offset = bytes.littleEndian(UInt64.self, at: Layout.SectionField.offset)
    let length = bytes.littleEndian(UInt64.self, at: Layout.SectionField.length)
    guard let start = end.roundedUp(to: Layout.sectionAlignment), let length = Int(exactly: length),
      let stop = start.adding(length)
    else {
      throw fault(.overflow, Layout.SectionField.length, "\(length) bytes after \(end) end after byte \(Int.max)")
    }
    guard offset == start else {
      throw fault(
        .corrupt, Layout.SectionField.offset,
        "section at \(offset), what is before it ends at \(end), so it must be at \(start)")
    }
    guard stop <= header.fileSize else {
      throw fault(.truncated, Layout.SectionField.length, "section ends at \(stop), the file at \(header.fileSize)")
    }
    self.kind = kind
    range = start..<stop
    digest = bytes.digest(at: Layout.SectionField.digest)
  }
}
