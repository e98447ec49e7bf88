// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// BERT's model: a word is the longest entry that begins it, then the longest that goes on with it, and so on.
struct WordPieceModel: Sendable {
  /// The ids' tokens, in UTF-8.
  let tokens: [[UInt8]]
  /// The token of words that cannot be divided.
  let unknown: Int32
  /// What entries begin with that go on with a word.
  let prefix: [Unicode.Scalar]
  /// Longer words are unknown.
  let longestWord: Int
  private let trie: ScalarTrie
  private let continuation: UInt32?

  /// Makes the model of distinct tokens.
  init(tokens: [[UInt8]], unknown: Int32, prefix: [Unicode.Scalar], longestWord: Int) {
    precondition(tokens.indices.contains(Int(unknown)), "the unknown token is one of them")
    self.tokens = tokens
    self.unknown = unknown
    self.prefix = prefix
    self.longestWord = longestWord
    trie = ScalarTrie(zip(tokens.lazy.map { Array(String(decoding: $0, as: UTF8.self).unicodeScalars) }, 0...))
    var node: UInt32? = ScalarTrie.root
    for scalar in prefix { node = node.flatMap { [trie] in trie.child(of: $0, scalar) } }
    continuation = node
  }

  /// Appends the ids of a word.
  func encode(_ word: ArraySlice<Unicode.Scalar>, into ids: inout [Int32]) {
    guard word.count <= longestWord else { return ids.append(unknown) }
    let count = ids.count
    var start = word.startIndex
    while start < word.endIndex {
      let node = start == word.startIndex ? ScalarTrie.root : continuation
      guard let node, let match = trie.longestMatch(in: word[start...], from: node) else {
        ids.removeSubrange(count...)
        return ids.append(unknown)
      }
      ids.append(match.value)
      start += match.count
    }
  }
}
