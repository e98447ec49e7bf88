// SPDX-License-Identifier: Apache-2.0

/// The ids of words that were seen before: a hash table with linear probing, which stops growing at a limit.
struct WordCache {
  /// Longer words are not remembered: they are rare, and equal ones rarer.
  static let longestWord = 40
  private static let slotCount = 1 << 15
  private static let mostWords = slotCount / 2

  private struct Slot {
    var hash: UInt64 = 0
    var word: UInt32 = 0
    var ids: UInt32 = 0
    var wordCount: UInt16 = 0
    var idCount: UInt16 = 0
  }

  private var slots: [Slot] = []
  private var words: [Unicode.Scalar] = []
  private var ids: [Int32] = []
  private var count = 0
  private let multiplier = UInt64.random(in: 0...UInt64.max) | 1

  /// A number that is the same for equal words, and never zero.
  func hash(_ word: ArraySlice<Unicode.Scalar>) -> UInt64 {
    var hash = UInt64(word.count)
    for scalar in word { hash = (hash ^ UInt64(scalar.value)) &* multiplier ^ (hash >> 29) }
    return hash | 1 << 63
  }

  /// Appends a word's ids; `false` when they are not known.
  func append(_ word: ArraySlice<Unicode.Scalar>, _ hash: UInt64, to result: inout [Int32]) -> Bool {
    guard !slots.isEmpty else { return false }
    var index = Int((hash &* multiplier) >> 49)
    while slots[index].hash != 0 {
      let slot = slots[index]
      if slot.hash == hash, Int(slot.wordCount) == word.count, isEqual(word, at: Int(slot.word)) {
        for place in Int(slot.ids)..<Int(slot.ids) + Int(slot.idCount) { result.append(ids[place]) }
        return true
      }
      index = (index + 1) & (Self.slotCount - 1)
    }
    return false
  }

  private func isEqual(_ word: ArraySlice<Unicode.Scalar>, at place: Int) -> Bool {
    var place = place
    for scalar in word {
      if words[place] != scalar { return false }
      place += 1
    }
    return true
  }

  /// Remembers a word's ids, unless there are too many.
  mutating func insert(_ word: ArraySlice<Unicode.Scalar>, _ hash: UInt64, _ wordIDs: ArraySlice<Int32>) {
    guard count < Self.mostWords, let idCount = UInt16(exactly: wordIDs.count) else { return }
    if slots.isEmpty { slots = [Slot](repeating: Slot(), count: Self.slotCount) }
    var index = Int((hash &* multiplier) >> 49)
    while slots[index].hash != 0 { index = (index + 1) & (Self.slotCount - 1) }
    slots[index] = Slot(
      hash: hash, word: UInt32(words.count), ids: UInt32(ids.count), wordCount: UInt16(word.count), idCount: idCount)
    words += word
    ids += wordIDs
    count += 1
  }
}
