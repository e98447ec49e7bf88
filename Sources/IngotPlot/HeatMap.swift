// SPDX-License-Identifier: Apache-2.0

/// A table of numbers as colours.
public struct HeatMap: Chart {
  /// What colours stand for.
  public enum Colours: Sendable, Hashable {
    /// From zero (the page's colour) to the largest value.
    case sequential
    /// From the most negative (orange) over zero to the most positive (blue), the same distance on both sides.
    case diverging
    /// As `sequential`, over logarithms: from the smallest positive value to the largest.
    case logarithmic
  }

  /// One line: what is shown.
  public var title: String
  /// For those who cannot see it.
  public var summary: String
  /// Names of rows, from the top.
  public var rows: [String]
  /// Names of columns, from the left.
  public var columns: [String]
  /// `rows.count` times `columns.count` values; nil and what is not finite is left empty.
  public var values: [[Double?]]
  /// What colours stand for.
  public var colours: Colours
  /// What is measured.
  public var label: String
  /// What the rows are.
  public var rowLabel: String
  /// What the columns are.
  public var columnLabel: String

  /// Makes a picture.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - summary: for those who cannot see it.
  ///   - rows: names of rows, from the top.
  ///   - columns: names of columns.
  ///   - values: a list for each row, with a value for each column.
  ///   - colours: what colours stand for.
  ///   - label: what is measured.
  ///   - rowLabel: what the rows are.
  ///   - columnLabel: what the columns are.
  public init(
    _ title: String, summary: String, rows: [String], columns: [String], _ values: [[Double?]],
    colours: Colours = .sequential, label: String, rowLabel: String = "", columnLabel: String = ""
  ) {
    precondition(
      values.count == rows.count && values.allSatisfy { $0.count == columns.count }, "one value for each cell")
    self.title = title
    self.summary = summary
    self.rows = rows
    self.columns = columns
    self.values = values
    self.colours = colours
    self.label = label
    self.rowLabel = rowLabel
    self.columnLabel = columnLabel
  }

  /// Draws everything but the title.
  ///
  /// - Parameter width: in units of about one pixel, at least 240.
  /// - Returns: the parts, and how high they are.
  public func drawing(width: Double) -> Drawing {
    let nameWidth = min(width * 0.3, (rows.map { TextWidth.of($0, size: 11) }.max() ?? 0)) + 8
    let columnCount = Double(max(1, columns.count))
    let widest = columns.map { TextWidth.of($0, size: 11) }.max() ?? 0
    let isTurned = widest > min(56, (width - nameWidth - 2) / columnCount) - 3
    let longest = min(110, widest)
    // A turned name reaches to the right of its column by the half of its length.
    let lean = isTurned ? min(110, TextWidth.of(columns.last ?? "", size: 11)) * 0.5 : 0
    let cellWidth = min(56, (width - nameWidth - 2 - lean * 0.8) / columnCount)
    let cellHeight = min(max(cellWidth, 14), 26)
    let head = isTurned ? longest * 0.87 + 14 : 18
    let top = (columnLabel.isEmpty ? 0 : 18) + head
    var parts: [Element] = []
    if !columnLabel.isEmpty { parts.append(Shapes.text(columnLabel, nameWidth, 11, "t f-muted")) }
    if !rowLabel.isEmpty { parts.append(Shapes.text(rowLabel, nameWidth - 8, top - 5, "t f-muted e")) }

    // Names that would lie on each other are left out.
    let everyColumn = max(1, Int((13 / cellWidth).rounded(.up)))
    for (index, name) in columns.enumerated() where index.isMultiple(of: everyColumn) {
      let x = nameWidth + (Double(index) + 0.5) * cellWidth
      let text = TextWidth.fit(name, size: 11, in: isTurned ? 110 : cellWidth)
      parts.append(
        isTurned
          ? Shapes.text(text, x + 3, top - 5, "s f-muted").with(
            "transform", "rotate(-60 \((x + 3).length) \((top - 5).length))")
          : Shapes.text(text, x, top - 5, "s f-muted m"))
    }
    let scale = ColourScale(colours, values.flatMap { $0.compactMap { $0 } })
    for (index, name) in rows.enumerated() {
      let y = top + Double(index) * cellHeight
      parts.append(
        Shapes.text(
          TextWidth.fit(name, size: 11, in: nameWidth - 8), nameWidth - 8, y + cellHeight / 2 + 4, "s f-ink e"))
      parts += cells(index, y: y, nameWidth, cellWidth, cellHeight, scale)
    }
    let bottom = top + Double(rows.count) * cellHeight
    parts += scale.key(label, width: min(240, width - nameWidth), x: nameWidth, y: bottom + 14)
    return Drawing(height: bottom + 60, parts: parts)
  }

  private func cells(
    _ row: Int, y: Double, _ left: Double, _ width: Double, _ height: Double, _ scale: ColourScale
  ) -> [Element] {
    var parts: [Element] = []
    let gap = width > 8 ? 1.0 : 0
    for (column, value) in values[row].enumerated() {
      let x = left + Double(column) * width
      guard let value, value.isFinite else { continue }
      let share = scale.share(value)
      let cell = Element(
        "rect",
        [
          "class": "f-\(HeatScale.name(of: share))", "x": x.length, "y": y.length, "width": (width - gap).length,
          "height": (height - gap).length,
        ])
      parts.append(Shapes.noted(cell, "\(rows[row]), \(columns[column]): \(Numerals.significant(value))"))
      let isWhole = value == value.rounded() && abs(value) < 1e6
      let text = isWhole ? Numerals.fixed(value, 0) : Numerals.significant(value, 2)
      if value != 0, TextWidth.of(text, size: 11) <= width - 3 {
        let ink = HeatScale.step(of: share) > HeatScale.lastStepUnderInk ? "paper" : "f-ink"
        parts.append(Shapes.text(text, x + (width - gap) / 2, y + height / 2 + 3.5, "s m \(ink)"))
      }
    }
    return parts
  }
}
