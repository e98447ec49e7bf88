// SPDX-License-Identifier: Apache-2.0

extension BarChart {
  /// A vertical line with its label over the bars, where no other label is.
  struct RuleLabel {
    let rule: Plot.Rule
    /// Where the line is.
    let at: Double
    /// Whether the label stands to the right of the line.
    let isRight: Bool
    /// In which line of labels, from the bars up.
    let line: Int

    private static let gap = 4.0

    /// Places labels: beside the line on the side where there is room, the right one first for the largest value, the left one for the
    /// others; over the labels that would be touched.
    ///
    /// - Parameters:
    ///   - rules: in any order; those outside the scale are left out.
    ///   - left: where the scale begins.
    ///   - width: how wide it is.
    ///   - scale: what is where.
    ///   - limit: how wide the picture is.
    /// - Returns: those that can be seen, by rising value.
    static func placed(
      _ rules: [Plot.Rule], from left: Double, width: Double, _ scale: Scale, limit: Double
    ) -> [RuleLabel] {
      var taken: [(line: Int, low: Double, high: Double)] = []
      let sorted = rules.sorted { $0.value < $1.value }
      return sorted.enumerated().compactMap { index, rule in
        guard let share = scale.share(rule.value), (0...1).contains(share) else { return nil }
        let at = left + share * width
        let length = TextWidth.of(rule.label, size: 11) + gap
        func span(_ isRight: Bool) -> (low: Double, high: Double) {
          isRight ? (at, at + length + gap) : (at - length - gap, at)
        }
        let isLast = index == sorted.count - 1
        let sides = [isLast, !isLast].filter { span($0).low >= 0 && span($0).high <= limit }
        for line in 0...rules.count {
          for isRight in sides.isEmpty ? [isLast] : sides {
            let (low, high) = span(isRight)
            guard !taken.contains(where: { $0.line == line && $0.low < high && low < $0.high }) else { continue }
            taken.append((line, low, high))
            return RuleLabel(rule: rule, at: at, isRight: isRight, line: line)
          }
        }
        return nil
      }
    }

    /// The line and its label.
    func parts(_ frame: Frame) -> [Element] {
      let height = frame.top - 7 - 13 * Double(line)
      return [
        Shapes.line(at, height + 1, at, frame.bottom, rule.hue, rule.stroke, kind: "rule"),
        Shapes.text(
          rule.label, isRight ? at + Self.gap : at - Self.gap, height,
          "s halo f-\(rule.hue.name)" + (isRight ? "" : " e")),
      ]
    }
  }
}
