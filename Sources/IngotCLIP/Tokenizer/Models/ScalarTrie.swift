// SPDX-License-Identifier: Apache-2.0

/// Finds the entries of a vocabulary that a text goes on with, scalar by scalar.
///
/// A hash table of the edges, with linear probing and at most half full.
struct ScalarTrie: Sendable {
  /// The node where every walk begins.
  static let root: UInt32 = 0
  private static let none = Int32(-1)

  private struct Edge {
    var key: UInt64
    var child: UInt32
  }

  private var edges: [Edge]
  private var shift: UInt64
  private let multiplier = UInt64.random(in: 0...UInt64.max) | 1
  /// The value of the entry that ends at each node.
  private var values: [Int32] = [none]

  /// Makes the trie of entries and their values, which are not negative; of equal entries the last counts.
  init(_ entries: some Sequence<([Unicode.Scalar], Int32)>) {
    shift = 58
    edges = [Edge](repeating: Edge(key: 0, child: 0), count: 64)
    for (entry, value) in entries {
      var node = Self.root
      for scalar in entry { node = child(of: node, scalar) ?? addChild(to: node, scalar) }
      values[Int(node)] = value
    }
  }

  /// The node that a scalar leads to, `nil` when no entry goes on so.
  func child(of node: UInt32, _ scalar: Unicode.Scalar) -> UInt32? {
    let key = Self.key(node, scalar)
    var index = slot(of: key)
    // Child 0 would be the root, which is nobody's child: it marks empty slots.
    while edges[index].child != 0 {
      if edges[index].key == key { return edges[index].child }
      index = (index + 1) & (edges.count - 1)
    }
    return nil
  }

  /// The value of the entry that ends at a node.
  func value(at node: UInt32) -> Int32? {
    let value = values[Int(node)]
    return value == Self.none ? nil : value
  }

  /// The value of a whole entry.
  func value(of entry: some Sequence<Unicode.Scalar>) -> Int32? {
    var node = Self.root
    for scalar in entry {
      guard let next = child(of: node, scalar) else { return nil }
      node = next
    }
    return value(at: node)
  }

  /// The longest entry that begins a text.
  func longestMatch(in text: ArraySlice<Unicode.Scalar>, from node: UInt32 = root) -> (count: Int, value: Int32)? {
    var result: (count: Int, value: Int32)?
    var node = node
    for index in text.indices {
      guard let next = child(of: node, text[index]) else { break }
      node = next
      if let value = value(at: node) { result = (index + 1 - text.startIndex, value) }
    }
    return result
  }

  private static func key(_ node: UInt32, _ scalar: Unicode.Scalar) -> UInt64 {
    UInt64(node) << 32 | UInt64(scalar.value)
  }

  private func slot(of key: UInt64) -> Int { Int((key &* multiplier) >> shift) }

  private mutating func addChild(to node: UInt32, _ scalar: Unicode.Scalar) -> UInt32 {
    if 2 * values.count >= edges.count { grow() }
    let child = UInt32(values.count)
    values.append(Self.none)
    insert(Edge(key: Self.key(node, scalar), child: child))
    return child
  }

  private mutating func insert(_ edge: Edge) {
    var index = slot(of: edge.key)
    while edges[index].child != 0 { index = (index + 1) & (edges.count - 1) }
    edges[index] = edge
  }

  private mutating func grow() {
    let old = edges
    shift -= 1
    edges = [Edge](repeating: Edge(key: 0, child: 0), count: 2 * old.count)
    for edge in old where edge.child != 0 { insert(edge) }
  }
}
