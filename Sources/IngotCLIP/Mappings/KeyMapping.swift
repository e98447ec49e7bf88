// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// How one family's keys become canonical names.
///
/// The tables are under `Formats/mappings`.
public struct KeyMapping: Sendable {
  /// One row of the table.
  struct Row: Sendable {
    let source: KeyPattern
    let canonical: String
    let transform: TensorTransform
    var isVision: Bool { canonical.hasPrefix("vision.") }
    /// Whether all rows with this canonical name make up one tensor, one after the other; else each of them alone does.
    let isPart: Bool
    /// Whether the source is a stack of the tensors of all blocks.
    let isSlice: Bool

    init(
      _ source: String, _ canonical: String, _ layout: TensorTransform.Layout, isPart: Bool = false,
      rows: Range<Int>? = nil, isSlice: Bool = false
    ) {
      self.source = KeyPattern(source)
      self.canonical = canonical
      self.isPart = isPart
      self.isSlice = isSlice
      transform = TensorTransform(layout: layout, rows: rows)
    }

    /// What happens to the tensor of a block.
    func transform(at indices: [Character: Int]) -> TensorTransform {
      guard isSlice else { return transform }
      return TensorTransform(layout: transform.layout, slice: indices["i"] ?? 0, rows: transform.rows)
    }
  }

  let rows: [Row]

  /// The rows of the image tower.
  var vision: KeyMapping { KeyMapping(rows: rows.filter(\.isVision)) }

  /// All rows but those of the image tower.
  var withoutVision: KeyMapping { KeyMapping(rows: rows.filter { !$0.isVision }) }

  /// The same names with something before each of them.
  func prefixed(_ prefix: String) -> KeyMapping {
    KeyMapping(
      rows: rows.map { row in
        Row(
          prefix + row.source.text, row.canonical, row.transform.layout, isPart: row.isPart, rows: row.transform.rows,
          isSlice: row.isSlice)
      })
  }

  /// A scheme that has one part of its names from one table and the others from another, which counts where both have a canonical name.
  static func + (first: KeyMapping, second: KeyMapping) -> KeyMapping {
    let names = Set(second.rows.map(\.canonical))
    return KeyMapping(rows: first.rows.filter { !names.contains($0.canonical) } + second.rows)
  }

  /// A tensor of a checkpoint that becomes a canonical tensor, or a part of one.
  public struct Part: Sendable, Hashable {
    /// The key in the checkpoint.
    public let key: String
    /// What happens to its layout.
    public let transform: TensorTransform
  }

  /// One canonical tensor and what it is made of.
  public struct Entry: Sendable, Hashable {
    /// The tensors that make it up, in order; where checkpoints differ, several ways.
    public let alternatives: [[Part]]
    /// The tensor they become.
    public let target: CanonicalSchema.Entry

    /// The way that the tensors of a checkpoint fit: the first with any of its keys, else the first.
    ///
    /// - Parameter hasKey: whether the checkpoint has a tensor of this key.
    /// - Returns: the parts, in order.
    public func parts(_ hasKey: (String) -> Bool) -> [Part] {
      alternatives.first { $0.contains { hasKey($0.key) } } ?? alternatives[0]
    }
  }

  /// All tensors that a checkpoint of this family has for a configuration.
  ///
  /// - Parameter configuration: a validated configuration.
  /// - Returns: one entry for each canonical tensor.
  public func entries(for configuration: CLIPConfiguration) -> [Entry] {
    let byCanonical = Dictionary(grouping: rows, by: \.canonical)
    return CanonicalSchema.entries(for: configuration).compactMap { target in
      guard let rows = byCanonical[target.pattern] else {
        // A configuration file may ask for a tensor that the key scheme has no name for: it is then missing under its own.
        let own = Part(key: target.name, transform: TensorTransform())
        return target.presence == .optional ? nil : Entry(alternatives: [[own]], target: target)
      }
      return Entry(alternatives: Self.alternatives(rows, target.indices), target: target)
    }
  }

  /// The parts of a canonical tensor at given indices.
  static func alternatives(_ rows: [Row], _ indices: [Character: Int]) -> [[Part]] {
    func part(_ row: Row) -> Part {
      Part(key: row.source.filled(with: indices), transform: row.transform(at: indices))
    }
    let parts = rows.filter(\.isPart).map(part)
    return (parts.isEmpty ? [] : [parts]) + rows.filter { !$0.isPart }.map { [part($0)] }
  }
}
