// SPDX-License-Identifier: Apache-2.0

/// Tokens that are found in a text as they are written, before the rest is divided: special and added tokens.
struct MarkTable: Sendable {
  /// How a mark is found.
  struct Options: OptionSet, Sendable {
    let rawValue: UInt8

    /// White space before it belongs to it.
    static let stripsLeft = Options(rawValue: 1)
    /// White space behind it belongs to it.
    static let stripsRight = Options(rawValue: 2)
    /// It is sought in the text after its steps, in the form that the steps give itself.
    static let normalized = Options(rawValue: 4)
    /// All of the above.
    static let all = Options(rawValue: 7)
  }

  /// A mark.
  struct Mark: Sendable, Equatable {
    let text: [Unicode.Scalar]
    let id: Int32
    let options: Options
  }

  /// Part of a text.
  enum Part: Equatable {
    case text(Range<Int>)
    case mark(Int32)
  }

  let marks: [Mark]
  /// What white space around marks is.
  let space: TextStep.Run
  private let raw: ScalarTrie?
  private let normalized: ScalarTrie?
  private let firstScalars: ScalarTable
  private let firstNormalized: ScalarTable

  /// Makes the table for a text that these steps are applied to.
  init(_ marks: [Mark], space: TextStep.Run, steps: [TextStep]) {
    self.marks = marks
    self.space = space
    func entries(_ isWanted: (Mark) -> Bool) -> [([Unicode.Scalar], Int32)] {
      marks.indices.filter { isWanted(marks[$0]) }.map { index in
        var text = marks[index].text
        if marks[index].options.contains(.normalized) { for step in steps { step.apply(to: &text) } }
        return (text, Int32(index))
      }.filter { !$0.0.isEmpty }
    }
    let plain = entries { !$0.options.contains(.normalized) }
    let changed = entries { $0.options.contains(.normalized) }
    raw = plain.isEmpty ? nil : ScalarTrie(plain)
    normalized = changed.isEmpty ? nil : ScalarTrie(changed)
    firstScalars = ScalarTable(marking: plain.compactMap(\.0.first))
    firstNormalized = ScalarTable(marking: changed.compactMap(\.0.first))
  }

  /// Calls `body` for the parts of a text before its steps; a text without marks is one part.
  func divide(_ text: [Unicode.Scalar], _ body: (Part) -> Void) {
    Self.divide(text, raw, firstScalars, marks, space, body)
  }

  /// Calls `body` for the parts of a text after its steps.
  func divideNormalized(_ text: [Unicode.Scalar], _ body: (Part) -> Void) {
    Self.divide(text, normalized, firstNormalized, marks, space, body)
  }

  private static func divide(
    _ text: [Unicode.Scalar], _ trie: ScalarTrie?, _ firsts: ScalarTable, _ marks: [Mark], _ space: TextStep.Run,
    _ body: (Part) -> Void
  ) {
    guard let trie else { return body(.text(text.indices)) }
    var start = 0
    var index = 0
    while index < text.count {
      guard firsts[text[index]] != 0, let match = trie.longestMatch(in: text[index...]) else {
        index += 1
        continue
      }
      let mark = marks[Int(match.value)]
      var (lower, upper) = (index, index + match.count)
      if mark.options.contains(.stripsLeft) {
        while lower > start, space.contains(text[lower - 1]) { lower -= 1 }
      }
      if mark.options.contains(.stripsRight) {
        while upper < text.count, space.contains(text[upper]) { upper += 1 }
      }
      if lower > start { body(.text(start..<lower)) }
      body(.mark(mark.id))
      (start, index) = (upper, upper)
    }
    if start < text.count { body(.text(start..<text.count)) }
  }
}
