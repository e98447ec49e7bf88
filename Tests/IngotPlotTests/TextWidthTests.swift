// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import IngotPlot

@Suite struct TextWidthTests {
  /// Lengths as Pillow 12 has them of DejaVuSans-Bold.ttf at 15 and DejaVuSans.ttf at 16.5 pixels.
  @Test(arguments: [
    ("fashion-mnist, linear-probe, JJF55/fiji-int8.ingot: what is taken", 526.06, 504.20),
    ("RN50x4 beside ViT-L/14@336px: error of logits", 393.39, 385.94),
    ("fjord, Jiffy, lilliput (illicit)", 208.43, 195.92),
  ])
  func `texts are as wide as the fonts have them`(_ text: String, _ bold: Double, _ plain: Double) {
    for (found, length) in [
      (TextWidth.of(text, size: 15, isBold: true), bold), (TextWidth.of(text, size: 16.5), plain),
    ] {
      // Some pairs of letters are set closer together.
      #expect(found >= length && found <= 1.015 * length, "\(found)")
    }
    // Control: letters that are not bold, a tenth larger, are narrower than the bold ones.
    #expect(TextWidth.of(text, size: 16.5) < bold)
  }

  @Test func `bold titles break before they leave the picture`() {
    let title = "fashion-mnist, linear-probe, JJF55/fiji-int8.ingot: what is taken for what"
    let width = 530.0
    let lines = TextWidth.wrapped(title, size: 15, isBold: true, width: width)
    #expect(lines.joined(separator: " ") == title && lines.count == 2)
    #expect(lines.allSatisfy { TextWidth.of($0, size: 15, isBold: true) <= width })
  }
}
