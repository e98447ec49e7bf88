// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotTensor

/// What opening does not read: `Formats/ingot.md`, section 7. With what opening checks, every flipped bit is found.
extension IngotFile {
  /// Reads the whole file once and stops at the first fault.
  ///
  /// Memory stays small: the pages of each tensor are given back after it.
  ///
  /// - Parameter progress: called after each tensor that is sound, in the order of `tensors`.
  /// - Throws: `corrupt` (a digest, or padding that is not zero) or `malformed` (an int8 value of -128, a scale that is not finite and
  ///   positive), naming the tensor or section and the place.
  public func verifyIntegrity(_ progress: ((TensorDescriptor) -> Void)? = nil) throws(CheckpointError) {
    if let fault = sectionDamage().first { throw fault }
    for number in 0..<header.recordCount {
      if let fault = tensorDamage(number).first { throw fault }
      progress?(descriptor(number))
    }
  }

  /// Checks the digests of the sections and the padding around them, which is quickly done: what they say can then be believed.
  ///
  /// - Throws: `corrupt`, naming the section.
  public func verifySections() throws(CheckpointError) {
    if let fault = sectionDamage().first { throw fault }
  }

  /// Reads the whole file once and tells every fault, in the file's order.
  public func damage() -> [CheckpointError] {
    sectionDamage() + (0..<header.recordCount).flatMap(tensorDamage)
  }

  /// The sections and the padding around them, up to the payload region.
  private func sectionDamage() -> [CheckpointError] {
    var found: [CheckpointError] = []
    var end = header.indexEnd
    for entry in sectionEntries {
      found += paddingDamage(end..<entry.range.lowerBound, before: "section \(entry.kind)")
      if let fault = contentDamage(entry) { found.append(fault) }
      end = entry.range.upperBound
    }
    return found + paddingDamage(end..<header.payloadOffset, before: "the payload region")
  }

  /// The content of one section.
  func contentDamage(_ entry: SectionEntry) -> CheckpointError? {
    let computed = SHA256Digest(of: file.bytes(in: entry.range))
    guard computed != entry.digest else { return nil }
    return CheckpointError(
      .corrupt, .ingot, at: entry.range.lowerBound, subject: "section \(entry.kind)",
      "digest is \(entry.digest), the section's \(entry.range.count) bytes give \(computed)")
  }

  /// One tensor and the padding before it.
  private func tensorDamage(_ number: Int) -> [CheckpointError] {
    let range = payloadRange(number)
    let end = number == 0 ? header.payloadOffset : payloadRange(number - 1).upperBound
    defer { file.release(range) }
    return paddingDamage(end..<range.lowerBound, before: "`\(descriptor(number).name)`") + payloadDamage(number)
  }

  /// The payload of one tensor.
  func payloadDamage(_ number: Int) -> [CheckpointError] {
    let range = payloadRange(number)
    let payload = file.bytes(in: range)
    if let fault = digestDamage(number, SHA256Digest(of: payload)) { return [fault] }
    var check = PayloadCheck(descriptor(number), at: range.lowerBound)
    check.update(payload)
    return check.finish()
  }

  /// A payload whose digest is not the one that the file holds.
  private func digestDamage(_ number: Int, _ computed: SHA256Digest) -> CheckpointError? {
    let stored = record(number).digest
    guard computed != stored else { return nil }
    let range = payloadRange(number)
    return CheckpointError(
      .corrupt, .ingot, at: range.lowerBound, subject: descriptor(number).name,
      "digest is \(stored), the tensor's \(range.count) bytes give \(computed)")
  }

  private func paddingDamage(_ range: Range<Int>, before what: String) -> [CheckpointError] {
    guard let place = file.bytes(in: range).firstNonzeroIndex() else { return [] }
    let offset = range.lowerBound + place
    return [
      CheckpointError(
        .corrupt, .ingot, at: offset, subject: "padding before \(what)",
        "byte is \(file.bytes[byte: offset]), padding is 0")
    ]
  }
}

extension IngotFile {
  /// What `verifyIntegrity` checks of a file without quantized tensors, for whoever has the payloads hashed beside other work.
  public struct PayloadDigests: Sendable {
    private let file: IngotFile
    /// The payloads, in the order of the file's tensors.
    public let parts: [FilePart]

    /// Checks the sections and all padding, which are small.
    ///
    /// - Parameter file: all of its tensors are plain, which may hold any values.
    /// - Throws: `corrupt`, naming the section or the place.
    public init(_ file: IngotFile) throws(CheckpointError) {
      precondition(file.tensors.allSatisfy { $0.encoding == .plain }, "plain tensors only")
      if let fault = file.sectionDamage().first { throw fault }
      var end = file.header.payloadOffset
      for (number, tensor) in file.tensors.enumerated() {
        let range = file.payloadRange(number)
        if let fault = file.paddingDamage(end..<range.lowerBound, before: "`\(tensor.name)`").first { throw fault }
        end = range.upperBound
      }
      self.file = file
      parts = file.tensors.indices.map { FilePart(file.file, file.payloadRange($0)) }
    }

    /// Compares the digests of the parts with those that the file holds.
    ///
    /// - Throws: `corrupt`, naming the first tensor that is damaged.
    public func compare(_ digests: [SHA256Digest]) throws(CheckpointError) {
      precondition(digests.count == parts.count, "one digest for each payload")
      for (number, digest) in digests.enumerated() {
        if let fault = file.digestDamage(number, digest) { throw fault }
      }
    }
  }
}
