// SPDX-License-Identifier: Apache-2.0

/// Steps of the library `tokenizers`, which differ from Python's of the same name in the scalars they know.
enum LibraryText {
  private static let capitalDottedI: Unicode.Scalar = "İ"

  /// Lower-cases each scalar by itself: no final sigma.
  static func lowerCase(_ text: inout [Unicode.Scalar]) {
    guard let first = text.firstIndex(where: isChanged) else { return }
    var result = Array(text[..<first])
    result.reserveCapacity(text.count + 1)
    for scalar in text[first...] {
      if scalar == capitalDottedI {
        result += ["i", "\u{307}"]
      } else if let later = ScalarTable.laterLetters[scalar] {
        result += later
      } else {
        result.append(LowerCase.lowerCased(scalar))
      }
    }
    text = result
  }

  private static func isChanged(_ scalar: Unicode.Scalar) -> Bool {
    if scalar.isASCII { return (0x41...0x5A).contains(scalar.value) }
    return LowerCase.lowerCased(scalar) != scalar || scalar == capitalDottedI
      || ScalarTable.laterLetters[scalar] != nil
  }

  /// Removes what BERT's cleaning takes for controls, and makes white space spaces.
  static func clean(_ text: inout [Unicode.Scalar]) {
    func isOdd(_ scalar: Unicode.Scalar) -> Bool {
      !(0x20...0x7E).contains(scalar.value) && !LibraryClass(of: scalar).isDisjoint(with: [.removed, .space])
    }
    guard let first = text.firstIndex(where: isOdd) else { return }
    var result = Array(text[..<first])
    result.reserveCapacity(text.count)
    for scalar in text[first...] {
      let kind = LibraryClass(of: scalar)
      if kind.contains(.removed) { continue }
      result.append(kind.contains(.space) ? " " : scalar)
    }
    text = result
  }

  /// Takes accents off: decomposes, then removes marks without width.
  static func removeAccents(_ text: inout [Unicode.Scalar]) {
    CanonicalComposition.decompose(&text, edition: .library)
    text.removeAll { LibraryClass(of: $0).contains(.mark) }
  }

  /// Removes white space at the ends.
  static func strip(_ text: inout [Unicode.Scalar], left: Bool, right: Bool) {
    func isSpace(_ scalar: Unicode.Scalar) -> Bool { LibraryClass(of: scalar).contains(.space) }
    if right { text.removeSubrange((text.lastIndex { !isSpace($0) }.map { $0 + 1 } ?? 0)...) }
    if left { text.removeSubrange(..<(text.firstIndex { !isSpace($0) } ?? text.count)) }
  }

  /// Puts a space on both sides of each Chinese character.
  static func spaceIdeographs(_ text: inout [Unicode.Scalar], _ source: Ideograph.Source) {
    guard let first = text.firstIndex(where: { Ideograph.contains($0, source) }) else { return }
    var result = Array(text[..<first])
    result.reserveCapacity(3 * text.count)
    for scalar in text[first...] {
      if Ideograph.contains(scalar, source) { result += [" ", scalar, " "] } else { result.append(scalar) }
    }
    text = result
  }
}
