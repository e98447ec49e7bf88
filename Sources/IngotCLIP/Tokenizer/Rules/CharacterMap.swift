// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The map of a SentencePiece normalizer (`precompiled_charsmap`): which sequences become which, in a double array.
///
/// The double array is that of darts-clone: a unit holds the label of its byte, the distance to its children, and whether a
/// leaf is among them. Every place is checked, since the numbers come from a file.
struct CharacterMap: Sendable, Equatable {
  /// Four times as long as the longest of NFKC.
  private static let longestReplacement = 128
  /// Longer clusters go scalar by scalar in the library `tokenizers`.
  private static let longestCluster = 5

  /// The map as it is kept in files.
  let bytes: [UInt8]
  private let units: [UInt32]
  private let replacements: [UInt8]

  /// Reads a map.
  ///
  /// - Parameter bytes: the size of the double array, the double array, and the replacements, each ended by a zero byte.
  /// - Throws: `malformed` when the sizes disagree or the replacements are not UTF-8.
  init(_ bytes: [UInt8]) throws(CheckpointError) {
    func fault(_ detail: String) -> CheckpointError {
      CheckpointError(.malformed, .tokenizer, subject: "precompiled_charsmap", detail)
    }
    guard bytes.count > 4 else { throw fault("\(bytes.count) bytes, at least 5 are needed") }
    func number(at place: Int) -> UInt32 {
      (0..<4).reduce(0) { $0 | UInt32(bytes[place + $1]) << UInt32(8 * $1) }
    }
    let size = Int(number(at: 0))
    guard size % 4 == 0, size >= 4, size < bytes.count - 4 else {
      throw fault("a double array of \(size) bytes, \(bytes.count - 4) are there with the replacements")
    }
    self.bytes = bytes
    units = stride(from: 4, to: 4 + size, by: 4).map(number)
    replacements = Array(bytes[(4 + size)...])
    guard replacements.last == 0, String(validating: replacements, as: UTF8.self) != nil else {
      throw fault("the \(replacements.count) bytes of replacements are not text that ends in zero")
    }
    let longest = replacements.split(separator: 0).map(\.count).max() ?? 0
    guard longest <= Self.longestReplacement else {
      throw CheckpointError(
        .limit, .tokenizer, subject: "precompiled_charsmap",
        "a replacement of \(longest) bytes, allowed are \(Self.longestReplacement)")
    }
  }

  static func == (left: CharacterMap, right: CharacterMap) -> Bool { left.bytes == right.bytes }

  /// A way down the double array.
  private struct Walk {
    var place = 0
    /// Where the replacement of what was walked lies, when that is an entry of the map.
    var value: Int?
  }

  private func beginning() -> Walk { Walk(place: Self.offset(units[0])) }

  private static func offset(_ unit: UInt32) -> Int { Int((unit >> 10) << ((unit & 0x200) >> 6)) }

  /// Walks on over a scalar's bytes; `false` when no entry goes on so.
  private func advance(_ walk: inout Walk, over scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return advance(&walk, byte: UInt8(truncatingIfNeeded: scalar.value)) }
    for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter {
      guard advance(&walk, byte: byte) else { return false }
    }
    return true
  }

  private func advance(_ walk: inout Walk, byte: UInt8) -> Bool {
    let place = walk.place ^ Int(byte)
    // A zero byte would read the leaf as a child.
    guard byte != 0, place < units.count, units[place] & 0x8000_00FF == UInt32(byte) else { return false }
    let unit = units[place]
    walk.place = place ^ Self.offset(unit)
    walk.value = nil
    if unit & 0x100 != 0, walk.place < units.count {
      walk.value = Int(units[walk.place] & 0x7FFF_FFFF)
    }
    return true
  }

  /// The longest entry that `text` goes on with from `start`: the number of its scalars, and where its replacement lies.
  func longestMatch(in text: [Unicode.Scalar], at start: Int) -> (count: Int, value: Int)? {
    var result: (count: Int, value: Int)?
    var walk = beginning()
    var index = start
    while index < text.count, advance(&walk, over: text[index]) {
      index += 1
      if let value = walk.value { result = (index - start, value) }
    }
    return result
  }

  /// The replacement of the shortest entry that begins `text`, of which the library takes all for replaced.
  private func shortestMatch(in text: ArraySlice<Unicode.Scalar>) -> Int? {
    var walk = beginning()
    for scalar in text {
      guard advance(&walk, over: scalar) else { return nil }
      if let value = walk.value { return value }
    }
    return nil
  }

  /// Appends the replacement that lies at a place.
  func appendReplacement(at value: Int, to result: inout [Unicode.Scalar]) {
    guard value < replacements.count else { return }
    let end = replacements[value...].firstIndex(of: 0) ?? replacements.count
    if end - value == 1, replacements[value] < 0x80 {
      result.append(Unicode.Scalar(replacements[value]))
    } else {
      result += String(decoding: replacements[value..<end], as: UTF8.self).unicodeScalars
    }
  }

  /// Replaces as the library's `Precompiled` does: by clusters of up to five bytes, else by scalars.
  func applyAsLibrary(to text: inout [Unicode.Scalar]) {
    let breaker = GraphemeBreaker(text)
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var start = 0
    while start < text.count {
      let isAlone =
        text[start].isASCII && text[start] != "\r" && (start + 1 == text.count || text[start + 1].isASCII)
      let end = isAlone ? start + 1 : breaker.end(from: start)
      let cluster = text[start..<end]
      start = end
      if cluster.count > 1, cluster.reduce(0, { $0 + UTF8.width($1) }) <= Self.longestCluster,
        let value = shortestMatch(in: cluster)
      {
        appendReplacement(at: value, to: &result)
        continue
      }
      for index in cluster.indices {
        if let value = shortestMatch(in: cluster[index...index]) {
          appendReplacement(at: value, to: &result)
        } else {
          result.append(cluster[index])
        }
      }
    }
    text = result
  }
}
