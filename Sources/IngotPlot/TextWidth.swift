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

  /// The same in DejaVu Sans Bold: narrow letters grow by a quarter, most by a tenth.
  private static let boldASCII: [Double] = [
    348, 456, 521, 838, 696, 1002, 872, 306, 457, 457, 523, 838, 380, 415, 380, 365,
    696, 696, 696, 696, 696, 696, 696, 696, 696, 696, 400, 400, 838, 838, 838, 580,
    1000, 774, 762, 734, 830, 683, 683, 821, 837, 372, 372, 775, 637, 995, 837, 850,
    733, 850, 770, 720, 682, 812, 774, 1103, 771, 724, 725, 457, 365, 457, 838, 500,
    500, 675, 716, 593, 716, 678, 435, 716, 712, 343, 343, 665, 343, 1042, 712, 687,
    716, 716, 493, 595, 478, 712, 652, 924, 645, 652, 582, 712, 365, 712, 838,
  ]

  /// The width of a text in units of the picture.
  ///
  /// - Parameters:
  ///   - text: one line.
  ///   - size: the font's size.
  ///   - isBold: whether it is set in bold letters.
  /// - Returns: an upper bound for the usual fonts.
  static func of(_ text: String, size: Double, isBold: Bool = false) -> Double {
    let widths = isBold ? boldASCII : ascii
    let thousandths = text.unicodeScalars.reduce(0.0) { sum, scalar in
      let value = Int(scalar.value)
      if value >= 32 && value < 127 { return sum + widths[value - 32] }
      // Chinese, Japanese, Korean, pictographs and the ellipsis are as wide as they are high; combining marks have no width.
      if value >= 0x2E80 || value == 0x2026 { return sum + 1000 }
      if (0x300...0x36F).contains(value) { return sum }
      return sum + (value >= 0x2000 || value == 0xD7 ? 840 : isBold ? 760 : 690)
    }
    return thousandths / 1000 * size
  }

  /// The text in lines that break between words; a word that is too wide is cut.
  static func wrapped(_ text: String, size: Double, isBold: Bool = false, width: Double) -> [String] {
    var lines: [String] = []
    for word in text.split(separator: " ") {
      let longer = lines.last.map { "\($0) \(word)" }
      if let longer, of(longer, size: size, isBold: isBold) <= width {
        lines[lines.count - 1] = longer
      } else {
        lines.append(fit(String(word), size: size, isBold: isBold, in: width))
      }
    }
    return lines
  }

  /// The text, cut with an ellipsis in the middle where it is too wide: both ends of a name tell it from others.
  static func fit(_ text: String, size: Double, isBold: Bool = false, in width: Double) -> String {
    guard of(text, size: size, isBold: isBold) > width else { return text }
    var characters = Array(text)
    while characters.count > 2 {
      characters.remove(at: characters.count * 2 / 3)
      var shortened = characters
      shortened.insert("…", at: characters.count * 2 / 3)
      if of(String(shortened), size: size, isBold: isBold) <= width { return String(shortened) }
    }
    return String(characters)
  }
}
