// SPDX-License-Identifier: Apache-2.0

import IngotTensor

/// A tensor name with indices, as the tables under `Formats/mappings` write it.
///
/// `{i<N}` declares an index from 0 below a symbol or number, `{i}` repeats one, `{i+1}` prints one more.
struct KeyPattern: Sendable {
  /// As written in the table.
  let text: String
  private let parts: [Part]

  private enum Part: Sendable {
    case text(String)
    case index(Character, offset: Int)
  }

  /// An index and its bound: a symbol's name, or a number.
  private struct Bound: Sendable {
    let index: Character
    let limit: String
  }

  private let bounds: [Bound]

  init(_ text: String) {
    self.text = text
    var parts: [Part] = []
    var bounds: [Bound] = []
    for (position, piece) in text.split(separator: "{", omittingEmptySubsequences: false).enumerated() {
      guard position > 0 else {
        parts.append(.text(String(piece)))
        continue
      }
      let halves = piece.split(separator: "}", maxSplits: 1, omittingEmptySubsequences: false)
      precondition(halves.count == 2, "braces are balanced")
      let inner = halves[0]
      guard let index = inner.first else { preconditionFailure("an index has a name") }
      if inner.contains("<") { bounds.append(Bound(index: index, limit: String(inner.dropFirst(2)))) }
      parts.append(.index(index, offset: inner.contains("+") ? Int(inner.dropFirst(2)) ?? 0 : 0))
      parts.append(.text(String(halves[1])))
    }
    self.parts = parts
    self.bounds = bounds
  }

  /// All values of the declared indices, in order.
  ///
  /// - Parameter value: gives the value of a symbol at the indices fixed so far.
  /// - Returns: each combination of indices, in order.
  func expand(_ value: (Character, [Character: Int]) -> Int) -> [[Character: Int]] {
    var all: [[Character: Int]] = [[:]]
    for bound in bounds {
      all = all.flatMap { indices in
        let limit = Int(bound.limit) ?? bound.limit.first.map { value($0, indices) } ?? 0
        return (0..<limit).map { indices.merging([bound.index: $0]) { $1 } }
      }
    }
    return all
  }

  /// What stands before the last index; `nil` without an index.
  var prefix: (text: (_ indices: [Character: Int]) -> String, index: Character)? {
    guard
      let last = parts.lastIndex(where: { if case .index = $0 { true } else { false } }),
      case .index(let name, _) = parts[last]
    else { return nil }
    let before = Array(parts[..<last])
    return ({ Self.joined(before, $0) }, name)
  }

  /// The name at the given indices.
  func filled(with indices: [Character: Int]) -> String { Self.joined(parts, indices) }

  private static func joined(_ parts: [Part], _ indices: [Character: Int]) -> String {
    parts.map { part in
      switch part {
      case .text(let text): text
      case .index(let index, let offset): String((indices[index] ?? 0) + offset)
      }
    }.joined()
  }
}

/// A shape in symbols, as the tables write it: `[3*W, W]`, `[G*G+1, W]`, `[B/2, 3, 3, 3]`, `[]`.
struct ShapeExpression: Sendable {
  private let extents: [Substring]

  init(_ text: String) {
    precondition(text.hasPrefix("[") && text.hasSuffix("]"), "a shape has brackets")
    extents = text.dropFirst().dropLast().split(separator: ",")
  }

  func evaluated(_ value: (Character) -> Int) -> Shape {
    let numbers = extents.map { extent in
      extent.split(separator: "+").reduce(0) { sum, term in sum + product(term, value) }
    }
    guard let shape = Shape(checking: numbers) else { preconditionFailure("a validated configuration has sane shapes") }
    return shape
  }

  /// Factors joined by `*`, at most one divisor after `/`.
  private func product(_ term: Substring, _ value: (Character) -> Int) -> Int {
    let halves = term.split(separator: "/")
    let factors = halves[0].split(separator: "*").map { factor in
      let trimmed = factor.filter { $0 != " " }
      return Int(trimmed) ?? trimmed.first.map(value) ?? 0
    }
    let product = factors.reduce(1, *)
    return halves.count == 2 ? product / (Int(halves[1].filter { $0 != " " }) ?? 1) : product
  }
}
