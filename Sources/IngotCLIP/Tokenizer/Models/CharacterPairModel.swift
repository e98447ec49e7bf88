// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// Byte-pair encoding that begins with the scalars of a word instead of bytes, as in Gemma.
struct CharacterPairModel: Sendable {
  /// A merge: the parts, and what they become.
  struct Merge: Sendable, Equatable {
    let left: Int32
    let right: Int32
    let result: Int32
  }

  /// How unknown scalars are written.
  struct Options: OptionSet, Sendable {
    let rawValue: UInt8

    /// With the tokens of their bytes.
    static let bytes = Options(rawValue: 1)
    /// Several in a row are one unknown token.
    static let fuses = Options(rawValue: 2)
    /// A word that is a token is that token, without merges.
    static let wholeWordsFirst = Options(rawValue: 4)
    /// All of the above.
    static let all = Options(rawValue: 7)
  }

  /// The ids' tokens, in UTF-8; empty where an id has none.
  let tokens: [[UInt8]]
  /// By rank.
  let merges: [Merge]
  let unknown: Int32?
  let options: Options
  /// The tokens of the 256 bytes, -1 for those without.
  private let byteIDs: [Int32]
  private let trie: ScalarTrie
  private let table: RankTable

  /// Makes the model of distinct tokens and merges.
  init(tokens: [[UInt8]], merges: [Merge], unknown: Int32?, options: Options) {
    self.tokens = tokens
    self.merges = merges
    self.unknown = unknown
    self.options = options
    trie = ScalarTrie(
      tokens.indices.lazy.filter {
        !tokens[$0].isEmpty && (tokens[$0].count <= 4 || Self.isByte(tokens[$0]) || options.contains(.wholeWordsFirst))
      }
      .map { (Array(String(decoding: tokens[$0], as: UTF8.self).unicodeScalars), Int32($0)) })
    byteIDs = (0..<256).map { [trie] byte in trie.value(of: Self.byteToken(UInt8(byte)).unicodeScalars) ?? -1 }
    table = RankTable(merges)
  }

  /// How the token of a byte is spelled.
  static func byteToken(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return "<0x\(byte < 16 ? "0" : "")\(digits)>"
  }

  private static func isByte(_ token: [UInt8]) -> Bool { token.count == 6 && token.starts(with: "<0x".utf8) }

  /// Working memory, kept from one word to the next.
  struct Scratch {
    fileprivate var symbols: [Int32] = []
    fileprivate var next: [Int32] = []
    fileprivate var previous: [Int32] = []
    fileprivate var queue = RankQueue()
  }

  /// Appends the ids of a word.
  func encode(_ word: ArraySlice<Unicode.Scalar>, into ids: inout [Int32], _ scratch: inout Scratch) {
    if options.contains(.wholeWordsFirst), let whole = trie.value(of: word) { return ids.append(whole) }
    start(word, &scratch)
    merge(&scratch)
    var place: Int32 = scratch.symbols.isEmpty ? -1 : 0
    while place >= 0 {
      ids.append(scratch.symbols[Int(place)])
      place = scratch.next[Int(place)]
    }
  }

  private func start(_ word: ArraySlice<Unicode.Scalar>, _ scratch: inout Scratch) {
    scratch.symbols.removeAll(keepingCapacity: true)
    var hasPendingUnknown = false
    for scalar in word {
      if let node = trie.child(of: ScalarTrie.root, scalar), let id = trie.value(at: node) {
        if hasPendingUnknown, let unknown { scratch.symbols.append(unknown) }
        hasPendingUnknown = false
        scratch.symbols.append(id)
        continue
      }
      let bytes = UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter
      if options.contains(.bytes), bytes.allSatisfy({ byteIDs[Int($0)] >= 0 }) {
        // As in the library: an unknown token before the bytes waits until a known token follows.
        for byte in bytes { scratch.symbols.append(byteIDs[Int(byte)]) }
        continue
      }
      if hasPendingUnknown, !options.contains(.fuses), let unknown { scratch.symbols.append(unknown) }
      hasPendingUnknown = unknown != nil
    }
    if hasPendingUnknown, let unknown { scratch.symbols.append(unknown) }
  }

  private func merge(_ scratch: inout Scratch) {
    let count = scratch.symbols.count
    scratch.next.removeAll(keepingCapacity: true)
    scratch.previous.removeAll(keepingCapacity: true)
    scratch.queue.removeAll()
    for place in 0..<count {
      scratch.next.append(place + 1 < count ? Int32(place + 1) : -1)
      scratch.previous.append(Int32(place - 1))
    }
    for place in 0..<max(count - 1, 0) { enqueue(place, &scratch) }
    while let (rank, place) = scratch.queue.popFirst() {
      let next = scratch.next[place]
      // The pair may have lost one of its symbols to another merge since it was put in.
      guard scratch.symbols[place] >= 0, next >= 0,
        table.rank(scratch.symbols[place], scratch.symbols[Int(next)]) == rank
      else { continue }
      scratch.symbols[place] = merges[Int(rank)].result
      scratch.symbols[Int(next)] = -1
      let after = scratch.next[Int(next)]
      scratch.next[place] = after
      if after >= 0 { scratch.previous[Int(after)] = Int32(place) }
      if after >= 0 { enqueue(place, &scratch) }
      if scratch.previous[place] >= 0 { enqueue(Int(scratch.previous[place]), &scratch) }
    }
  }

  private func enqueue(_ place: Int, _ scratch: inout Scratch) {
    let next = scratch.next[place]
    guard next >= 0, let rank = table.rank(scratch.symbols[place], scratch.symbols[Int(next)]) else { return }
    scratch.queue.insert(rank, at: place)
  }
}

/// The rank of each pair that merges: a hash table with linear probing, at most half full.
private struct RankTable: Sendable {
  private struct Slot {
    var key: UInt64 = 0
    var rank = UInt32.max
  }

  private var slots: [Slot]
  private let multiplier = UInt64.random(in: 0...UInt64.max) | 1
  private let shift: UInt64

  init(_ merges: [CharacterPairModel.Merge]) {
    let bits = max(4, Int.bitWidth - (2 * merges.count).leadingZeroBitCount)
    shift = UInt64(64 - bits)
    slots = [Slot](repeating: Slot(), count: 1 << bits)
    for (rank, merge) in merges.enumerated() {
      let key = Self.key(merge.left, merge.right)
      var index = Int((key &* multiplier) >> shift)
      while slots[index].rank != .max { index = (index + 1) & (slots.count - 1) }
      slots[index] = Slot(key: key, rank: UInt32(rank))
    }
  }

  func rank(_ left: Int32, _ right: Int32) -> UInt32? {
    let key = Self.key(left, right)
    var index = Int((key &* multiplier) >> shift)
    while slots[index].rank != .max {
      if slots[index].key == key { return slots[index].rank }
      index = (index + 1) & (slots.count - 1)
    }
    return nil
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }
}

/// Possible merges, those of smallest rank first, and of one rank from left to right (a binary heap).
private struct RankQueue {
  /// Rank and place in one number.
  private var heap: [UInt64] = []

  mutating func removeAll() { heap.removeAll(keepingCapacity: true) }

  mutating func insert(_ rank: UInt32, at place: Int) {
    heap.append(UInt64(rank) << 32 | UInt64(place))
    var child = heap.count - 1
    while child > 0, heap[child] < heap[(child - 1) / 2] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> (rank: UInt32, place: Int)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      var parent = 0
      while true {
        var smallest = parent
        for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[smallest] {
          smallest = child
        }
        if smallest == parent { break }
        heap.swapAt(parent, smallest)
        parent = smallest
      }
    }
    return (UInt32(first >> 32), Int(first & 0xFFFF_FFFF))
  }
}
