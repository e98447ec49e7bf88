// SPDX-License-Identifier: Apache-2.0

/// What a model's input has around the ids of a text: `Formats/tokenizer.md`, section "Rows".
struct RowFrame: Sendable, Equatable {
  /// What happens to a text that is too long.
  enum Truncation: UInt8, Sendable {
    /// The row is cut, and its last id becomes the last of `end`.
    case replacesLast = 0
    /// The text is cut so that `start` and `end` have room.
    case cutsText = 1
  }

  /// What else is done.
  struct Options: OptionSet, Sendable {
    let rawValue: UInt8

    /// Padding goes before the text.
    static let padsLeft = Options(rawValue: 1)
    /// Where nobody says what to do with a text that is too long, it is truncated.
    static let truncatesByDefault = Options(rawValue: 2)
    /// `end` is left out where the text ends with it.
    static let endsOnce = Options(rawValue: 4)
    /// Ids that are the first of `end` become zero (`strip_sep_token` of open_clip).
    static let zeroesEnd = Options(rawValue: 8)
    /// All of the above.
    static let all = Options(rawValue: 15)
  }

  var start: [Int32]
  var end: [Int32]
  var pad: Int32
  var truncation: Truncation
  var options: Options
}
