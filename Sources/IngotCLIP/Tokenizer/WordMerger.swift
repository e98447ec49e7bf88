// SPDX-License-Identifier: Apache-2.0

/// Merges the symbols of one word after another, keeping its working memory.
struct WordMerger {
  /// Words of more symbols go through a queue, whose work does not grow with the square of the length.
  static let longestScanned = 64
  private static let apart = UInt32.max

  private let table: MergeTable
  private let byteSymbols = ByteAlphabet.symbols
  /// The symbols of the current word.
  private(set) var symbols: [UInt32] = []
  /// What each symbol makes with its right neighbour.
  private var merges: [UInt32] = []

  init(_ table: MergeTable) {
    self.table = table
  }

  /// Divides a word into symbols: the earliest possible merge first, until none is possible.
  mutating func merge(_ word: ArraySlice<Unicode.Scalar>) {
    start(word)
    if symbols.count > Self.longestScanned { mergeByQueue() } else { mergeByScan() }
  }

  /// Makes a word the current one, before any merge: its bytes in UTF-8, the last of them marked as the end.
  mutating func start(_ word: ArraySlice<Unicode.Scalar>) {
    symbols.removeAll(keepingCapacity: true)
    for scalar in word {
      if scalar.isASCII {
        symbols.append(byteSymbols[Int(scalar.value)])
      } else {
        for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { symbols.append(byteSymbols[Int(byte)]) }
      }
    }
    if !symbols.isEmpty { symbols[symbols.count - 1] += UInt32(ByteAlphabet.count) }
  }

  /// Looks at all pairs for each merge, which is the quicker way for words as people write them.
  mutating func mergeByScan() {
    merges.removeAll(keepingCapacity: true)
    for index in 1..<max(symbols.count, 1) { merges.append(merged(at: index - 1)) }
    while let place = earliestMerge() {
      symbols[place] = merges[place]
      for index in place + 1..<symbols.count - 1 { symbols[index] = symbols[index + 1] }
      symbols.removeLast()
      for index in place..<merges.count - 1 { merges[index] = merges[index + 1] }
      merges.removeLast()
      if place < merges.count { merges[place] = merged(at: place) }
      if place > 0 { merges[place - 1] = merged(at: place - 1) }
    }
  }

  /// The place of the earliest merge, the leftmost of equal ones.
  private func earliestMerge() -> Int? {
    var (earliest, place): (UInt32, Int?) = (Self.apart, nil)
    for index in merges.indices where merges[index] < earliest { (earliest, place) = (merges[index], index) }
    return place
  }

  /// Keeps the possible merges in a queue and the symbols in a chain.
  mutating func mergeByQueue() {
    var chain = SymbolChain(symbols)
    var queue = MergeQueue()
    func enqueue(at place: Int) {
      guard let next = chain.place(after: place) else { return }
      if let merge = table.merged(chain.symbols[place], chain.symbols[next]) { queue.insert(merge, at: place) }
    }
    for place in symbols.indices { enqueue(at: place) }
    while let (merge, place) = queue.popFirst() {
      // The pair may have lost one of its symbols to another merge since it was put in.
      guard let next = chain.place(after: place), table.merged(chain.symbols[place], chain.symbols[next]) == merge
      else {
        continue
      }
      chain.join(place, with: next, as: merge)
      enqueue(at: place)
      if let previous = chain.place(before: place) { enqueue(at: previous) }
    }
    symbols = chain.remainingSymbols
  }

  private func merged(at index: Int) -> UInt32 {
    table.merged(symbols[index], symbols[index + 1]) ?? Self.apart
  }
}

/// Symbols in a doubly linked list.
private struct SymbolChain {
  private static let removed = UInt32.max

  private(set) var symbols: [UInt32]
  private var previous: [Int]
  private var next: [Int]

  init(_ symbols: [UInt32]) {
    self.symbols = symbols
    previous = Array(-1..<symbols.count - 1)
    next = Array(1..<symbols.count + 1)
  }

  func place(after place: Int) -> Int? {
    symbols[place] == Self.removed || next[place] == symbols.count ? nil : next[place]
  }

  func place(before place: Int) -> Int? {
    previous[place] < 0 ? nil : previous[place]
  }

  mutating func join(_ left: Int, with right: Int, as symbol: UInt32) {
    symbols[left] = symbol
    symbols[right] = Self.removed
    next[left] = next[right]
    if next[right] < symbols.count { previous[next[right]] = left }
  }

  var remainingSymbols: [UInt32] { symbols.filter { $0 != Self.removed } }
}

/// Possible merges, the earliest first, and those of one kind from left to right (a binary heap).
private struct MergeQueue {
  private struct Entry {
    let merge: UInt32
    let place: Int

    static func < (left: Entry, right: Entry) -> Bool { (left.merge, left.place) < (right.merge, right.place) }
  }

  private var heap: [Entry] = []

  mutating func insert(_ merge: UInt32, at place: Int) {
    heap.append(Entry(merge: merge, place: place))
    var child = heap.count - 1
    while child > 0, heap[child] < heap[(child - 1) / 2] {
      heap.swapAt(child, (child - 1) / 2)
      child = (child - 1) / 2
    }
  }

  mutating func popFirst() -> (merge: UInt32, place: Int)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    if !heap.isEmpty {
      heap[0] = last
      sink()
    }
    return (first.merge, first.place)
  }

  private mutating func sink() {
    var parent = 0
    while true {
      var smallest = parent
      for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child] < heap[smallest] {
        smallest = child
      }
      if smallest == parent { return }
      heap.swapAt(parent, smallest)
      parent = smallest
    }
  }
}
