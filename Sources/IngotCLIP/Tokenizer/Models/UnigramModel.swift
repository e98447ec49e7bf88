// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// A unigram language model: a text is divided into those pieces whose scores have the largest sum.
struct UnigramModel: Sendable {
  /// Whose arithmetic is followed; sums that are nearly equal depend on it.
  enum Arithmetic: UInt8, Sendable {
    /// That of `sentencepiece`: sums are rounded to float32.
    case single = 0
    /// That of `tokenizers`: float64.
    case double = 1
  }

  /// What a piece is for.
  enum Kind: UInt8, Sendable {
    case normal = 1, unknown = 2, control = 3, userDefined = 4, unused = 5, byte = 6
  }

  /// A piece.
  struct Piece: Sendable, Equatable {
    var text: [UInt8]
    var score: Double
    var kind: Kind
  }

  /// How much less than the smallest score an unknown scalar counts.
  private static let unknownPenalty = 10.0
  /// How much less than the largest sum a user-defined piece counts.
  private static let userDefinedPenalty = 0.1

  let arithmetic: Arithmetic
  let pieces: [Piece]
  /// The piece that stands for unknown scalars.
  let unknown: Int32
  /// The pieces of the 256 bytes, which unknown scalars are written with; empty when there are none.
  let byteIDs: [Int32]
  private let trie: ScalarTrie
  private let scores: [Double]
  private let unknownScore: Double

  /// Makes the model of distinct pieces.
  init(_ pieces: [Piece], unknown: Int32, byteIDs: [Int32], arithmetic: Arithmetic) {
    precondition(pieces.indices.contains(Int(unknown)), "the unknown piece is one of them")
    precondition(byteIDs.isEmpty || byteIDs.count == 256, "a piece for each byte or none")
    self.pieces = pieces
    self.unknown = unknown
    self.byteIDs = byteIDs
    self.arithmetic = arithmetic
    let known = pieces.indices.filter { index in
      switch arithmetic {
      case .single: pieces[index].kind == .normal || pieces[index].kind == .userDefined
      case .double: true
      }
    }
    trie = ScalarTrie(
      known.lazy.map { (Array(String(decoding: pieces[$0].text, as: UTF8.self).unicodeScalars), Int32($0)) })
    let counted = pieces.filter { arithmetic == .double || $0.kind == .normal }
    let smallest = counted.map(\.score).min() ?? 0
    // SentencePiece looks for the largest score from the smallest positive number on, so that it is never negative.
    let largest = max(counted.map(\.score).max() ?? 0, Double(Float.leastNormalMagnitude))
    unknownScore =
      arithmetic == .double
      ? smallest - Self.unknownPenalty : Double(Float(smallest) - Float(Self.unknownPenalty))
    scores = pieces.map { piece in
      guard arithmetic == .single, piece.kind == .userDefined else { return piece.score }
      return Double(Float(piece.text.count) * Float(largest)) - Self.userDefinedPenalty
    }
  }

  /// The best way to a place of the text.
  fileprivate struct Arrival {
    var score = 0.0
    var start: Int32 = -1
    var id: Int32 = 0
  }

  /// Working memory, kept from one text to the next.
  struct Scratch {
    fileprivate var arrivals: [Arrival] = []
    fileprivate var pieces: [(id: Int32, start: Int, end: Int)] = []
  }

  /// Appends the ids of a text.
  func encode(_ text: ArraySlice<Unicode.Scalar>, into ids: inout [Int32], _ scratch: inout Scratch) {
    findPath(text, &scratch)
    var unknownStart: Int?
    for (id, start, end) in scratch.pieces.reversed() {
      guard id == unknown else {
        if let first = unknownStart { appendUnknown(text[first..<start], into: &ids) }
        unknownStart = nil
        ids.append(id)
        continue
      }
      if unknownStart == nil { unknownStart = start }
      if end == text.endIndex, let first = unknownStart { appendUnknown(text[first..<end], into: &ids) }
    }
  }

  /// A run of unknown scalars is one piece, or its bytes.
  private func appendUnknown(_ run: ArraySlice<Unicode.Scalar>, into ids: inout [Int32]) {
    guard !byteIDs.isEmpty else { return ids.append(unknown) }
    for scalar in run {
      for byte in UTF8.encode(scalar) ?? UTF8.encodedReplacementCharacter { ids.append(byteIDs[Int(byte)]) }
    }
  }

  /// Finds the pieces with the largest sum, the last first.
  private func findPath(_ text: ArraySlice<Unicode.Scalar>, _ scratch: inout Scratch) {
    let base = text.startIndex
    scratch.arrivals.removeAll(keepingCapacity: true)
    scratch.arrivals.append(contentsOf: repeatElement(Arrival(), count: text.count + 1))
    for start in text.indices {
      let before = scratch.arrivals[start - base].score
      var isKnown = false
      var node = ScalarTrie.root
      var end = start
      while end < text.endIndex, let next = trie.child(of: node, text[end]) {
        (node, end) = (next, end + 1)
        guard let id = trie.value(at: node) else { continue }
        arrive(at: end - base, scores[Int(id)] + before, from: start - base, id, &scratch)
        if end == start + 1 { isKnown = true }
      }
      if !isKnown {
        arrive(at: start + 1 - base, unknownScore + before, from: start - base, unknown, &scratch)
      }
    }
    scratch.pieces.removeAll(keepingCapacity: true)
    var end = text.count
    while end > 0 {
      let arrival = scratch.arrivals[end]
      scratch.pieces.append((arrival.id, Int(arrival.start) + base, end + base))
      end = Int(arrival.start)
    }
  }

  private func arrive(at place: Int, _ score: Double, from start: Int, _ id: Int32, _ scratch: inout Scratch) {
    let score = rounded(score)
    guard scratch.arrivals[place].start < 0 || score > scratch.arrivals[place].score else { return }
    scratch.arrivals[place] = Arrival(score: score, start: Int32(start), id: id)
  }

  private func rounded(_ score: Double) -> Double { arithmetic == .single ? Double(Float(score)) : score }
}
