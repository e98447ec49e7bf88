// SPDX-License-Identifier: Apache-2.0

import IngotStatistics

/// Scores of datasets, by rows, and of models and tasks, by columns.
public struct ResultTable: Sendable, Hashable {
  /// A column.
  public struct Column: Sendable, Hashable {
    /// The model.
    public let model: String
    /// The task.
    public let task: EvaluationTask
  }

  /// The datasets, in the order they first appear.
  public let datasets: [String]
  /// The columns, in the order they first appear.
  public let columns: [Column]
  /// How each dataset is scored.
  public let metrics: [String: String]
  private let cells: [String: [Column: TaskResult]]

  /// Arranges results; of several for one cell the last one counts.
  public init(_ results: [TaskResult]) {
    var datasets: [String] = []
    var columns: [Column] = []
    var metrics: [String: String] = [:]
    var cells: [String: [Column: TaskResult]] = [:]
    for result in results {
      let column = Column(model: result.model, task: result.task)
      if !datasets.contains(result.dataset) { datasets.append(result.dataset) }
      if !columns.contains(column) { columns.append(column) }
      metrics[result.dataset] = result.metric
      cells[result.dataset, default: [:]][column] = result
    }
    self.datasets = datasets
    self.columns = columns
    self.metrics = metrics
    self.cells = cells
  }

  /// The result of a dataset and a column.
  public func result(_ dataset: String, _ column: Column) -> TaskResult? { cells[dataset]?[column] }

  /// A GitHub table: scores in per cent, data efficiency in rows of each class; an average where a column has all datasets.
  public var markdown: String {
    var lines = [
      "| dataset | metric | " + columns.map { Self.cell("\($0.model), \($0.task.rawValue)") }.joined(separator: " | ")
        + " |"
    ]
    lines.append("|---|---|" + String(repeating: "---:|", count: columns.count))
    for dataset in datasets {
      let shown = columns.map { result(dataset, $0).map(Self.shown) ?? "" }
      lines.append("| \(Self.cell(dataset)) | \(metrics[dataset] ?? "") | " + shown.joined(separator: " | ") + " |")
    }
    if datasets.count > 1 {
      let means = columns.map { column in mean(column).map { Self.decimal(100 * $0, 1) } ?? "" }
      lines.append("| mean | | " + means.joined(separator: " | ") + " |")
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// The mean of a column's scores; `nil` unless all datasets have one, and for data efficiency.
  public func mean(_ column: Column) -> Double? {
    let scores = datasets.compactMap { result($0, column)?.score }
    guard scores.count == datasets.count, column.task != .dataEfficiency else { return nil }
    return scores.reduce(0, +) / Double(scores.count)
  }

  /// A number of rows: whole as a rule.
  private static func bound(_ shots: Double) -> String { decimal(shots, shots == shots.rounded() ? 0 : 1) }

  private static func shown(_ result: TaskResult) -> String {
    guard let efficiency = result.dataEfficiency else {
      let interval = result.interval.map { " (\(decimal(100 * $0.lower, 1))–\(decimal(100 * $0.upper, 1)))" } ?? ""
      return decimal(100 * result.score, 2) + interval
    }
    switch efficiency.kind {
    case .fewerThanFirst: return "fewer than \(bound(efficiency.curve[0].shots)) shots"
    case .moreThanLast: return "more than \(bound(efficiency.curve[efficiency.curve.count - 1].shots)) shots"
    case .interpolated, .extrapolated: return efficiency.shots.map { "\(decimal($0, 1)) shots" } ?? ""
    }
  }

  /// Comma-separated values: one line for each result, all numbers in full.
  public var csv: String {
    var lines = ["dataset,metric,model,task,score,lower,upper,rows,shots,lambda"]
    for dataset in datasets {
      for column in columns {
        guard let result = result(dataset, column) else { continue }
        func line(_ score: Double, _ lower: Double?, _ upper: Double?, _ shots: Double?, _ lambda: Double?) -> String {
          [
            Self.quoted(dataset), result.metric, Self.quoted(column.model), column.task.rawValue, "\(score)",
            lower.map { "\($0)" } ?? "", upper.map { "\($0)" } ?? "", "\(result.rows)", shots.map { "\($0)" } ?? "",
            lambda.map { "\($0)" } ?? "",
          ].joined(separator: ",")
        }
        for scores in result.fewShot ?? [] where column.task == .fewShot {
          lines.append(
            line(scores.mean, scores.interval?.lower, scores.interval?.upper, Double(scores.shots), nil))
        }
        guard column.task != .fewShot else { continue }
        lines.append(
          line(
            result.score, result.interval?.lower, result.interval?.upper, result.dataEfficiency?.shots,
            result.probe?.lambda))
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  /// A bar would begin another cell.
  private static func cell(_ text: String) -> String {
    text.split(separator: "|", omittingEmptySubsequences: false).joined(separator: "\\|")
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
  }

  /// A number with some digits after the point.
  static func decimal(_ number: Double, _ digits: Int) -> String {
    guard number.isFinite else { return "\(number)" }
    let factor = powerOf10(Double(digits))
    let scaled = Int((abs(number) * factor).rounded())
    let unit = Int(factor)
    let sign = number < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % unit)
    return "\(sign)\(scaled / unit)." + String(repeating: "0", count: digits - fraction.count) + fraction
  }
}
