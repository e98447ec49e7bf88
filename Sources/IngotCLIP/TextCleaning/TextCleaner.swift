// SPDX-License-Identifier: Apache-2.0

/// The cleaning that OpenAI's tokenizer gives a text before it divides it into words.
///
/// `Formats/tokenizer.md`, section "Cleaning".
enum TextCleaner {
  /// Repaired, unescaped, in lower case, with single spaces and none at the ends.
  static func clean(_ text: String) -> [Unicode.Scalar] {
    let bytes = Array(text.utf8)
    if bytes.allSatisfy(isPlain) { return cleanPlain(bytes) }
    var scalars = TextRepair.repair(Array(text.unicodeScalars))
    HTMLEntities.unescape(&scalars)
    HTMLEntities.unescape(&scalars)
    PythonText.strip(&scalars)
    collapseSpaces(&scalars)
    PythonText.strip(&scalars)
    LowerCase.apply(to: &scalars)
    return scalars
  }

  /// Whether the repair leaves a text of such scalars as it is.
  static func isUntouched(_ scalar: Unicode.Scalar) -> Bool {
    (0x20...0x7E).contains(scalar.value) && scalar != "&" || scalar == "\n" || scalar == "\t"
  }

  /// Whether a byte is ASCII that no step of the repair changes: no control character and no ampersand.
  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"): false
    case 0x20..<0x7F, 0x09, 0x0A, 0x0C, 0x0D: true
    default: false
    }
  }

  /// What the other steps make of plain text.
  private static func cleanPlain(_ bytes: [UInt8]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(bytes.count)
    var hasPendingSpace = false
    for byte in bytes {
      if byte <= 0x20 {
        hasPendingSpace = !result.isEmpty
        continue
      }
      if hasPendingSpace { result.append(" ") }
      hasPendingSpace = false
      let isCapital = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
      result.append(Unicode.Scalar(isCapital ? byte + 0x20 : byte))
    }
    return result
  }

  /// Makes each run of white space, as the tokenizer's pattern sees it, one space.
  static func collapseSpaces(_ text: inout [Unicode.Scalar]) {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    var isInSpace = false
    for scalar in text {
      let isSpace = WordClass(of: scalar) == .space
      if !isSpace { result.append(scalar) } else if !isInSpace { result.append(" ") }
      isInSpace = isSpace
    }
    text = result
  }
}
