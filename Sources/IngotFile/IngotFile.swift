// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
public import IngotTensor

/// An open `.ingot` file, version 1.
///
///     let file = try IngotFile(MappedFile(path: "model.ingot"))
///     let projection = file.tensor(named: "visual.proj")
///
/// `Formats/ingot.md` is the written truth. Opening checks the header, the section table and every tensor record, and both digests that cover them; it reads neither sections
/// nor payloads. `verifyIntegrity` reads those too. Like every mapping, it relies on nobody changing the file in place.
public struct IngotFile: Checkpoint {
  let file: MappedFile
  let header: Header
  let sectionEntries: [SectionEntry]
  private let descriptors = DescriptorCache()
  /// SHA-256 that covers the whole file: what a signature would sign.
  public let rootDigest: SHA256Digest

  /// Opens a mapped file.
  ///
  /// - Throws: `truncated`, `malformed`, `corrupt`, `overflow`, or `unsupported` for a version, feature, section kind, element type or encoding
  ///   that version 1 does not define.
  public init(_ file: MappedFile) throws(CheckpointError) {
    let bytes = file.bytes
    header = try Header(reading: bytes)
    sectionEntries = try SectionEntry.table(of: bytes, header)
    var records = RecordCheck(bytes, header)
    try records.run()
    rootDigest = bytes.digest(at: Layout.HeaderField.rootDigest)
    self.file = file
  }

  /// Whether the file begins as an `.ingot` file of any version does.
  public static func recognises(_ file: MappedFile) -> Bool {
    guard file.size >= Layout.magic.count else { return false }
    return file.bytes(in: 0..<Layout.magic.count).copied() == Layout.magic
  }

  /// The format version: 1.
  public var version: Int { Layout.version }

  /// The path as it was given when the file was mapped.
  public var path: String { file.path }

  /// All tensors, sorted by name, bytewise.
  ///
  /// The descriptors are made at the first call.
  public var tensors: [TensorDescriptor] {
    descriptors.value { (0..<header.recordCount).map(descriptor) }
  }

  /// The number of tensors; makes no descriptors.
  public var tensorCount: Int { header.recordCount }
}

/// Descriptors made once, shared by all copies of an `IngotFile`.
private final class DescriptorCache: Sendable {
  private let stored = Guarded<[TensorDescriptor]?>(nil)

  func value(_ make: () -> [TensorDescriptor]) -> [TensorDescriptor] {
    stored.withLock { stored in
      if let stored { return stored }
      let made = make()
      stored = made
      return made
    }
  }
}
