// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Reads a model's sizes off the shapes of its tensors, through its family's table.
///
/// What cannot be read is noted as a problem, with the tensors at fault; sizes are then 1.
struct SizeReader {
  private let shapes: [String: Shape]
  private let mapping: KeyMapping
  private let byCanonical: [String: [KeyMapping.Row]]
  private(set) var problems: [String] = []

  init(_ tensors: [TensorDescriptor], _ mapping: KeyMapping) {
    shapes = Dictionary(tensors.map { ($0.name, $0.shape) }) { first, _ in first }
    self.mapping = mapping
    byCanonical = Dictionary(grouping: mapping.rows, by: \.canonical)
  }

  /// Whether any tensor is there that becomes the canonical one, or a part of it.
  func has(_ canonical: String, _ indices: [Character: Int] = ["i": 0]) -> Bool {
    KeyMapping.alternatives(byCanonical[canonical] ?? [], indices).joined().contains { shapes[$0.key] != nil }
  }

  /// Whether any tensor is there whose canonical name begins like this, whatever its indices.
  func hasAny(_ beginning: String) -> Bool {
    mapping.rows.contains { row in
      guard row.canonical.hasPrefix(beginning) else { return false }
      guard let prefix = row.source.prefix else { return shapes[row.source.text] != nil }
      let start = prefix.text([:])
      return shapes.keys.contains { $0.hasPrefix(start) }
    }
  }

  /// One extent of a canonical tensor.
  mutating func extent(_ canonical: String, axis: Int, rank: Int, _ indices: [Character: Int] = ["i": 0]) -> Int {
    let alternatives = KeyMapping.alternatives(byCanonical[canonical] ?? [], indices)
    guard let parts = alternatives.first(where: { $0.contains { shapes[$0.key] != nil } }) else {
      note("\(alternatives.first?.first?.key ?? canonical) is missing")
      return 1
    }
    var total = 0
    for part in parts {
      guard let shape = shapes[part.key] else {
        note("\(part.key) is missing")
        return 1
      }
      guard let arranged = part.transform.shape(from: shape), arranged.rank == rank, arranged[axis] > 0 else {
        note("\(part.key) has shape \(shape), expected \(rank) dimensions, none empty")
        return 1
      }
      total = axis == 0 ? total + arranged[0] : arranged[axis]
    }
    return total
  }

  /// How many blocks there are: different values of the index `i` in the names of tensors whose canonical name begins like this.
  mutating func count(of beginning: String, at indices: [Character: Int] = [:]) -> Int {
    var found: Set<Substring> = []
    var example: String?
    for row in mapping.rows where row.canonical.hasPrefix(beginning) {
      if row.isSlice {
        example = example ?? row.source.text
        if let stack = shapes[row.source.text], stack.rank > 0 { return max(stack[0], 1) }
      }
      guard let prefix = row.source.prefix, prefix.index == "i" else { continue }
      let start = prefix.text(indices)
      example = example ?? start
      for name in shapes.keys where name.hasPrefix(start) {
        let index = name.dropFirst(start.count).prefix { $0.isASCII && $0.isNumber }
        if !index.isEmpty { found.insert(index) }
      }
    }
    if found.isEmpty { note("no tensor is named \(example ?? beginning)N") }
    return max(found.count, 1)
  }

  /// Side of the square grid whose positions, and the extra tokens before them, a table holds.
  mutating func grid(_ canonical: String, extraTokens: Int) -> Int {
    let rows = extent(canonical, axis: 0, rank: 2)
    let side = Int(Double(max(rows - extraTokens, 0)).squareRoot().rounded())
    if problems.isEmpty, side * side != rows - extraTokens || side == 0 {
      let key = KeyMapping.alternatives(byCanonical[canonical] ?? [], [:]).first?.first?.key ?? canonical
      note("\(key) has \(rows) rows, expected \(extraTokens == 1 ? "one more than a square" : "a square")")
    }
    return max(side, 1)
  }

  mutating func note(_ problem: String) {
    if !problems.contains(problem) { problems.append(problem) }
  }
}
