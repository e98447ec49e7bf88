// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import IngotCLIP

/// The steps of cleaning by themselves; what they come to is compared with the original elsewhere.
@Suite struct TokenizerCleaningTests {
  private static func repaired(_ text: String) -> String {
    string(TextRepair.repair(Array(text.unicodeScalars)))
  }

  private static func string(_ scalars: [Unicode.Scalar]) -> String {
    var view = String.UnicodeScalarView()
    view.append(contentsOf: scalars)
    return String(view)
  }

  /// Examples from ftfy's own documentation.
  @Test(arguments: [
    ("âœ” No problems", "✔ No problems"),
    ("&macr;\\_(ã\u{83}\u{84})_/&macr;", "¯\\_(ツ)_/¯"),
    ("Broken text&hellip; it&#x2019;s ﬂubberiﬁc!", "Broken text… it's flubberific!"),
    ("ＬＯＵＤ　ＮＯＩＳＥＳ", "LOUD NOISES"),
    ("schÃ¶n", "schön"),
    ("voilÃ le travail", "voilà le travail"),
    ("P&EACUTE;REZ", "PÉREZ"),
    ("â€œ like this â€�", "\" like this \u{FFFD}"),
    ("\u{1B}[36;44mI'm blue\u{1B}[0m", "I'm blue"),
    ("“quotes” and ‘more’", "\"quotes\" and 'more'"),
    ("a\r\nb\rc\u{2028}d\u{85}", "a\nb\nc\nd…"),
  ])
  func `text is repaired`(_ broken: String, _ whole: String) {
    #expect(Self.repaired(broken) == whole)
  }

  @Test(arguments: ["naïve café", "¿Qué?", "Ångström", "àéîõü", "this&not that", "│┌─┐", "(ò_ó)", "Ελληνικά", "日本語"])
  func `text that is right stays`(_ text: String) {
    #expect(Self.repaired(text) == text)
  }

  @Test func `entities stay from the first line with a tag on`() {
    #expect(Self.repaired("&amp;\n&amp; <b>\n&amp;") == "&\n&amp; <b>\n&amp;")
  }

  @Test func `references without semicolon, to one, and of more than 24 letters are for the second step`() {
    var text = Array("&ampx &notit; &#65B &#x3b; &CounterClockwiseContourIntegral; &int;".unicodeScalars)
    HTMLEntities.unescapeStrictly(&text)
    #expect(Self.string(text) == "&ampx &notit; &#65B &#x3b; &CounterClockwiseContourIntegral; ∫")
    HTMLEntities.unescape(&text)
    #expect(Self.string(text) == "&x ¬it; AB ; ∳ ∫")
  }

  @Test(arguments: [
    ("ΟΔΥΣΣΕΥΣ", "οδυσσευς"), ("ΑΣ'Σ", "ασ'ς"), ("Σ", "σ"), ("AΣ.", "aς."), ("AΣ\u{AD}B", "aσ\u{AD}b"),
    ("İI", "i\u{307}i"),
    ("ǅ ẞ Ⅷ Ⓐ Ა", "ǆ ß ⅷ ⓐ ა"),
  ])
  func `lower case is Python's`(_ text: String, _ expected: String) {
    var scalars = Array(text.unicodeScalars)
    LowerCase.apply(to: &scalars)
    #expect(scalars == Array(expected.unicodeScalars))
  }

  @Test func `composition is Foundation's for every scalar that both know`() {
    // Foundation may know a later Unicode version; these planes were complete for this in the tables' version.
    for number in (0 as UInt32)..<0x870 {
      guard let scalar = Unicode.Scalar(number) else { continue }
      for mark in ["\u{301}", "\u{323}\u{307}", "\u{345}", "\u{338}"] as [String] {
        let text = String(scalar) + mark
        var scalars = Array(text.unicodeScalars)
        CanonicalComposition.apply(to: &scalars)
        #expect(scalars == Array(text.precomposedStringWithCanonicalMapping.unicodeScalars), "\(number) \(mark)")
      }
    }
  }

  @Test func `bytes that are not UTF-8 are not decoded`() {
    let wrong: [[UInt8]] = [
      [0x80], [0xC3], [0xC0, 0x80], [0xC1, 0xBF], [0xE0, 0x9F, 0xBF], [0xED, 0xA0, 0x80], [0xF0, 0x8F, 0xBF, 0xBF],
      [0xF4, 0x90, 0x80, 0x80], [0xF5, 0x80, 0x80, 0x80], [0xFF], [0xE2, 0x82], [0xC3, 0x28],
    ]
    for bytes in wrong { #expect(UTF8Decoding.decode(bytes, as: .strict) == nil, "\(bytes)") }
    #expect(UTF8Decoding.decode([0xC0, 0x80], as: .variants) == ["\0"])
    #expect(UTF8Decoding.decode([0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x8D], as: .variants) == ["😍"])
    #expect(UTF8Decoding.decode(Array("aé日😀".utf8), as: .strict) == Array("aé日😀".unicodeScalars))
  }

  /// For the drift check of the generated tables: the variable names a Python with the packages.
  @Test(.enabled(if: ProcessInfo.processInfo.environment["INGOT_PYTHON"] != nil))
  func `the generated tables are what the packages give`() throws {
    let python = try #require(ProcessInfo.processInfo.environment["INGOT_PYTHON"])
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let process = Process()
    process.executableURL = URL(filePath: python)
    process.arguments = ["-W", "ignore", root.appending(path: "Tools/make_text_tables.py").path, "--check"]
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }
}
