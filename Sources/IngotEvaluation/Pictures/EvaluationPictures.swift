// SPDX-License-Identifier: Apache-2.0

public import IngotPlot
import IngotStatistics

/// The paper's figures, drawn of a person's own results.
public enum EvaluationPictures {
  /// Figure 5: zero-shot of one model minus a linear probe on features of another, or of the same one, by dataset.
  ///
  /// - Parameters:
  ///   - results: of any tasks.
  ///   - zeroShot: whose zero-shot scores.
  ///   - probe: whose linear probes.
  /// - Returns: a picture; nil where no dataset has both.
  public static func zeroShotAgainstProbe(
    _ results: [TaskResult], zeroShot: String, probe: String
  ) -> BarChart? {
    let table = ResultTable(results)
    let differences = table.datasets.compactMap { dataset -> BarChart.Difference? in
      guard let first = table.result(dataset, ResultTable.Column(model: zeroShot, task: .zeroShot)),
        let second = table.result(dataset, ResultTable.Column(model: probe, task: .linearProbe))
      else { return nil }
      let points = 100 * (first.score - second.score)
      return BarChart.Difference(dataset, points: points, interval: interval(first, minus: second))
    }
    guard !differences.isEmpty else { return nil }
    return .differences(
      "Zero-shot against a linear probe", of: "zero-shot \(zeroShot)", minus: "probe on \(probe)", differences)
  }

  /// Where the difference of two scores lies, in points: half widths of independent figures add as squares do.
  private static func interval(_ first: TaskResult, minus second: TaskResult) -> Plot.Interval? {
    guard let a = first.interval, let b = second.interval else { return nil }
    let delta = first.score - second.score
    let down = hypotenuse(first.score - a.lower, b.upper - second.score)
    let up = hypotenuse(a.upper - first.score, second.score - b.lower)
    return Plot.Interval(100 * (delta - down), 100 * (delta + up))
  }

  private static func hypotenuse(_ a: Double, _ b: Double) -> Double { (a * a + b * b).squareRoot() }

  /// Figure 6: mean scores of few-shot probes over the datasets that all of them have, with a star for zero-shot.
  ///
  /// - Parameter results: of any tasks.
  /// - Returns: a picture; nil where there are no few-shot probes, or no dataset that all models have.
  public static func fewShot(_ results: [TaskResult]) -> Plot? {
    let probes = results.filter { $0.task == .fewShot && $0.fewShot != nil }
    let models = unique(probes.map(\.model))
    let datasets = unique(probes.map(\.dataset)).filter { dataset in
      models.allSatisfy { model in probes.contains { $0.model == model && $0.dataset == dataset } }
    }
    guard !datasets.isEmpty else { return nil }
    let curves = models.map { model in
      let own = datasets.compactMap { dataset in probes.last { $0.model == model && $0.dataset == dataset }?.fewShot }
      let shots = own.first?.map(\.shots).filter { shot in own.allSatisfy { $0.contains { $0.shots == shot } } } ?? []
      let points = shots.map { shot in
        mean(
          own.compactMap { scores in scores.first { $0.shots == shot } }.map {
            ($0.mean, $0.interval.map { ($0.lower, $0.upper) })
          }, at: Double(shot))
      }
      return (name: "probe on \(model)", points: points)
    }
    let zeroShot = results.filter { $0.task == .zeroShot }
    let stars = unique(zeroShot.map(\.model)).compactMap { model -> Plot.Star? in
      let own = datasets.compactMap { dataset in zeroShot.last { $0.model == model && $0.dataset == dataset } }
      guard own.count == datasets.count else { return nil }
      let point = mean(own.map { ($0.score, $0.interval.map { ($0.lower, $0.upper) }) }, at: 0)
      return Plot.Star("zero-shot \(model)", point.y, interval: point.interval)
    }
    let over = datasets.count == 1 ? "on \(datasets[0])" : "over \(datasets.count) datasets"
    return .examples(
      "Few-shot linear probes against zero-shot",
      summary:
        "Mean score \(over), against the number of labelled examples of each class; bands are 95 % intervals over draws.",
      score: Axis("mean score", format: .percent), curves: curves, stars: stars)
  }

  /// The mean of independent scores, with the interval of the mean where each has one.
  private static func mean(_ scores: [(score: Double, interval: (lower: Double, upper: Double)?)], at x: Double)
    -> Plot.Point
  {
    let count = Double(scores.count)
    let mean = scores.reduce(0) { $0 + $1.score } / count
    var (down, up) = (0.0, 0.0)
    for one in scores {
      guard let interval = one.interval else { return Plot.Point(x, mean) }
      down += (one.score - interval.lower) * (one.score - interval.lower)
      up += (interval.upper - one.score) * (interval.upper - one.score)
    }
    return Plot.Point(
      x, mean,
      interval: Plot.Interval(max(0, mean - down.squareRoot() / count), min(1, mean + up.squareRoot() / count)),
      note: "\(Numerals.percent(mean)) with \(Numerals.significant(x)) examples of each class")
  }

  /// Figure 7: labelled examples per class to match zero-shot, by dataset.
  ///
  /// - Parameters:
  ///   - results: of any tasks.
  ///   - model: whose features.
  /// - Returns: a picture; nil where the model has no such result.
  public static func shotsToMatch(_ results: [TaskResult], model: String) -> BarChart? {
    let own = results.filter { $0.task == .dataEfficiency && $0.model == model }
    let amounts = unique(own.map(\.dataset)).compactMap { dataset -> BarChart.Amount? in
      guard let efficiency = own.last(where: { $0.dataset == dataset })?.dataEfficiency else { return nil }
      switch efficiency.kind {
      case .interpolated, .extrapolated: return efficiency.shots.map { BarChart.Amount(dataset, $0) }
      case .fewerThanFirst: return BarChart.Amount(dataset, efficiency.curve[0].shots, .fewerThan)
      case .moreThanLast: return efficiency.curve.last.map { BarChart.Amount(dataset, $0.shots, .moreThan) }
      }
    }
    guard !amounts.isEmpty else { return nil }
    return .amounts(
      "Labelled examples of each class to match zero-shot", axis: Axis("examples of each class, \(model)"), amounts)
  }

  /// How scores on the way to zero-shot rise: the curve of one dataset, and where it reaches the zero-shot score.
  ///
  /// - Parameter result: of data efficiency.
  /// - Returns: a picture; nil for other tasks.
  public static func curve(of result: TaskResult) -> Plot? {
    guard let efficiency = result.dataEfficiency else { return nil }
    var plot = Plot.examples(
      "\(result.dataset): the way to zero-shot",
      summary: efficiency.shots.map {
        "The curve reaches the zero-shot score at \(Numerals.significant($0)) examples of each class."
      }
        ?? "The curve does not tell where it reaches the zero-shot score.",
      score: Axis("score", format: .percent),
      curves: [("probe on \(result.model)", efficiency.curve.map { Plot.Point($0.shots, $0.score) })],
      stars: [Plot.Star("zero-shot", efficiency.zeroShot)])
    if let shots = efficiency.shots {
      plot.rules.append(Plot.Rule(.x, at: shots, Numerals.significant(shots), hue: .ink, stroke: .dotted))
    }
    return plot
  }

  /// What was taken for what.
  ///
  /// - Parameter result: of any task with a matrix.
  /// - Returns: a picture; nil where there is none.
  public static func confusion(_ result: TaskResult) -> HeatMap? {
    guard let confusion = result.confusion, confusion.count == result.classes.count, !confusion.isEmpty else {
      return nil
    }
    return .confusion(
      "\(result.dataset), \(result.task.rawValue), \(result.model): what is taken for what", classes: result.classes,
      confusion)
  }

  /// In the order they first appear.
  static func unique(_ names: [String]) -> [String] {
    var seen: Set<String> = []
    return names.filter { seen.insert($0).inserted }
  }
}
