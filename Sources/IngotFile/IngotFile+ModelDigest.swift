// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension IngotFile {
  /// One digest of what the model is: every tensor, architecture, tokenizer and provenance, but not certificate, evidence and block digests, nor where anything lies.
  ///
  /// A stamp leaves it as it was. `Formats/ingot.md`, section 10, lists what is hashed.
  public var modelDigest: SHA256Digest {
    var stream = SHA256Stream()
    func add(_ bytes: [UInt8]) { bytes.withRawSpan { stream.update($0) } }
    func add(_ number: some FixedWidthInteger) {
      var bytes = [UInt8](repeating: 0, count: MemoryLayout.size(ofValue: number))
      bytes.store(number, at: 0)
      add(bytes)
    }
    add(Array("Ingot model, version 1\n".utf8))
    let sections = sectionEntries.filter { !$0.kind.isAboutChecks }
    add(UInt64(sections.count))
    for section in sections {
      add(section.kind.rawValue)
      add(UInt64(section.range.count))
      add(section.digest.bytes)
    }
    add(UInt64(header.recordCount))
    for number in 0..<header.recordCount {
      let name = nameRange(number)
      add(UInt64(name.count))
      stream.update(file.bytes(in: name))
      let record = file.bytes(in: header.recordRange(number))
      // Type, rank, encoding, axis, group size, extents; then the lengths, then the digest: all but places.
      stream.update(record.extracting(Layout.RecordField.type..<Layout.RecordField.payloadOffset))
      stream.update(record.extracting(Layout.RecordField.payloadLength..<Layout.recordSize))
    }
    return stream.finalize()
  }
}
