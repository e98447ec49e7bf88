// SPDX-License-Identifier: Apache-2.0

/// How wide a text is about, so that labels are kept apart without a font at hand.
enum TextWidth {
  /// Widths of ASCII from space to tilde in DejaVu Sans, the widest of the usual fonts, in thousandths of the font's size.
  private static let ascii: [Double] = [
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337,
    636, 636, 636, 636, 636, 636, 636, 636, 636, 636, 337, 337, 838, 838, 838, 531,
    1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863, 748, 787,
    603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500,
    500, 613, 635, 550, 635, 615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612,
    635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636, 337, 636, 838,
  ]

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
      // Chinese, Japanese, Korean, pictographs and the ellipsis are as wide as they are high; combining marks have no width.
      if value >= 0x2E80 || value == 0x2026 { return sum + 1000 }
      if (0x300...0x36F).contains(value) { return sum }
      return sum + (value >= 0x2000 || value == 0xD7 ? 840 : 690)
    }
    return thousandths / 1000 * size
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
