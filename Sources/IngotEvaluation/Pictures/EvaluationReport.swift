// SPDX-License-Identifier: Apache-2.0

public import IngotPlot
import IngotStatistics

/// Results of tasks as one page.
public struct EvaluationReport: Sendable {
  /// What was scored.
  public var results: [TaskResult]
  /// What models were compared with.
  public var comparisons: [TaskComparison]
  /// Thumbnails of wrong guesses, by dataset and row.
  public var thumbnails: [Place: PixelPicture] = [:]
  /// What made the page, with its version.
  public var tool: String

  /// A test picture.
  public struct Place: Sendable, Hashable {
    /// The dataset's name.
    public var dataset: String
    /// Its row.
    public var row: Int

    /// Names a picture.
    public init(_ dataset: String, row: Int) {
      self.dataset = dataset
      self.row = row
    }
  }

  /// Collects results.
  ///
  /// - Parameters:
  ///   - results: what was scored.
  ///   - comparisons: what models were compared with.
  ///   - tool: what makes the page, with its version.
  public init(_ results: [TaskResult], comparisons: [TaskComparison] = [], tool: String) {
    self.results = results
    self.comparisons = comparisons
    self.tool = tool
  }

  /// The page, verdict first.
  public var page: HTMLPage {
    let models = EvaluationPictures.unique(results.map(\.model) + comparisons.map(\.model))
    let datasets = EvaluationPictures.unique(results.map(\.dataset) + comparisons.map(\.dataset))
    let failed = comparisons.filter { !$0.passed }
    let isJudged = comparisons.contains { $0.budget != nil }
    let scored =
      "\(models.count) model\(models.count == 1 ? "" : "s") on \(datasets.count) dataset\(datasets.count == 1 ? "" : "s")"
    var page = HTMLPage(
      kind: "Ingot evaluation", title: "\(models.joined(separator: ", ")) on \(datasets.joined(separator: ", "))",
      verdict: !isJudged ? .none : failed.isEmpty ? .passed : .failed,
      word: !isJudged ? "SCORES" : failed.isEmpty ? "PASS" : "FAIL",
      sentence: !isJudged
        ? "\(scored); nothing was stated that a score must reach."
        : failed.isEmpty
          ? "\(scored); every difference is within its budget."
          : "\(failed.count) of \(comparisons.count) differences are beyond their budget.",
      footer: "Made by \(tool). The same figures: ingot evaluate … --json")
    page.findings = failed.map {
      "\($0.dataset), \($0.task.rawValue): \($0.model) loses \(Numerals.fixed(-100 * $0.delta, 2)) points to \($0.reference), allowed are \(Numerals.fixed($0.budget ?? 0, 2))"
    }
    page.tiles = tiles
    page.sections = [
      HTMLPage.Section("Scores", results.isEmpty ? [] : [scoreTable]),
      HTMLPage.Section("Against another model", comparisons.isEmpty ? [] : [comparisonTable]),
      HTMLPage.Section("Pictures", pictures),
      HTMLPage.Section("What is taken for what", confusionBlocks),
      HTMLPage.Section("The worst guesses", worst),
    ]
    return page
  }

  /// The figures that must be seen: the first four results, the first comparison.
  private var tiles: [HTMLPage.Tile] {
    var tiles = results.prefix(4).map { result -> HTMLPage.Tile in
      let interval =
        result.interval.map { "\(Numerals.percent($0.lower, 1)) to \(Numerals.percent($0.upper, 1))" } ?? ""
      if let efficiency = result.dataEfficiency {
        return HTMLPage.Tile("\(result.dataset): shots to match zero-shot", Self.shown(efficiency), note: result.model)
      }
      return HTMLPage.Tile(
        "\(result.dataset), \(result.task.rawValue)", Numerals.percent(result.score, 2),
        note: [result.metric, interval].filter { !$0.isEmpty }.joined(separator: ", "))
    }
    for comparison in comparisons.prefix(2) {
      tiles.append(
        HTMLPage.Tile(
          "\(comparison.dataset): same guess as \(comparison.reference)", Numerals.percent(comparison.agreement, 2),
          note: "score \(Self.points(comparison.delta))", isFailure: !comparison.passed))
    }
    return tiles
  }

  private var scoreTable: HTMLPage.Block {
    .table(
      ["dataset", "model", "task", "metric", "score", "95 % interval", "test rows", "the paper"],
      results.map { result in
        let interval =
          result.interval.map { "\(Numerals.percent($0.lower, 1)) to \(Numerals.percent($0.upper, 1))" } ?? ""
        let paper = result.paper?.score.map { score in
          let gap = result.paper?.gap.map { ", others found \($0 < 0 ? "" : "+")\(Numerals.fixed($0, 1))" } ?? ""
          return "\(Numerals.fixed(score, 1)) % (\(result.paper?.model ?? "")\(gap))"
        }
        return [
          HTMLPage.Cell(result.dataset),
          HTMLPage.Cell([result.model, result.encoding.map { "(\($0))" }].compactMap { $0 }.joined(separator: " ")),
          HTMLPage.Cell(result.task.rawValue), HTMLPage.Cell(result.metric),
          .number(result.dataEfficiency.map(Self.shown) ?? Numerals.percent(result.score, 2)), .number(interval),
          .number(Numerals.grouped(result.rows)), HTMLPage.Cell(paper ?? ""),
        ]
      })
  }

  private var comparisonTable: HTMLPage.Block {
    .table(
      [
        "dataset", "task", "model", "against", "same guess", "score", "95 % interval", "right alone", "McNemar p",
        "budget",
      ],
      comparisons.map { comparison in
        let interval = comparison.interval.map { "\(Self.points($0.lower)) to \(Self.points($0.upper))" } ?? ""
        let budget =
          comparison.budget.map {
            HTMLPage.Cell(
              "\(comparison.passed ? "✓" : "✗") \(Numerals.fixed($0, 2)) points", comparison.passed ? .pass : .fail)
          } ?? HTMLPage.Cell("none stated")
        return [
          HTMLPage.Cell(comparison.dataset), HTMLPage.Cell(comparison.task.rawValue), HTMLPage.Cell(comparison.model),
          HTMLPage.Cell(comparison.reference), .number(Numerals.percent(comparison.agreement, 2)),
          .number(Self.points(comparison.delta)),
          .number(interval),
          .number(
            comparison.test.map { "\(Numerals.grouped($0.onlyFirst)) and \(Numerals.grouped($0.onlySecond))" } ?? ""),
          .number(comparison.test.map { Numerals.significant($0.probability) } ?? ""), budget,
        ]
      })
  }

  private var pictures: [HTMLPage.Block] {
    let charts = figures.filter { !$0.name.hasPrefix("confusion-") }.map(\.chart)
    return charts.isEmpty ? [] : [.charts(charts)]
  }

  /// All pictures, each with a name for a file of its own; no two have the same.
  public var figures: [(name: String, chart: any Chart)] {
    let models = EvaluationPictures.unique(results.map(\.model))
    var figures: [(name: String, chart: any Chart)] = []
    for probe in models {
      for zeroShot in models {
        guard let chart = EvaluationPictures.zeroShotAgainstProbe(results, zeroShot: zeroShot, probe: probe) else {
          continue
        }
        figures.append(("zero-shot-against-probe", chart))
      }
    }
    if let chart = EvaluationPictures.fewShot(results) { figures.append(("few-shot", chart)) }
    for model in models {
      if let chart = EvaluationPictures.shotsToMatch(results, model: model) {
        figures.append(("shots-to-match", chart))
      }
    }
    for result in results {
      if let chart = EvaluationPictures.curve(of: result) {
        figures.append(("curve-\(Self.slug(result.dataset))", chart))
      }
    }
    figures += confusions
    var seen: [String: Int] = [:]
    return figures.map { figure in
      seen[figure.name, default: 0] += 1
      let count = seen[figure.name] ?? 1
      return (count == 1 ? figure.name : "\(figure.name)-\(count)", figure.chart)
    }
  }

  private var confusions: [(name: String, chart: any Chart)] {
    results.compactMap { result in
      EvaluationPictures.confusion(result).map {
        ("confusion-\(Self.slug(result.dataset))-\(result.task.rawValue)", $0)
      }
    }
  }

  /// A name that every file system takes.
  private static func slug(_ name: String) -> String {
    String(name.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
  }

  private var confusionBlocks: [HTMLPage.Block] {
    let charts = confusions.map(\.chart)
    guard !charts.isEmpty else { return [] }
    return [.charts(charts)]
      + results.compactMap { result in
        guard let confusion = result.confusion else { return nil }
        let pairs = HeatMap.mistakes(in: confusion, most: 10)
        guard !pairs.isEmpty else { return nil }
        return .details(
          "\(result.dataset), \(result.task.rawValue), \(result.model): the most frequent mistakes",
          [
            .table(
              ["true", "guessed", "how often"],
              pairs.map {
                [
                  HTMLPage.Cell(result.classes[$0.true]), HTMLPage.Cell(result.classes[$0.guess]),
                  .number(Numerals.grouped($0.count)),
                ]
              })
          ])
      }
  }

  private var worst: [HTMLPage.Block] {
    results.flatMap { result -> [HTMLPage.Block] in
      guard !result.worst.isEmpty else { return [] }
      func name(_ label: Int) -> String { result.classes.indices.contains(label) ? result.classes[label] : "\(label)" }
      return [
        .text("\(result.dataset), \(result.task.rawValue), \(result.model): where the wrong class leads by most."),
        .probes(
          result.worst.prefix(Self.worstCount).map {
            HTMLPage.Probe(
              picture: thumbnails[Place(result.dataset, row: $0.row)], name: $0.name,
              lines: [
                "is \(name($0.label))", "taken for \(name($0.guess))", "leads by \(Numerals.significant($0.deficit))",
              ])
          }),
      ]
    }
  }

  private static func shown(_ efficiency: DataEfficiency) -> String {
    switch efficiency.kind {
    case .interpolated, .extrapolated: efficiency.shots.map { "\(Numerals.significant($0)) shots" } ?? ""
    case .fewerThanFirst: "fewer than \(Numerals.significant(efficiency.curve[0].shots))"
    case .moreThanLast: "more than \(Numerals.significant(efficiency.curve[efficiency.curve.count - 1].shots))"
    }
  }

  private static func points(_ delta: Double) -> String {
    "\(delta > 0 ? "+" : "")\(Numerals.fixed(100 * delta, 2)) points"
  }
}
