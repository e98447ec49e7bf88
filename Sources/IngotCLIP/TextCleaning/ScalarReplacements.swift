// SPDX-License-Identifier: Apache-2.0

/// What some scalars are replaced by, in the way of Python's `str.translate`.
struct ScalarReplacements: Sendable {
  private let texts: [Unicode.Scalar: [Unicode.Scalar]]
  private let affected: ScalarTable

  /// Reads a generated table: rows of a scalar and what it becomes, divided by commas.
  init(_ text: String) {
    var texts: [Unicode.Scalar: [Unicode.Scalar]] = [:]
    for fields in TableText.rows(dividedByCommas: text) {
      texts[TableText.scalar(fields[0])] = fields.dropFirst().map(TableText.scalar)
    }
    self.texts = texts
    affected = ScalarTable(marking: texts.keys)
  }

  /// What `scalar` becomes, `nil` when it stays.
  subscript(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
    affected[scalar] == 0 ? nil : texts[scalar]
  }

  /// Replaces each scalar of a text that is to be replaced; what comes in is not looked at again.
  func apply(to text: inout [Unicode.Scalar]) {
    guard let first = text.firstIndex(where: { affected[$0] != 0 }) else { return }
    var result = Array(text[..<first])
    result.reserveCapacity(text.count)
    for scalar in text[first...] {
      if let replacement = self[scalar] { result += replacement } else { result.append(scalar) }
    }
    text = result
  }
}

/// What pairs of scalars make together.
struct ScalarPairs: Sendable {
  private let results: [UInt64: Unicode.Scalar]

  /// Reads a generated table: rows of first scalar, second scalar and result, divided by commas.
  init(_ text: String) {
    var results: [UInt64: Unicode.Scalar] = [:]
    for fields in TableText.rows(dividedByCommas: text) {
      results[Self.key(TableText.scalar(fields[0]), TableText.scalar(fields[1]))] = TableText.scalar(fields[2])
    }
    self.results = results
  }

  /// What the two scalars make, `nil` when they stay apart.
  subscript(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> Unicode.Scalar? {
    results[Self.key(first, second)]
  }

  private static func key(_ first: Unicode.Scalar, _ second: Unicode.Scalar) -> UInt64 {
    UInt64(first.value) << 32 | UInt64(second.value)
  }
}
