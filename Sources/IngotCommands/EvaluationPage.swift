// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotConversion
import IngotEvaluation
import IngotPlot
import IngotStatistics

/// The page of `evaluate --report`, and the pictures on it: those of the paper, of a person's own models and data.
struct EvaluationPage {
  let results: [TaskResult]
  let comparisons: [TaskComparison]
  /// A thumbnail of a test picture.
  let picture: (String, Int) -> PixelPicture?

  /// All of it.
  var page: HTMLPage {
    let lost = comparisons.filter { !$0.passed }
    let judged = comparisons.contains { $0.budget != nil }
    var page = HTMLPage(
      kind: "Evaluation", title: models.joined(separator: ", "),
      verdict: judged ? (lost.isEmpty ? .passed : .failed) : .none,
      word: judged ? (lost.isEmpty ? "Within the budget" : "Beyond the budget") : "Measured",
      sentence: "\(tasks.joined(separator: ", ")) on \(datasets.joined(separator: ", ")).",
      footer: Converter.toolVersion)
    page.findings = lost.map {
      "\($0.dataset), \($0.task.rawValue): \(points(-$0.delta)) points lost, \(short($0.budget ?? 0)) are allowed."
    }
    page.tiles = results.prefix(8).map { result in
      HTMLPage.Tile(
        "\(result.dataset), \(result.task.rawValue), \(result.model)", shown(result),
        note: result.task == .dataEfficiency
          ? "rows of each class match zero-shot"
          : result.interval.map { "\(percent($0.lower)) to \(percent($0.upper))" } ?? "")
    }
    page.sections.append(scores)
    if !charts.isEmpty { page.sections.append(HTMLPage.Section("Pictures", [.wideCharts(charts)])) }
    if !comparisons.isEmpty { page.sections.append(against) }
    for result in results where result.confusion != nil { page.sections.append(details(result)) }
    return page
  }

  /// The pictures of the paper that the results allow: bars of zero-shot minus probe, scores against shots, shots to match.
  var charts: [any Chart] {
    var charts: [any Chart] = []
    for model in models {
      let bars = datasets.compactMap { dataset -> BarChart.Difference? in
        guard let first = result(model, dataset, .zeroShot), let second = result(model, dataset, .linearProbe) else {
          return nil
        }
        return BarChart.Difference(dataset, points: 100 * (first.score - second.score))
      }
      if !bars.isEmpty {
        charts.append(
          BarChart.differences(
            "Zero-shot against a linear probe: \(model)", of: "zero-shot", minus: "the linear probe", bars))
      }
    }
    if let plot = shots { charts.append(plot) }
    for model in models {
      let amounts = datasets.compactMap { result(model, $0, .dataEfficiency)?.amount }
      if !amounts.isEmpty {
        charts.append(
          BarChart.amounts(
            "Labelled examples that a probe needs to match zero-shot: \(model)",
            axis: Axis("labelled examples of each class", kind: .logarithmic), amounts))
      }
    }
    return charts
  }

  /// Mean scores over the datasets against shots, a curve for each model, with its zero-shot score as a star.
  private var shots: Plot? {
    var curves: [(name: String, points: [Plot.Point])] = []
    var stars: [Plot.Star] = []
    for model in models {
      let runs = datasets.compactMap { result(model, $0, .fewShot)?.fewShot }
      guard let first = runs.first else { continue }
      let points = first.indices.compactMap { place -> Plot.Point? in
        let scores = runs.compactMap { $0.indices.contains(place) ? $0[place] : nil }
        guard scores.count == runs.count else { return nil }
        let mean = 100 * scores.map(\.mean).reduce(0, +) / Double(scores.count)
        let interval = scores.count == 1 ? scores[0].interval : nil
        return Plot.Point(
          Double(first[place].shots), mean, interval: interval.map { Plot.Interval(100 * $0.lower, 100 * $0.upper) })
      }
      curves.append((name: "linear probe, \(model)", points: points))
      let zeroShot = datasets.compactMap { result(model, $0, .zeroShot) ?? nil }.map(\.score)
      if !zeroShot.isEmpty {
        stars.append(Plot.Star("zero-shot, \(model)", 100 * zeroShot.reduce(0, +) / Double(zeroShot.count)))
      }
    }
    guard !curves.isEmpty else { return nil }
    return Plot.examples(
      "Score against labelled examples",
      summary:
        "The mean over \(datasets.count == 1 ? datasets[0] : "\(datasets.count) datasets"); bands hold the mean over draws.",
      score: Axis("score in per cent"), curves: curves, stars: stars)
  }

  private var scores: HTMLPage.Section {
    HTMLPage.Section(
      "Scores",
      [
        .table(
          ["dataset", "model", "task", "metric", "score", "95 % interval", "rows", "the paper"],
          results.map { result in
            [
              .init(result.dataset), .init(result.model), .init(result.task.rawValue), .init(result.metric),
              .number(shown(result)),
              .number(result.interval.map { "\(percent($0.lower)) to \(percent($0.upper))" } ?? ""),
              .number(grouped(result.rows)),
              .init(
                result.paper.flatMap { paper in
                  paper.score.map {
                    "\(paper.model): \($0)" + (paper.gap.map { gap in String(format: " (again: %+.1f)", gap) } ?? "")
                  }
                } ?? ""),
            ]
          })
      ])
  }

  private var against: HTMLPage.Section {
    HTMLPage.Section(
      "One model against another",
      [
        .table(
          [
            "dataset", "task", "model", "reference", "same guess", "points", "95 % interval", "right alone",
            "McNemar's p",
          ],
          comparisons.map { comparison in
            [
              .init(comparison.dataset), .init(comparison.task.rawValue), .init(comparison.model),
              .init(comparison.reference), .number("\(percent(comparison.agreement)) %"),
              .init(points(comparison.delta), comparison.budget == nil ? .number : comparison.passed ? .pass : .fail),
              .number(comparison.interval.map { "\(points($0.lower)) to \(points($0.upper))" } ?? ""),
              .number(comparison.test.map { "\($0.onlyFirst) and \($0.onlySecond)" } ?? ""),
              .number(comparison.test.map { short($0.probability) } ?? ""),
            ]
          })
      ])
  }

  private func details(_ result: TaskResult) -> HTMLPage.Section {
    var blocks: [HTMLPage.Block] = []
    if let confusion = result.confusion {
      blocks.append(
        .charts([HeatMap.confusion("What was taken for what", classes: result.classes, confusion)]))
    }
    if !result.worst.isEmpty {
      blocks.append(.text("The wrong guesses whose score is farthest above that of the own class:"))
      blocks.append(
        .probes(
          result.worst.map { guess in
            HTMLPage.Probe(
              picture: picture(result.dataset, guess.row), name: guess.name,
              lines: [
                "is \(result.classes[guess.label])", "taken for \(result.classes[guess.guess])",
                "by \(short(guess.deficit))",
              ])
          }))
    }
    return HTMLPage.Section("\(result.dataset), \(result.task.rawValue), \(result.model)", blocks)
  }

  private var models: [String] { unique(results.map(\.model)) }
  private var datasets: [String] { unique(results.map(\.dataset)) }
  private var tasks: [String] { unique(results.map(\.task.rawValue)) }

  private func unique(_ names: [String]) -> [String] {
    names.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }

  private func result(_ model: String, _ dataset: String, _ task: EvaluationTask) -> TaskResult? {
    results.last { $0.model == model && $0.dataset == dataset && $0.task == task }
  }

  private func shown(_ result: TaskResult) -> String {
    guard let amount = result.amount else { return "\(percent(result.score)) %" }
    switch amount.kind {
    case .exact: return short(amount.value)
    case .fewerThan: return "fewer than \(short(amount.value))"
    case .moreThan: return "more than \(short(amount.value))"
    }
  }

  private func percent(_ share: Double) -> String { String(format: "%.2f", 100 * share) }
  private func points(_ share: Double) -> String { String(format: "%+.2f", 100 * share) }
}

extension TaskResult {
  /// The number of shots to match zero-shot, or the bound that is known.
  fileprivate var amount: BarChart.Amount? {
    guard let efficiency = dataEfficiency, let first = efficiency.curve.first, let last = efficiency.curve.last else {
      return nil
    }
    switch efficiency.kind {
    case .fewerThanFirst: return BarChart.Amount(dataset, first.shots, .fewerThan)
    case .moreThanLast: return BarChart.Amount(dataset, last.shots, .moreThan)
    case .interpolated, .extrapolated: return BarChart.Amount(dataset, efficiency.shots ?? .nan)
    }
  }
}
