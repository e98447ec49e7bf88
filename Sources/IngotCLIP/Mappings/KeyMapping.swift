// SPDX-License-Identifier: Apache-2.0

/// How one family's keys become canonical names.
///
/// The tables are under `Formats/mappings`.
public struct KeyMapping: Sendable {
  /// What happens to a tensor's bytes on the way.
  public enum Transform: String, Sendable, Hashable, Codable {
    /// Nothing: shape and bytes stay.
    case copy
  }

  /// One row of the table.
  struct Row: Sendable {
    let source: KeyPattern
    let canonical: String
    let transform: Transform

    init(_ source: String, _ canonical: String, _ transform: Transform) {
      self.source = KeyPattern(source)
      self.canonical = canonical
      self.transform = transform
    }
  }

  let rows: [Row]

  /// One tensor of a checkpoint and what it becomes.
  public struct Entry: Sendable, Hashable {
    /// The key in the checkpoint.
    public let source: String
    /// What happens to the bytes.
    public let transform: Transform
    /// The tensor it becomes.
    public let target: CanonicalSchema.Entry
  }

  /// All tensors that a checkpoint of this family has for a configuration.
  ///
  /// - Parameter configuration: a validated configuration.
  /// - Returns: one entry for each canonical tensor.
  public func entries(for configuration: CLIPConfiguration) -> [Entry] {
    let byCanonical = Dictionary(uniqueKeysWithValues: rows.map { ($0.canonical, $0) })
    return CanonicalSchema.entries(for: configuration).map { target in
      guard let row = byCanonical[target.pattern] else {
        preconditionFailure("the family's table has a row for \(target.pattern)")
      }
      return Entry(source: row.source.filled(with: target.indices), transform: row.transform, target: target)
    }
  }
}
