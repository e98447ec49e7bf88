// SPDX-License-Identifier: Apache-2.0

/// The variants of CLIP's pattern for words.
struct WordPattern: Sendable, Equatable {
  /// Who evaluates the pattern.
  enum Engine: UInt8, Sendable {
    /// The module `regex`, without regard to case.
    case regex = 0
    /// The library `tokenizers`, with regard to case.
    case library = 1
  }

  /// What becomes of a mark that the pattern finds.
  enum Marks: UInt8, Sendable {
    /// It is the token of that name.
    case tokens = 0
    /// It is a word, which the byte-level step divides into letters and signs.
    case divided = 1
    /// It is a word like others.
    case words = 2
    /// The pattern does not name marks.
    case none = 3
  }

  /// The marks as they are spelled.
  enum Spelling: UInt8, Sendable {
    /// `<|startoftext|>` and `<|endoftext|>`.
    case bars = 0
    /// `<start_of_text>` and `<end_of_text>`.
    case plain = 1
  }

  var engine: Engine
  var marks: Marks
  var spelling: Spelling

  /// OpenAI's own.
  static let openAI = WordPattern(engine: .regex, marks: .tokens, spelling: .bars)
}
