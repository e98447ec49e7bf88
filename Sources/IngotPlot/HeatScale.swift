// SPDX-License-Identifier: Apache-2.0

/// Colours of a heat map, which people of every kind of colour vision can tell apart.
///
/// Lightness alone orders them: from the page's own colour to a strong one, so that more is always farther from the background. The
/// diverging scale goes to blue on one side and to orange on the other, the pair that all colour-blind people tell apart.
enum HeatScale {
  /// Steps from nothing to the most.
  static let steps = 16
  /// Above this step, text on the cell is in the page's colour.
  static let lastStepUnderInk = 8

  private typealias Stop = (Double, Double, Double)
  // Light: ColorBrewer's Blues and Oranges, darkened at the end; dark: their mirror on the dark page.
  private static let blueOnLight: [Stop] = [(246, 249, 252), (166, 204, 229), (62, 132, 190), (8, 52, 110)]
  private static let blueOnDark: [Stop] = [(28, 34, 41), (26, 78, 125), (73, 152, 214), (207, 232, 252)]
  private static let orangeOnLight: [Stop] = [(246, 249, 252), (250, 199, 148), (222, 112, 30), (122, 50, 4)]
  private static let orangeOnDark: [Stop] = [(28, 34, 41), (122, 62, 16), (224, 130, 52), (255, 228, 200)]

  /// Name, on light, on dark, of each step: `p0`…`p16` and `n1`…`n16`.
  static let colours: [(name: String, light: String, dark: String)] =
    (0...steps).map { ("p\($0)", colour(blueOnLight, $0), colour(blueOnDark, $0)) }
    + (1...steps).map { ("n\($0)", colour(orangeOnLight, $0), colour(orangeOnDark, $0)) }

  /// The class of a cell.
  ///
  /// - Parameter share: −1...1; 0 is nothing.
  /// - Returns: `p0`…`p16` or `n1`…`n16`.
  static func name(of share: Double) -> String {
    let step = self.step(of: share)
    return share < 0 && step > 0 ? "n\(step)" : "p\(step)"
  }

  /// The step of a share of −1...1, 0...`steps`.
  static func step(of share: Double) -> Int {
    guard share.isFinite else { return 0 }
    return Int((min(1, abs(share)) * Double(steps)).rounded(.toNearestOrEven))
  }

  private static func colour(_ stops: [Stop], _ step: Int) -> String {
    let place = Double(step) / Double(steps) * Double(stops.count - 1)
    let index = min(Int(place), stops.count - 2)
    let rest = place - Double(index)
    let (a, b) = (stops[index], stops[index + 1])
    return "#"
      + [a.0 + rest * (b.0 - a.0), a.1 + rest * (b.1 - a.1), a.2 + rest * (b.2 - a.2)]
      .map { value in
        let byte = String(Int(value.rounded()), radix: 16)
        return byte.count < 2 ? "0" + byte : byte
      }.joined()
  }
}
