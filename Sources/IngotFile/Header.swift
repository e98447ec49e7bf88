// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The fixed-size header: `Formats/ingot.md`, section 2.
struct Header {
  var fileSize: Int
  let sectionCount: Int
  let recordCount: Int
  let namesLength: Int
  var payloadOffset: Int
  /// Derived from the counts; `namesOffset + namesLength` does not overflow.
  let recordTableOffset: Int
  let namesOffset: Int
  /// Whether some tensor is stored in groups: bit 0 of the features that must be understood.
  var hasGroups = false

  static let sectionTableOffset = Layout.headerSize

  /// Where section table, records and names end.
  var indexEnd: Int { namesOffset + namesLength }

  /// Lays out the index.
  ///
  /// - Returns: `nil` on overflow.
  init?(sectionCount: Int, recordCount: Int, namesLength: Int, payloadOffset: Int, fileSize: Int) {
    guard
      let records = sectionCount.multiplied(by: Layout.sectionEntrySize)?.adding(Self.sectionTableOffset),
      let names = recordCount.multiplied(by: Layout.recordSize)?.adding(records),
      names.adding(namesLength) != nil
    else { return nil }
    self.sectionCount = sectionCount
    self.recordCount = recordCount
    self.namesLength = namesLength
    self.payloadOffset = payloadOffset
    self.fileSize = fileSize
    recordTableOffset = records
    namesOffset = names
  }

  /// Where record `number` lies.
  func recordRange(_ number: Int) -> Range<Int> {
    let start = recordTableOffset + number * Layout.recordSize
    return start..<start + Layout.recordSize
  }
}

extension Header {
  /// Reads and checks the header of a file, and the digest of its index.
  ///
  /// - Parameter bytes: the whole file.
  /// - Throws: `truncated`, `malformed`, `unsupported` (version, features), `overflow` or `corrupt` (a digest).
  init(reading bytes: RawSpan) throws(CheckpointError) {
    try Self.checkFraming(bytes)
    try Self.checkFeatures(bytes)
    func count(_ field: Int, _ what: StaticString) throws(CheckpointError) -> Int {
      let value = bytes.littleEndian(UInt64.self, at: field)
      guard let count = Int(exactly: value) else {
        throw Self.fault(.overflow, field, "\(what) is \(value), the largest allowed is \(Int.max)")
      }
      return count
    }
    let header = Self(
      sectionCount: try count(Layout.HeaderField.sectionCount, "section count"),
      recordCount: try count(Layout.HeaderField.recordCount, "record count"),
      namesLength: try count(Layout.HeaderField.namesLength, "names length"),
      payloadOffset: try count(Layout.HeaderField.payloadOffset, "payload offset"),
      fileSize: try count(Layout.HeaderField.fileSize, "file size"))
    guard let header else {
      let sections = bytes.littleEndian(UInt64.self, at: Layout.HeaderField.sectionCount)
      let records = bytes.littleEndian(UInt64.self, at: Layout.HeaderField.recordCount)
      throw Self.fault(
        .overflow, Layout.HeaderField.sectionCount,
        "an index of \(sections) sections and \(records) records ends after byte \(Int.max)")
    }
    self = header
    hasGroups = bytes.littleEndian(UInt64.self, at: Layout.HeaderField.mustUnderstand) & Layout.groupsFeature != 0
    try checkOwnFields(bytes)
    try checkExtent(bytes)
  }

  /// Length, magic, version, header size and root digest: what every version has in the same place.
  private static func checkFraming(_ bytes: RawSpan) throws(CheckpointError) {
    guard bytes.byteCount >= Layout.headerSize else {
      throw fault(
        .truncated, bytes.byteCount, "header needs \(Layout.headerSize) bytes, the file has \(bytes.byteCount)")
    }
    let magic = bytes.extracting(0..<Layout.magic.count).copied()
    guard magic == Layout.magic else {
      throw fault(.malformed, Layout.HeaderField.magic, "magic is \(magic), an .ingot file has \(Layout.magic)")
    }
    let version = bytes.littleEndian(UInt32.self, at: Layout.HeaderField.version)
    guard version == Layout.version else {
      throw fault(
        .unsupported, Layout.HeaderField.version, "format version \(version), this reader knows \(Layout.version)")
    }
    let size = bytes.littleEndian(UInt32.self, at: Layout.HeaderField.headerSize)
    guard size == Layout.headerSize else {
      throw fault(
        .malformed, Layout.HeaderField.headerSize, "header size is \(size), version 1 has \(Layout.headerSize)")
    }
    let stored = bytes.digest(at: Layout.HeaderField.rootDigest)
    let computed = SHA256Digest(of: bytes.extracting(0..<Layout.HeaderField.rootDigest))
    guard stored == computed else {
      throw fault(.corrupt, Layout.HeaderField.rootDigest, "root digest is \(stored), the header gives \(computed)")
    }
  }

  private static func checkFeatures(_ bytes: RawSpan) throws(CheckpointError) {
    let features = bytes.littleEndian(UInt64.self, at: Layout.HeaderField.mustUnderstand)
    let others = features & ~Layout.groupsFeature
    let unknown = (0..<UInt64.bitWidth).filter { others >> $0 & 1 == 1 }.map(String.init).joined(separator: ", ")
    guard others == 0 else {
      throw fault(
        .unsupported, Layout.HeaderField.mustUnderstand,
        "feature bits that must be understood: \(unknown); this reader knows 0 (integers in groups)")
    }
  }

  /// The fields that have only one right value, given the counts.
  private func checkOwnFields(_ bytes: RawSpan) throws(CheckpointError) {
    if let place = bytes.extracting(Layout.HeaderField.reserved).firstNonzeroIndex() {
      let offset = Layout.HeaderField.reserved.lowerBound + place
      throw Self.fault(.malformed, offset, "reserved byte is \(bytes[byte: offset]), version 1 has 0")
    }
    let expected: [(field: Int, what: StaticString, value: Int)] = [
      (Layout.HeaderField.sectionTableOffset, "section table", Self.sectionTableOffset),
      (Layout.HeaderField.recordTableOffset, "record table", recordTableOffset),
      (Layout.HeaderField.namesOffset, "names", namesOffset),
    ]
    for (field, what, value) in expected {
      let stored = bytes.littleEndian(UInt64.self, at: field)
      guard stored == value else {
        throw Self.fault(.malformed, field, "\(what) at \(stored), the counts put it at \(value)")
      }
    }
  }

  /// The size of the file, and the digest of an index that lies within it.
  private func checkExtent(_ bytes: RawSpan) throws(CheckpointError) {
    let field = Layout.HeaderField.fileSize
    guard bytes.byteCount >= fileSize else {
      throw Self.fault(.truncated, field, "the file has \(bytes.byteCount) bytes, the header says \(fileSize)")
    }
    guard bytes.byteCount == fileSize else {
      throw Self.fault(
        .corrupt, field,
        "the file has \(bytes.byteCount) bytes, \(bytes.byteCount - fileSize) more than the header says")
    }
    guard indexEnd <= fileSize else {
      throw Self.fault(
        .truncated, Layout.HeaderField.namesLength, "the index ends at \(indexEnd), the file at \(fileSize)")
    }
    let stored = bytes.digest(at: Layout.HeaderField.indexDigest)
    let computed = SHA256Digest(of: bytes.extracting(Layout.headerSize..<indexEnd))
    guard stored == computed else {
      throw Self.fault(
        .corrupt, Layout.HeaderField.indexDigest, "index digest is \(stored), the index gives \(computed)")
    }
  }

  private static func fault(_ code: CheckpointError.Code, _ offset: Int, _ detail: String) -> CheckpointError {
    CheckpointError(code, .ingot, at: offset, detail)
  }
}

extension Header {
  /// Writes every field but the digests to the first bytes of `index`.
  func store(in index: inout [UInt8]) {
    index.replaceSubrange(0..<Layout.magic.count, with: Layout.magic)
    index.store(UInt32(Layout.version), at: Layout.HeaderField.version)
    index.store(UInt32(Layout.headerSize), at: Layout.HeaderField.headerSize)
    let fields: [(Int, Int)] = [
      (Layout.HeaderField.mustUnderstand, hasGroups ? Int(Layout.groupsFeature) : 0),
      (Layout.HeaderField.fileSize, fileSize),
      (Layout.HeaderField.sectionTableOffset, Self.sectionTableOffset),
      (Layout.HeaderField.sectionCount, sectionCount),
      (Layout.HeaderField.recordTableOffset, recordTableOffset),
      (Layout.HeaderField.recordCount, recordCount),
      (Layout.HeaderField.namesOffset, namesOffset),
      (Layout.HeaderField.namesLength, namesLength),
      (Layout.HeaderField.payloadOffset, payloadOffset),
    ]
    for (offset, value) in fields { index.store(UInt64(value), at: offset) }
  }

  /// Fills in both digests, the index's first: the root covers it.
  ///
  /// - Parameter index: the finished index, header included.
  /// - Returns: the root digest.
  static func seal(_ index: inout [UInt8]) -> SHA256Digest {
    let indexDigest = index.withRawSpan { SHA256Digest(of: $0.extracting(Layout.headerSize..<$0.byteCount)) }
    index.store(indexDigest, at: Layout.HeaderField.indexDigest)
    let root = index.withRawSpan { SHA256Digest(of: $0.extracting(0..<Layout.HeaderField.rootDigest)) }
    index.store(root, at: Layout.HeaderField.rootDigest)
    return root
  }
}
