// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import IngotPlot

@Suite struct RuleLabelTests {
  private static let width = 480.0

  /// Labels of lines at values on a scale from 0 to 100, where a picture has its bars from 100 to 440.
  private func placed(_ values: [Double]) -> [BarChart.RuleLabel] {
    BarChart.RuleLabel.placed(
      values.map { Plot.Rule(.x, at: $0, "label at \(Int($0))") }, from: 100, width: 340,
      Scale(Axis("", bounds: 0...100, ticks: []), [], count: 3), limit: Self.width)
  }

  private func span(_ label: BarChart.RuleLabel) -> ClosedRange<Double> {
    let length = TextWidth.of(label.rule.label, size: 11)
    return label.isRight ? label.at + 4...label.at + 4 + length : label.at - 4 - length...label.at - 4
  }

  @Test(arguments: [[5.0, 60], [90, 99], [97, 98], [1, 2], [50, 51], [50, 50], [98, 99, 100], [0, 1, 2, 3]])
  func `no label is on another, and none leaves the picture`(_ values: [Double]) {
    let labels = placed(values)
    #expect(labels.count == values.count)
    for (index, label) in labels.enumerated() {
      #expect(span(label).lowerBound >= 0 && span(label).upperBound <= Self.width)
      for other in labels[..<index] where other.line == label.line {
        #expect(!span(other).overlaps(span(label)), "\(values)")
      }
    }
  }

  @Test func `labels that have room share one line, and the largest stands to the right`() {
    let labels = placed([40, 60])
    #expect(labels.map(\.line) == [0, 0] && labels.map(\.isRight) == [false, true])
    // What is outside the scale is not drawn.
    #expect(placed([40, 160]).count == 1)
  }
}
