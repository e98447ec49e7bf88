// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension IngotFile {
  /// The kinds of the sections in the file, sorted; kinds that version 1 does not know included.
  public var sectionKinds: [SectionKind] { sectionEntries.map(\.kind) }

  /// A copy of a section's bytes, `nil` when there is none of this kind.
  ///
  /// The digest is not checked: see `verifiedSection`.
  public func section(_ kind: SectionKind) -> [UInt8]? {
    withSection(kind) { $0.copied() }
  }

  /// Lends a section's bytes, which lie at a multiple of 4096.
  ///
  /// - Parameters:
  ///   - kind: which section.
  ///   - body: must not keep the span.
  /// - Returns: what `body` returns; `nil` when there is no section of this kind.
  /// - Throws: what `body` throws.
  public func withSection<R>(_ kind: SectionKind, _ body: (RawSpan) throws -> R) rethrows -> R? {
    guard let entry = entry(kind) else { return nil }
    return try body(file.bytes(in: entry.range))
  }

  /// A copy of a section's bytes, after comparing their digest with the one that the file holds.
  ///
  /// - Parameter kind: which section.
  /// - Returns: `nil` when there is no section of this kind.
  /// - Throws: `corrupt` when the bytes are damaged.
  public func verifiedSection(_ kind: SectionKind) throws(CheckpointError) -> [UInt8]? {
    guard let entry = entry(kind) else { return nil }
    if let fault = contentDamage(entry) { throw fault }
    return file.bytes(in: entry.range).copied()
  }

  /// The digest of a section's bytes that the file holds, `nil` when there is no section of this kind.
  public func storedDigest(of kind: SectionKind) -> SHA256Digest? {
    entry(kind)?.digest
  }

  private func entry(_ kind: SectionKind) -> SectionEntry? {
    sectionEntries.first { $0.kind == kind }
  }
}
