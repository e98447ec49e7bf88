// SPDX-License-Identifier: Apache-2.0

extension HeatMap {
  /// What was taken for what.
  ///
  /// - Parameters:
  ///   - title: one line: what is shown.
  ///   - classes: their names.
  ///   - counts: for each true class, how often each class was guessed.
  ///   - most: how many classes are shown; of more than that, those that take part in the most mistakes.
  /// - Returns: a picture.
  public static func confusion(_ title: String, classes: [String], _ counts: [[Int]], most: Int = 30) -> HeatMap {
    precondition(
      counts.count == classes.count && counts.allSatisfy { $0.count == classes.count }, "a row for each class")
    let total = counts.joined().reduce(0, +)
    let right = counts.indices.reduce(0) { $0 + counts[$1][$1] }
    var shown = Array(classes.indices)
    var summary =
      "Rows are true classes, columns are guesses; on the diagonal the guess is right: \(Numerals.grouped(right)) of \(Numerals.grouped(total))."
    if shown.count > most {
      let mistakes = classes.indices.map { index in
        counts[index].reduce(0, +) + counts.reduce(0) { $0 + $1[index] } - 2 * counts[index][index]
      }
      shown = Array(shown.sorted { (-mistakes[$0], $0) < (-mistakes[$1], $1) }.prefix(most)).sorted()
      summary += " The \(most) of \(classes.count) classes with the most mistakes are shown."
    }
    return HeatMap(
      title, summary: summary, rows: shown.map { classes[$0] }, columns: shown.map { classes[$0] },
      shown.map { row in shown.map { Double(counts[row][$0]) } }, colours: .logarithmic, label: "how often",
      rowLabel: "true",
      columnLabel: "guessed")
  }

  /// The pairs of classes that are mistaken most often.
  ///
  /// - Parameters:
  ///   - counts: for each true class, how often each class was guessed.
  ///   - most: at most so many.
  /// - Returns: the true class, the guess, and how often; the most frequent first, then by the classes' order.
  public static func mistakes(in counts: [[Int]], most: Int) -> [(true: Int, guess: Int, count: Int)] {
    var pairs: [(true: Int, guess: Int, count: Int)] = []
    for (row, values) in counts.enumerated() {
      for (column, count) in values.enumerated() where row != column && count > 0 { pairs.append((row, column, count)) }
    }
    return Array(pairs.sorted { (-$0.count, $0.true, $0.guess) < (-$1.count, $1.true, $1.guess) }.prefix(most))
  }
}
