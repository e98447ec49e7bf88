// SPDX-License-Identifier: Apache-2.0

/// Which pairs of symbols become one symbol, and in what order.
///
/// Symbols are numbered as `ByteAlphabet` says; the merge of rank r makes symbol 512 + r. A merge ranks after those that made
/// its parts.
struct MergeTable: Sendable, Equatable {
  /// The symbols that are there before any merge.
  static let firstMerged = 2 * ByteAlphabet.count

  /// The two parts of each merge, by rank.
  let pairs: [SymbolPair]

  /// A hash table with linear probing, at most half full, where symbol 0, which no merge makes, marks empty slots.
  private let slots: [Slot]
  private let multiplier: UInt64
  private let shift: UInt64

  private struct Slot {
    var pair: SymbolPair
    var result: UInt32
  }

  private static let none: UInt32 = 0

  /// Makes the table of distinct merges whose parts are bytes or results of earlier merges.
  init(_ pairs: [SymbolPair]) {
    self.pairs = pairs
    let bits = max(4, Int.bitWidth - (2 * pairs.count).leadingZeroBitCount)
    // A multiplier nobody can foresee: a file cannot be made that fills neighbouring slots. Results do not depend on it.
    multiplier = UInt64.random(in: 0...UInt64.max) | 1
    shift = UInt64(64 - bits)
    var slots = [Slot](repeating: Slot(pair: SymbolPair(0, 0), result: Self.none), count: 1 << bits)
    for (rank, pair) in pairs.enumerated() {
      var index = Int((pair.key &* multiplier) >> shift)
      while slots[index].result != Self.none { index = (index + 1) & (slots.count - 1) }
      slots[index] = Slot(pair: pair, result: UInt32(Self.firstMerged + rank))
    }
    self.slots = slots
  }

  /// The symbol that the pair makes, smaller for earlier merges, or `nil` when the pair stays apart.
  func merged(_ left: UInt32, _ right: UInt32) -> UInt32? {
    let pair = SymbolPair(left, right)
    // Wrapping is what makes this a hash; nothing is sized by it.
    var index = Int((pair.key &* multiplier) >> shift)
    while slots[index].result != Self.none {
      if slots[index].pair == pair { return slots[index].result }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  static func == (left: MergeTable, right: MergeTable) -> Bool { left.pairs == right.pairs }
}

/// Two symbols next to each other.
struct SymbolPair: Hashable, Sendable {
  let left: UInt32
  let right: UInt32

  init(_ left: UInt32, _ right: UInt32) {
    self.left = left
    self.right = right
  }

  /// Both in one number.
  var key: UInt64 { UInt64(left) << 32 | UInt64(right) }
}
