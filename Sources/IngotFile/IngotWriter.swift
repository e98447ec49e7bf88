// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotTensor

/// Writes an `.ingot` file, version 1, one tensor at a time.
///
///     var writer = try IngotWriter(path: "model.ingot", existing: .refuse, tensors: tensors, sections: [(.architecture, json.count)])
///     for tensor in writer.order { try source.withBytes(of: tensor) { try writer.append($0) } }
///     let root = try writer.finish(sections: [.architecture: json])
///
/// `begin` allows another order than that of the names. Nothing appears at the path before `finish` returns. What is written depends on nothing but the tensors and sections: the same
/// content is the same file.
public struct IngotWriter {
  private let output: AtomicFile
  private let plan: FrontPlan
  /// Header, section table, records and names; the digests are filled in on the way.
  private var index: [UInt8]
  /// The tensors that are complete, in the order of their coming.
  private var completed: [Int] = []
  /// The tensor in progress, or the next one.
  private var current = 0
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
  }

  /// The size that a file with these tensors and sections has.
  ///
  /// - Throws: as `init`, for what the format cannot hold.
  public static func fileSize(
    tensors: [TensorDescriptor], sections: [(kind: SectionKind, byteCount: Int)]
  ) throws(CheckpointError) -> Int {
    try FrontPlan(tensors: tensors, sections: sections).header.fileSize
  }

  /// The tensors in the order of the file, in which their payloads are appended unless `begin` says otherwise: sorted by name, bytewise.
  public var order: [TensorDescriptor] { plan.tensors }

  /// Goes on with another tensor.
  ///
  /// - Parameter name: of a tensor that is not complete; the tensor in progress has no bytes yet.
  public mutating func begin(_ name: String) {
    guard let number = order.firstIndex(where: { $0.name == name }), !completed.contains(number), received == 0 else {
      preconditionFailure("begins each of its tensors once")
    }
    current = number
  }

  /// Writes the next tensor's whole payload.
  ///
  /// - Parameter payload: exactly the `byteCount` of the next tensor: values, and scales where the encoding has them.
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
    precondition(current < order.count, "no more payloads than tensors")
    let tensor = order[current]
    guard part.count <= tensor.byteCount - received else {
      throw CheckpointError(
        .mismatch, .ingot, subject: tensor.name,
        "payload has at least \(received + part.count) bytes, type, shape and encoding need \(tensor.byteCount)")
    }
    digests.add(part)
    let offset = plan.payloadOffsets[current] + received
    if check == nil { check = PayloadCheck(tensor, at: plan.payloadOffsets[current]) }
    try part.withBytes { bytes in
      check?.update(bytes)
      try output.overwrite(bytes, at: offset)
    }
    received += part.count
  }

  /// Ends the payload of the tensor in progress.
  ///
  /// - Throws: `mismatch` when bytes are missing, `malformed` when the values are not valid for the encoding.
  public mutating func finishTensor() throws {
    precondition(current < order.count, "no more payloads than tensors")
    let tensor = order[current]
    guard received == tensor.byteCount else {
      throw CheckpointError(
        .mismatch, .ingot, subject: tensor.name,
        "payload has \(received) bytes, type, shape and encoding need \(tensor.byteCount)")
    }
    if let fault = check?.finish().first { throw fault }
    digests.endStream()
    completed.append(current)
    current += 1
    check = nil
    received = 0
  }

  /// Waits until all payloads are on the device, while their digests are still being computed.
  ///
  /// - Throws: `FileError`.
  public func flush() throws { try output.flush() }

  /// Writes sections and index, flushes the file to the device and gives it its name.
  ///
  /// - Parameter sections: exactly the kinds and sizes that were announced.
  /// - Returns: the root digest.
  /// - Throws: `mismatch` when tensors or sections are not those announced, and `FileError`; the path is then what it was before.
  public mutating func finish(sections: [SectionKind: [UInt8]]) throws -> SHA256Digest {
    if let missing = order.indices.first(where: { !Set(completed).contains($0) }) {
      throw CheckpointError(
        .mismatch, .ingot, subject: order[missing].name,
        "\(completed.count) payloads were written, \(order.count) were announced")
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
    for (number, digest) in zip(completed, try digests.finish().streams) {
      index.store(digest, at: plan.header.recordRange(number).lowerBound + Layout.RecordField.digest)
    }
    let root = Header.seal(&index)
    try index.withRawSpan { try output.overwrite($0, at: 0) }
    try output.commit()
    return root
  }
}
