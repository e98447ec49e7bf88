// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// One change that a tokenizer makes to a text before it divides it: `Formats/tokenizer.md`, section "Steps".
enum TextStep: Sendable, Equatable {
  /// `ftfy.fix_text`.
  case repair
  /// `html.unescape`.
  case unescape
  /// `str.strip`.
  case strip
  /// `" ".join(text.split())`.
  case joinWords
  /// Each run of white space, as the module `regex` sees it, becomes a space.
  case collapseSpaces
  /// `str.lower`.
  case lowerCase
  /// The signs of ASCII go.
  case removePunctuation
  /// NFC of Python's Unicode version.
  case compose
  /// `BasicTokenizer._clean_text`.
  case clean(PythonText.Controls)
  /// Spaces on both sides of Chinese characters.
  case spaceIdeographs(Ideograph.Source)
  /// The rest of Google's `BasicTokenizer`: lower case, accents, punctuation.
  case divideAsBERT
  /// Each occurrence becomes something else, from left to right.
  case replace([Unicode.Scalar], with: [Unicode.Scalar])
  /// Each run of at least so many of a kind becomes something else.
  case replaceRuns(of: Run, atLeast: Int, with: [Unicode.Scalar])
  /// NFC of the library `tokenizers`.
  case libraryCompose
  /// NFD of the library.
  case libraryDecompose
  /// `Lowercase` of the library.
  case libraryLowerCase
  /// `Strip` of the library.
  case libraryStrip(left: Bool, right: Bool)
  /// `clean_text` of the library's `BertNormalizer`.
  case libraryClean
  /// `strip_accents` of the library's `BertNormalizer`, with the decomposition before it.
  case libraryRemoveAccents
  /// The library's `StripAccents`: marks of any kind go.
  case libraryRemoveMarks
  /// `Prepend` of the library: put before a text that is not empty.
  case prepend([Unicode.Scalar])
  /// Put before any text, an empty one too.
  case putBefore([Unicode.Scalar])
  /// `Precompiled` of the library.
  case precompiled(CharacterMap)
  /// The normalizer of the library `sentencepiece`.
  case sentencePiece(SentencePieceNormalizer)

  /// What runs consist of.
  enum Run: UInt8, Sendable {
    /// The scalar U+0020.
    case spaces = 0
    /// White space of the library `tokenizers`.
    case libraryWhiteSpace = 1
    /// White space of Python's strings.
    case pythonWhiteSpace = 2

    func contains(_ scalar: Unicode.Scalar) -> Bool {
      switch self {
      case .spaces: scalar == " "
      case .libraryWhiteSpace: LibraryClass(of: scalar).contains(.space)
      case .pythonWhiteSpace: PythonClass.space.contains(scalar)
      }
    }
  }

  /// The scalars that one may become, for steps that make texts longer.
  private var growth: Int {
    switch self {
    case .replace(let pattern, let replacement): max(1, (replacement.count + pattern.count - 1) / pattern.count)
    case .replaceRuns(_, let count, let replacement): max(1, (replacement.count + count - 1) / count)
    case .prepend(let prefix), .putBefore(let prefix): max(1, prefix.count)
    case .precompiled, .sentencePiece: 32
    default: 1
    }
  }

  /// Refuses steps that would make a text grow without bound: a file may ask for any number of them.
  static func requireBounded(_ steps: [TextStep]) throws(CheckpointError) {
    var growth = 1
    for step in steps {
      growth = growth.multiplied(by: step.growth) ?? .max
      guard steps.count <= 64, growth <= 2048 else {
        throw CheckpointError(
          .limit, .tokenizer, subject: "steps",
          "\(steps.count) steps that make a text \(growth) times as long, allowed are 64 and 2048")
      }
    }
  }

  /// Changes a text.
  func apply(to text: inout [Unicode.Scalar]) {
    switch self {
    case .repair: if !text.allSatisfy(TextCleaner.isUntouched) { text = TextRepair.repair(text) }
    case .unescape: HTMLEntities.unescape(&text)
    case .strip: PythonText.strip(&text)
    case .joinWords: PythonText.joinWords(&text)
    case .collapseSpaces: TextCleaner.collapseSpaces(&text)
    case .lowerCase: LowerCase.apply(to: &text)
    case .removePunctuation: PythonText.removePunctuation(&text)
    case .compose: CanonicalComposition.apply(to: &text)
    case .clean(let controls): PythonText.clean(&text, controls)
    case .spaceIdeographs(let source): LibraryText.spaceIdeographs(&text, source)
    case .divideAsBERT: PythonText.divideAsBERT(&text)
    case .replace(let pattern, let replacement): Self.replace(pattern, with: replacement, in: &text)
    case .replaceRuns(let run, let count, let replacement): Self.replace(run, count, with: replacement, in: &text)
    case .libraryCompose: CanonicalComposition.apply(to: &text, edition: .library)
    case .libraryDecompose: CanonicalComposition.decompose(&text, edition: .library)
    case .libraryLowerCase: LibraryText.lowerCase(&text)
    case .libraryStrip(let left, let right): LibraryText.strip(&text, left: left, right: right)
    case .libraryClean: LibraryText.clean(&text)
    case .libraryRemoveAccents: LibraryText.removeAccents(&text)
    case .libraryRemoveMarks: text.removeAll { LibraryClass(of: $0).contains(.anyMark) }
    case .prepend(let prefix): if !text.isEmpty { text.insert(contentsOf: prefix, at: 0) }
    case .putBefore(let prefix): text.insert(contentsOf: prefix, at: 0)
    case .precompiled(let map): map.applyAsLibrary(to: &text)
    case .sentencePiece(let normalizer): normalizer.apply(to: &text)
    }
  }

  private static func replace(
    _ pattern: [Unicode.Scalar], with replacement: [Unicode.Scalar], in text: inout [Unicode.Scalar]
  ) {
    if pattern.count == 1, replacement.count == 1 {
      let (old, new) = (pattern[0], replacement[0])
      for index in text.indices where text[index] == old { text[index] = new }
      return
    }
    guard let first = pattern.first, let start = text.firstIndex(of: first) else { return }
    var result = Array(text[..<start])
    result.reserveCapacity(text.count)
    var index = start
    while index < text.count {
      if text[index] == first, text[index...].starts(with: pattern) {
        result += replacement
        index += pattern.count
      } else {
        result.append(text[index])
        index += 1
      }
    }
    text = result
  }

  private static func replace(
    _ run: Run, _ count: Int, with replacement: [Unicode.Scalar], in text: inout [Unicode.Scalar]
  ) {
    guard text.contains(where: run.contains) else { return }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      guard run.contains(text[index]) else {
        result.append(text[index])
        index += 1
        continue
      }
      let end = text[index...].firstIndex { !run.contains($0) } ?? text.count
      if end - index >= count { result += replacement } else { result += text[index..<end] }
      index = end
    }
    text = result
  }
}
