// SPDX-License-Identifier: Apache-2.0
// Ported from ftfy 6.3.1, Copyright 2023 Robyn Speer, Apache License 2.0; see NOTICE.

/// Repairs text as `ftfy.fix_text` does with its default settings: entities, wrong encodings, and odd characters.
///
/// `Formats/tokenizer.md`, section "Cleaning", names the version followed. A text is handled in segments, which are lines.
enum TextRepair {
  /// Longer lines are cut at this many scalars.
  private static let longestSegment = 1_000_000

  private enum Entities {
    case unescaped
    case kept
  }

  /// The repaired text.
  static func repair(_ text: [Unicode.Scalar]) -> [Unicode.Scalar] {
    var result: [Unicode.Scalar] = []
    result.reserveCapacity(text.count)
    // The first line with a tag shows that this is HTML, whose entities are meant. It counts for the rest of the text.
    var entities = Entities.unescaped
    var start = 0
    var lineEnd = 0
    while start < text.count {
      if lineEnd <= start { lineEnd = text[start...].firstIndex(of: "\n").map { $0 + 1 } ?? text.count }
      let segment = Array(text[start..<min(lineEnd, start + longestSegment)])
      if segment.contains("<") { entities = .kept }
      start += segment.count
      result += repair(segment: segment, entities)
    }
    return result
  }

  /// Repeats all steps until none changes anything.
  private static func repair(segment: [Unicode.Scalar], _ entities: Entities) -> [Unicode.Scalar] {
    var text = segment
    while true {
      let before = text
      if entities == .unescaped { HTMLEntities.unescapeStrictly(&text) }
      text = repairEncoding(text)
      replaceC1Controls(&text)
      ScalarReplacements.ligatures.apply(to: &text)
      ScalarReplacements.widths.apply(to: &text)
      ScalarReplacements.quotes.apply(to: &text)
      unifyLineBreaks(&text)
      removeTerminalEscapes(&text)
      ScalarReplacements.controls.apply(to: &text)
      CanonicalComposition.apply(to: &text)
      if text == before { return text }
    }
  }

  /// Makes every line break a line feed.
  private static func unifyLineBreaks(_ text: inout [Unicode.Scalar]) {
    func isOdd(_ scalar: Unicode.Scalar) -> Bool {
      scalar == "\r" || scalar == "\u{85}" || scalar == "\u{2028}" || scalar == "\u{2029}"
    }
    guard let first = text.firstIndex(where: isOdd) else { return }
    var result = Array(text[..<first])
    var previous: Unicode.Scalar?
    for scalar in text[first...] {
      if !(previous == "\r" && scalar == "\n") { result.append(isOdd(scalar) ? "\n" : scalar) }
      previous = scalar
    }
    text = result
  }

  /// Removes ANSI sequences, such as those that colour text: escape, bracket, numbers, letter.
  private static func removeTerminalEscapes(_ text: inout [Unicode.Scalar]) {
    guard var index = text.firstIndex(of: "\u{1B}") else { return }
    var result = Array(text[..<index])
    while index < text.count {
      if let end = endOfTerminalEscape(in: text, at: index) {
        index = end
      } else {
        result.append(text[index])
        index += 1
      }
    }
    text = result
  }

  private static func endOfTerminalEscape(in text: [Unicode.Scalar], at index: Int) -> Int? {
    guard text[index] == "\u{1B}", index + 1 < text.count, text[index + 1] == "[" else { return nil }
    let last = text[(index + 2)...].firstIndex { $0 != ";" && !PythonClass.digit.contains($0) }
    guard let last, ("a"..."z").contains(text[last]) || ("A"..."Z").contains(text[last]) else { return nil }
    return last + 1
  }
}
