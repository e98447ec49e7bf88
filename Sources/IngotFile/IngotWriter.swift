// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotTensor

/// Writes an `.ingot` file, version 1, one tensor at a time.
///
///     var writer = try IngotWriter(path: "model.ingot", existing: .refuse, tensors: tensors, sections: [(.architecture, json.count)])
///     for tensor in writer.order { try source.withBytes(of: tensor) { try writer.append($0) } }
///     let root = try writer.finish(sections: [.architecture: json])
///
/// Nothing appears at the path before `finish` returns. What is written depends on nothing but the tensors and sections: the same
/// content is the same file.
public struct IngotWriter {
  private let output: AtomicFile
  private let plan: FrontPlan
  /// Header, section table, records and names; the digests are filled in on the way.
  private var index: [UInt8]
  /// How many tensors are complete.
  private var completed = 0
  private let digests: DigestThread
  private var check: PayloadCheck?
  /// How many bytes of the tensor in progress have come.
  private var received = 0

  /// Lays out the file and creates it under a temporary name.
  ///
  /// - Parameters:
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  ///   - tensors: in any order; name, type, shape and encoding count. Names are unique, ranks at most 8.
  ///   - sections: the kinds and sizes in bytes of the sections that `finish` will be given, in any order.
  ///   - digests: hashes the payloads, and nothing else that is handed over.
  /// - Throws: `CheckpointError` of `malformed`, `unsupported` or `overflow` for tensors or sections that the format cannot hold, and `FileError`.
  public init(
    path: String, existing: AtomicFile.Existing, tensors: [TensorDescriptor],
    sections: [(kind: SectionKind, byteCount: Int)], digests: DigestThread = DigestThread()
  ) throws {
    plan = try FrontPlan(tensors: tensors, sections: sections)
    index = plan.index()
    self.digests = digests
    output = try AtomicFile(path: path, existing: existing)
    try output.reserve(plan.header.fileSize)
    try output.pad(to: plan.header.payloadOffset)
  }

  /// The tensors in the order in which their payloads must be appended: sorted by name, bytewise.
  public var order: [TensorDescriptor] { plan.tensors }

  /// Writes the next tensor's whole payload.
  ///
  /// - Parameter payload: exactly the `byteCount` of the next tensor in `order`: values, and scales where the encoding has them.
  /// - Throws: `mismatch` when the count is wrong, `malformed` when the values are not valid for the encoding, and `FileError`.
  ///   After an error the writer cannot go on.
  public mutating func append(_ payload: RawSpan) throws {
    try appendPart(LentBytes(payload.copied()))
    try finishTensor()
  }

  /// Writes the next bytes of the next tensor's payload.
  ///
  /// - Parameter part: of any size; may be looked at until `finish` has returned.
  /// - Throws: `mismatch` when the tensor gets more bytes than it has, what reading the part throws, and `FileError`.
  public mutating func appendPart(_ part: LentBytes) throws {
    precondition(completed < order.count, "no more payloads than tensors")
    let tensor = order[completed]
    guard part.count <= tensor.byteCount - received else {
      throw CheckpointError(
        .mismatch, .ingot, subject: tensor.name,
        "payload has at least \(received + part.count) bytes, type, shape and encoding need \(tensor.byteCount)")
    }
    try beginTensor()
    digests.add(part)
    try part.withBytes { bytes in
      check?.update(bytes)
      try output.append(bytes)
    }
    received += part.count
  }

  /// Ends the payload of the tensor in progress.
  ///
  /// - Throws: `mismatch` when bytes are missing, `malformed` when the values are not valid for the encoding.
  public mutating func finishTensor() throws {
    precondition(completed < order.count, "no more payloads than tensors")
    let tensor = order[completed]
    guard received == tensor.byteCount else {
      throw CheckpointError(
        .mismatch, .ingot, subject: tensor.name,
        "payload has \(received) bytes, type, shape and encoding need \(tensor.byteCount)")
    }
    // A tensor without bytes may have had no part; its place counts all the same.
    try beginTensor()
    if let fault = check?.finish().first { throw fault }
    digests.endStream()
    completed += 1
    check = nil
    received = 0
  }

  /// Goes to the place of the tensor in progress, once.
  private mutating func beginTensor() throws {
    guard check == nil else { return }
    let offset = plan.payloadOffsets[completed]
    try output.pad(to: offset)
    check = PayloadCheck(order[completed], at: offset)
  }

  /// Writes sections and index, flushes the file to the device and gives it its name.
  ///
  /// - Parameter sections: exactly the kinds and sizes that were announced.
  /// - Returns: the root digest.
  /// - Throws: `mismatch` when tensors or sections are not those announced, and `FileError`; the path is then what it was before.
  public mutating func finish(sections: [SectionKind: [UInt8]]) throws -> SHA256Digest {
    guard completed == order.count, received == 0 else {
      throw CheckpointError(
        .mismatch, .ingot, subject: order[completed].name,
        "\(completed) payloads were written, \(order.count) were announced")
    }
    if let kind = sections.keys.sorted().first(where: { kind in !plan.sections.contains { $0.kind == kind } }) {
      throw CheckpointError(.mismatch, .ingot, subject: "section \(kind)", "was not announced")
    }
    for (number, section) in plan.sections.enumerated() {
      guard let content = sections[section.kind], content.count == section.range.count else {
        throw CheckpointError(
          .mismatch, .ingot, subject: "section \(section.kind)",
          "has \(sections[section.kind].map { "\($0.count)" } ?? "no") bytes, \(section.range.count) were announced")
      }
      let digest = try content.withRawSpan { bytes in
        try output.overwrite(bytes, at: section.range.lowerBound)
        return SHA256Digest(of: bytes)
      }
      let entry = Header.sectionTableOffset + number * Layout.sectionEntrySize
      index.store(digest, at: entry + Layout.SectionField.digest)
    }
    for (number, digest) in try digests.finish().streams.enumerated() {
      index.store(digest, at: plan.header.recordRange(number).lowerBound + Layout.RecordField.digest)
    }
    let root = Header.seal(&index)
    try index.withRawSpan { try output.overwrite($0, at: 0) }
    try output.commit()
    return root
  }
}
