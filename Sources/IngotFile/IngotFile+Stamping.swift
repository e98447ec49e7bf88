// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotTensor

extension IngotFile {
  /// Writes the same model with a certificate: tensors, architecture, tokenizer and provenance are copied byte by byte, and `modelDigest` stays.
  ///
  /// - Parameters:
  ///   - certificate: JSON.
  ///   - evidence: the numbers that it refers to.
  ///   - path: where the new file will appear.
  ///   - existing: what to do when there is a file already.
  /// - Returns: the new file's root digest.
  /// - Throws: `corrupt` when this file is damaged, `FileError`.
  public func stamped(
    certificate: [UInt8], evidence: [UInt8], to path: String, existing: AtomicFile.Existing
  ) throws -> SHA256Digest {
    var contents: [SectionKind: [UInt8]] = [.certificate: certificate, .evidence: evidence]
    for kind in sectionKinds where !kind.isAboutChecks { contents[kind] = try verifiedSection(kind) }
    let plan = try stampPlan(contents)
    var front = [UInt8](repeating: 0, count: plan.header.payloadOffset)
    let index = plan.index()
    front.replaceSubrange(index.indices, with: index)
    for (number, section) in plan.sections.enumerated() {
      guard let content = contents[section.kind] else { continue }
      front.replaceSubrange(section.range, with: content)
      let digest = content.withRawSpan { SHA256Digest(of: $0) }
      front.store(digest, at: Self.entryPlace(number) + Layout.SectionField.digest)
    }
    for number in 0..<header.recordCount {
      let place = plan.header.recordRange(number).lowerBound + Layout.RecordField.digest
      front.store(record(number).digest, at: place)
    }
    guard let number = plan.sections.firstIndex(where: { $0.kind == .blockDigests }) else {
      preconditionFailure("was planned")
    }
    let place = plan.sections[number].range
    let shift = header.payloadOffset - plan.header.payloadOffset
    let file = file
    let list = BlockDigests(fileSize: plan.header.fileSize, at: place.lowerBound, entry: Self.entryPlace(number)) {
      range, body in
      // The payload region begins at a block: no block is of both.
      if range.lowerBound < front.count {
        front.withRawSpan { body($0.extracting(range)) }
      } else {
        body(file.bytes(in: range.lowerBound + shift..<range.upperBound + shift))
      }
    }
    front.replaceSubrange(place, with: list.bytes)
    front.store(
      list.bytes.withRawSpan { SHA256Digest(of: $0) }, at: Self.entryPlace(number) + Layout.SectionField.digest)
    var sealed = Array(front[..<plan.header.indexEnd])
    let root = Header.seal(&sealed)
    front.replaceSubrange(sealed.indices, with: sealed)
    let output = try AtomicFile(path: path, existing: existing)
    try output.reserve(plan.header.fileSize)
    try front.withRawSpan { try output.overwrite($0, at: 0) }
    try copyPayloads(to: output, from: header.payloadOffset, at: plan.header.payloadOffset)
    try output.commit()
    return root
  }

  /// Copies the payload region piece by piece.
  private func copyPayloads(to output: AtomicFile, from: Int, at: Int) throws {
    let piece = 8 << 20
    for start in stride(from: from, to: file.size, by: piece) {
      let range = start..<min(start + piece, file.size)
      try output.overwrite(file.bytes(in: range), at: start - from + at)
      file.release(range)
    }
  }

  /// Lays out the new file; the list of block digests is as long as the file that holds it makes it.
  private func stampPlan(_ contents: [SectionKind: [UInt8]]) throws(CheckpointError) -> FrontPlan {
    var listLength = 0
    while true {
      let sections = contents.map { (kind: $0.key, byteCount: $0.value.count) } + [(.blockDigests, listLength)]
      let plan = try FrontPlan(tensors: tensors, sections: sections)
      let length = BlockDigests.byteCount(fileSize: plan.header.fileSize)
      // Grows with the list by an eighth of a percent each time: after a few turns it stays.
      if length == listLength { return plan }
      listLength = length
    }
  }
}
