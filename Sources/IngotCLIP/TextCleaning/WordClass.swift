// SPDX-License-Identifier: Apache-2.0

/// How OpenAI's pattern for words sees a scalar.
///
/// The values are those of the generated table.
enum WordClass: UInt8 {
  /// Anything else: punctuation, signs, marks, and what is not assigned.
  case symbol = 0
  /// A letter of any script.
  case letter = 1
  /// A number of any script and kind.
  case number = 2
  /// White space.
  case space = 3
  /// The iota below (U+0345): without regard to case it counts as a letter where letters are excluded, but not where they are
  /// asked for, so that no part of the pattern matches it.
  case unmatched = 4

  /// The class of `scalar`.
  init(of scalar: Unicode.Scalar) {
    guard let known = WordClass(rawValue: ScalarTable.wordClasses[scalar]) else {
      preconditionFailure("the generated table holds the classes above")
    }
    self = known
  }
}
