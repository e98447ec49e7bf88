// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

/// The section that an `.ingot` file keeps: `Formats/tokenizer.md`, section "Serialised form".
extension BytePairTokenizer {
  private static let magic = Array("INGOTBPE".utf8)
  private static let version: UInt32 = 1
  /// Twenty times as many as in OpenAI's vocabulary.
  private static let largestMergeCount = 1 << 20
  /// With more symbols than this a symbol takes four bytes, otherwise two.
  private static let mostShortSymbols = 1 << 16

  /// The tokenizer as bytes, equal for equal tokenizers.
  public func serialized() -> [UInt8] {
    var result = Self.magic
    func append(_ value: some FixedWidthInteger) {
      for place in stride(from: 0, to: value.bitWidth, by: 8) {
        result.append(UInt8(truncatingIfNeeded: value >> place))
      }
    }
    let runs = Self.runs(of: ids)
    append(Self.version)
    append(UInt32(merges.pairs.count))
    append(UInt32(runs.count))
    let isShort = Self.usesShortSymbols(mergeCount: merges.pairs.count)
    for pair in merges.pairs {
      for symbol in [pair.left, pair.right] {
        if isShort { append(UInt16(symbol)) } else { append(symbol) }
      }
    }
    for run in runs {
      append(UInt32(run.lowerBound))
      append(UInt32(run.count))
    }
    return result
  }

  /// Reads what `serialized()` writes.
  ///
  /// - Parameter bytes: the whole section.
  /// - Throws: `unsupported` for another version; `truncated` for one that is too short; `malformed` when the magic, a merge or
  ///   the order of the ids breaks a rule, or bytes are left; `mismatch` when the ids are not those from 0 on; `limit` when it
  ///   announces more merges than allowed.
  public init(serialized bytes: RawSpan) throws(CheckpointError) {
    var cursor = ByteCursor(bytes, format: .tokenizer)
    let magic = try cursor.take(Self.magic.count, "magic").copied()
    guard magic == Self.magic else { throw cursor.error(.malformed, "the section does not begin with INGOTBPE") }
    let version = try cursor.read(UInt32.self, "version")
    guard version == Self.version else {
      throw cursor.error(.unsupported, "the section has version \(version), known is \(Self.version)")
    }
    let mergeCount = Int(try cursor.read(UInt32.self, "merge count"))
    let runCount = Int(try cursor.read(UInt32.self, "run count"))
    guard mergeCount <= Self.largestMergeCount else {
      throw cursor.error(.limit, "\(mergeCount) merges, allowed are \(Self.largestMergeCount)")
    }
    let pairs = try Self.readPairs(count: mergeCount, from: &cursor)
    let ids = try Self.readIDs(count: MergeTable.firstMerged + mergeCount + 2, runs: runCount, from: &cursor)
    guard cursor.isAtEnd else { throw cursor.error(.malformed, "\(cursor.remaining) bytes follow the last run of ids") }
    self.init(merges: MergeTable(pairs), ids: ids)
  }

  private static func usesShortSymbols(mergeCount: Int) -> Bool {
    MergeTable.firstMerged + mergeCount <= mostShortSymbols
  }

  private static func readPairs(
    count: Int, from cursor: inout ByteCursor
  ) throws(CheckpointError) -> [SymbolPair] {
    let isShort = usesShortSymbols(mergeCount: count)
    let needed = count * (isShort ? 4 : 8)
    guard needed <= cursor.remaining else {
      throw cursor.error(.truncated, "\(count) merges need \(needed) bytes, \(cursor.remaining) left")
    }
    var pairs: [SymbolPair] = []
    pairs.reserveCapacity(count)
    var seen = Set<SymbolPair>(minimumCapacity: count)
    for rank in 0..<count {
      let known = UInt32(MergeTable.firstMerged + rank)
      var symbols: [UInt32] = []
      for _ in 0..<2 {
        let symbol = isShort ? UInt32(try cursor.read(UInt16.self, "symbol")) : try cursor.read(UInt32.self, "symbol")
        guard symbol < known else {
          throw cursor.error(.malformed, "merge \(rank) names symbol \(symbol), there are \(known) before it")
        }
        symbols.append(symbol)
      }
      let pair = SymbolPair(symbols[0], symbols[1])
      guard seen.insert(pair).inserted else {
        throw cursor.error(.malformed, "merge \(rank) of symbols \(pair.left) and \(pair.right) was there before")
      }
      pairs.append(pair)
    }
    return pairs
  }

  private static func readIDs(
    count: Int, runs runCount: Int, from cursor: inout ByteCursor
  ) throws(CheckpointError) -> [Int32] {
    var ids: [Int32] = []
    ids.reserveCapacity(count)
    for _ in 0..<runCount {
      let first = Int(try cursor.read(UInt32.self, "first id of a run"))
      let length = Int(try cursor.read(UInt32.self, "length of a run"))
      guard length > 0, length <= count - ids.count, first <= count - length else {
        throw cursor.error(
          .malformed, "a run of \(length) ids from \(first), where \(count - ids.count) of \(count) symbols are left")
      }
      if let last = ids.last, Int(last) + 1 == first {
        throw cursor.error(.malformed, "a run from \(first) goes on with the run before, which ends in \(last)")
      }
      ids += (first..<first + length).map { Int32($0) }
    }
    guard ids.count == count else { throw cursor.error(.malformed, "\(ids.count) ids for \(count) symbols") }
    try requirePermutation(ids)
    return ids
  }

  /// The ids divided where one is not its predecessor's successor.
  private static func runs(of ids: [Int32]) -> [Range<Int32>] {
    var runs: [Range<Int32>] = []
    for id in ids {
      if let last = runs.last, last.upperBound == id {
        runs[runs.count - 1] = last.lowerBound..<id + 1
      } else {
        runs.append(id..<id + 1)
      }
    }
    return runs
  }
}
