// SPDX-License-Identifier: Apache-2.0

/// How the library `sentencepiece` brings a text into the form that its pieces are spelled in.
struct SentencePieceNormalizer: Sendable, Equatable {
  /// What stands for a space in pieces.
  static let mark: Unicode.Scalar = "\u{2581}"

  /// What a normalizer does beside replacing.
  struct Options: OptionSet, Sendable {
    let rawValue: UInt8

    /// A space is put before the text (or behind it, see `spaceAtEnd`).
    static let dummyPrefix = Options(rawValue: 1)
    /// Spaces at the ends go, and of several one stays.
    static let removesExtraSpaces = Options(rawValue: 2)
    /// Spaces become `mark`.
    static let escapesSpaces = Options(rawValue: 4)
    /// The space that is put goes behind the text.
    static let spaceAtEnd = Options(rawValue: 8)
    /// All of the above.
    static let all = Options(rawValue: 15)
  }

  let map: CharacterMap?
  let options: Options
  /// Symbols that are taken as they are.
  let protected: [[Unicode.Scalar]]
  private let protectedTrie: ScalarTrie

  init(map: CharacterMap?, options: Options, protected: [[Unicode.Scalar]]) {
    self.map = map
    self.options = options
    self.protected = protected
    protectedTrie = ScalarTrie(zip(protected, 0...))
  }

  static func == (left: SentencePieceNormalizer, right: SentencePieceNormalizer) -> Bool {
    left.map == right.map && left.options == right.options && left.protected == right.protected
  }

  /// Brings a text into the form.
  func apply(to text: inout [Unicode.Scalar]) {
    let space: Unicode.Scalar = options.contains(.escapesSpaces) ? Self.mark : " "
    let removesExtra = options.contains(.removesExtraSpaces)
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count + 8)
    var part: [Unicode.Scalar] = []
    var index = 0
    while removesExtra, index < text.count {
      let count = readPrefix(of: text, at: index, into: &part)
      guard part == [" "] else { break }
      index += count
    }
    guard index < text.count else {
      text = []
      return
    }
    let hasPrefix = options.contains(.dummyPrefix)
    if hasPrefix, !options.contains(.spaceAtEnd) { result.append(space) }
    var isAfterSpace = removesExtra
    while index < text.count {
      index += readPrefix(of: text, at: index, into: &part)
      let kept = isAfterSpace ? part[(part.firstIndex { $0 != " " } ?? part.count)...] : part[...]
      for scalar in kept { result.append(scalar == " " ? space : scalar) }
      if let last = kept.last { isAfterSpace = last == " " }
      if !removesExtra { isAfterSpace = false }
    }
    if removesExtra { while result.last == space { result.removeLast() } }
    if hasPrefix, options.contains(.spaceAtEnd) { result.append(space) }
    text = result
  }

  /// What the next symbol, entry of the map, or scalar becomes; the number of scalars it takes.
  private func readPrefix(of text: [Unicode.Scalar], at index: Int, into part: inout [Unicode.Scalar]) -> Int {
    part.removeAll(keepingCapacity: true)
    if !protected.isEmpty, let match = protectedTrie.longestMatch(in: text[index...]) {
      part += text[index..<index + match.count]
      return match.count
    }
    if let match = map?.longestMatch(in: text, at: index) {
      map?.appendReplacement(at: match.value, to: &part)
      return match.count
    }
    part.append(text[index])
    return 1
  }
}
