// SPDX-License-Identifier: Apache-2.0

/// How wide a text is about, so that labels are kept apart without a font at hand.
enum TextWidth {
  /// Widths of ASCII from space to tilde in Helvetica, in thousandths of the font's size (Adobe Font Metrics, Helvetica.afm).
  private static let ascii: [Double] = [
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278,
    556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778,
    667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556,
    556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
  ]
  /// The widest of the usual fonts, DejaVu Sans, over Helvetica.
  private static let widest = 1.14

  /// The width of a text in units of the picture.
  ///
  /// - Parameters:
  ///   - text: one line.
  ///   - size: the font's size.
  /// - Returns: an upper bound for the usual fonts.
  static func of(_ text: String, size: Double) -> Double {
    let thousandths = text.unicodeScalars.reduce(0.0) { sum, scalar in
      let value = Int(scalar.value)
      if value >= 32 && value < 127 { return sum + ascii[value - 32] }
      // Chinese, Japanese, Korean and pictographs are as wide as they are high; combining marks have no width.
      if value >= 0x2E80 { return sum + 1000 }
      return (0x300...0x36F).contains(value) ? sum : sum + 600
    }
    return thousandths / 1000 * size * widest
  }

  /// The text in lines that break between words; a word that is too wide is cut.
  static func wrapped(_ text: String, size: Double, width: Double) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      let longer = lines.last.map { "\($0) \(word)" }
      if let longer, of(longer, size: size) <= width {
        lines[lines.count - 1] = longer
      } else {
        lines.append(fit(String(word), size: size, in: width))
      }
    }
    return lines
  }

  /// The text, cut with an ellipsis in the middle where it is too wide: both ends of a name tell it from others.
  static func fit(_ text: String, size: Double, in width: Double) -> String {
    guard of(text, size: size) > width else { return text }
    var characters = Array(text)
    while characters.count > 2 {
      characters.remove(at: characters.count * 2 / 3)
      var shortened = characters
      shortened.insert("…", at: characters.count * 2 / 3)
      if of(String(shortened), size: size) <= width { return String(shortened) }
    }
    return String(characters)
  }
}
