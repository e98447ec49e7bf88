// SPDX-License-Identifier: Apache-2.0

/// Classes of scalars as the library `tokenizers` sees them: bits of the generated table.
///
/// The library is compiled with several Unicode versions, one for each of these.
struct LibraryClass: OptionSet {
  let rawValue: UInt8

  /// White space.
  static let space = LibraryClass(rawValue: 1)
  /// What the cleaning of BERT removes: controls, formats, private and unassigned scalars, NUL and U+FFFD.
  static let removed = LibraryClass(rawValue: 2)
  /// A mark without width, which goes when BERT's normalizer strips accents.
  static let mark = LibraryClass(rawValue: 4)
  /// Punctuation, or any of ASCII's signs.
  static let punctuation = LibraryClass(rawValue: 8)
  /// A mark of any kind, which goes with the normalizer `StripAccents`.
  static let anyMark = LibraryClass(rawValue: 64)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The classes of `scalar`.
  init(of scalar: Unicode.Scalar) { rawValue = ScalarTable.libraryClasses[scalar] & 0x4F }

  /// How the library's pattern for CLIP's words sees `scalar`.
  static func wordClass(of scalar: Unicode.Scalar) -> WordClass {
    WordClass(rawValue: ScalarTable.libraryClasses[scalar] >> 4 & 3) ?? .symbol
  }
}

/// Categories of Unicode as the BERT tokenizer that is written in Python asks for them.
struct PythonCategory: OptionSet {
  let rawValue: UInt8

  /// Controls and formats (Cc and Cf).
  static let control = PythonCategory(rawValue: 1)
  /// Spaces (Zs).
  static let space = PythonCategory(rawValue: 2)
  /// Marks without width (Mn).
  static let mark = PythonCategory(rawValue: 4)
  /// Punctuation (P), or any of ASCII's signs.
  static let punctuation = PythonCategory(rawValue: 8)
  /// Private, unassigned and other scalars of category C that are no controls.
  static let other = PythonCategory(rawValue: 16)

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// The categories of `scalar`.
  init(of scalar: Unicode.Scalar) { rawValue = ScalarTable.pythonCategories[scalar] }
}

/// The Chinese characters around which BERT puts spaces.
enum Ideograph {
  /// The ranges of the original; those that are compiled into `tokenizers` have a slip in the last but two.
  enum Source: UInt8 {
    case original = 0
    case library = 1
  }

  /// Whether `scalar` is one.
  static func contains(_ scalar: Unicode.Scalar, _ source: Source) -> Bool {
    guard scalar.value >= 0x3400 else { return false }
    switch scalar.value {
    case 0x4E00...0x9FFF, 0x3400...0x4DBF, 0x20000...0x2A6DF, 0x2A700...0x2B73F, 0x2B740...0x2B81F: return true
    case 0x2B820...0x2B91F: return source == .original
    case 0x2B920...0x2CEAF, 0xF900...0xFAFF, 0x2F800...0x2FA1F: return true
    default: return false
    }
  }
}
