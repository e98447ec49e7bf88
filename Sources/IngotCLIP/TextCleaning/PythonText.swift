// SPDX-License-Identifier: Apache-2.0

/// Steps that tokenizers written in Python do with strings.
enum PythonText {
  /// Removes white space at both ends (`str.strip`).
  static func strip(_ text: inout [Unicode.Scalar]) {
    guard let last = text.lastIndex(where: { !PythonClass.space.contains($0) }) else {
      text = []
      return
    }
    text.removeSubrange((last + 1)...)
    if let first = text.firstIndex(where: { !PythonClass.space.contains($0) }), first > 0 {
      text.removeSubrange(..<first)
    }
  }

  /// Makes each run of white space one space, and removes it at the ends (`" ".join(text.split())`).
  static func joinWords(_ text: inout [Unicode.Scalar]) {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var hasPendingSpace = false
    for scalar in text {
      if PythonClass.space.contains(scalar) {
        hasPendingSpace = !result.isEmpty
      } else {
        if hasPendingSpace { result.append(" ") }
        hasPendingSpace = false
        result.append(scalar)
      }
    }
    text = result
  }

  /// Removes the signs of ASCII (`string.punctuation`).
  static func removePunctuation(_ text: inout [Unicode.Scalar]) {
    text.removeAll(where: isPunctuation)
  }

  /// Whether a scalar is one of the signs of ASCII.
  static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x21...0x2F, 0x3A...0x40, 0x5B...0x60, 0x7B...0x7E: true
    default: false
    }
  }

  /// Removes controls, NUL and U+FFFD, and makes white space spaces (`BasicTokenizer._clean_text`).
  static func clean(_ text: inout [Unicode.Scalar], _ controls: Controls) {
    guard text.contains(where: { !(0x20...0x7E).contains($0.value) }) else { return }
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    for scalar in text {
      switch scalar {
      case "\t", "\n", "\r": result.append(" ")
      case "\0", "\u{FFFD}": continue
      default:
        let category = PythonCategory(of: scalar)
        if category.contains(.control) || controls == .allOthers && category.contains(.other) { continue }
        result.append(category.contains(.space) ? " " : scalar)
      }
    }
    text = result
  }

  /// What counts as a control character.
  enum Controls: UInt8 {
    /// Controls and formats, as in Google's tokenizer.
    case controlsAndFormats = 0
    /// All of Unicode's category C, as in transformers.
    case allOthers = 1
  }

  /// Lower-cases and takes accents off each word, and puts spaces around punctuation (Google's `BasicTokenizer`).
  static func divideAsBERT(_ text: inout [Unicode.Scalar]) {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count + 16)
    for part in text.split(whereSeparator: PythonClass.space.contains) {
      var word = Array(part)
      LowerCase.apply(to: &word)
      CanonicalComposition.decompose(&word)
      if !result.isEmpty { result.append(" ") }
      for scalar in word {
        let category = PythonCategory(of: scalar)
        if category.contains(.mark) { continue }
        if category.contains(.punctuation) { result += [" ", scalar, " "] } else { result.append(scalar) }
      }
    }
    text = result
  }
}
