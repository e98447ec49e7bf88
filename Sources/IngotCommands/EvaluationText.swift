// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotEvaluation
import IngotStatistics

/// What `evaluate` prints for people.
enum EvaluationText {
  /// Unreadable pictures that are named.
  private static let mostNamed = 20

  /// All lines.
  static func lines(_ results: [TaskResult], _ comparisons: [TaskComparison]) -> [String] {
    var lines: [String] = []
    for result in results { lines += describe(result) }
    for comparison in comparisons { lines += describe(comparison) }
    return lines
  }

  private static func percent(_ share: Double, _ digits: Int = 2) -> String {
    (100 * share).text(decimals: digits)
  }

  private static func signed(_ value: Double, _ digits: Int) -> String {
    (value.sign == .minus ? "" : "+") + value.text(decimals: digits)
  }

  private static func describe(_ result: TaskResult) -> [String] {
    var lines: [String] = []
    let interval =
      result.interval.map { ", \(percent($0.lower)) to \(percent($0.upper)) (\($0.method.rawValue))" } ?? ""
    let features =
      "\(result.features.layer?.rawValue ?? "given") features of \(result.features.width) numbers"
      + (result.features.isNormalized ? ", unit length" : "")
    if result.task != .dataEfficiency {
      lines.append(
        "\(result.dataset), \(result.task.rawValue), \(result.model): \(percent(result.score)) % \(result.metric)\(interval), \(grouped(result.rows)) test rows; \(features)"
      )
    }
    if let partitions = result.partitions {
      lines.append("  mean over partitions: " + partitions.map { percent($0) }.joined(separator: ", "))
    }
    if let zeroShot = result.zeroShot {
      lines.append("  \(zeroShot.texts) texts of \(zeroShot.templates.count) templates, embeddings averaged")
      if zeroShot.ties > 0 {
        lines.append(
          "  \(zeroShot.ties) \(zeroShot.ties == 1 ? "row" : "rows") whose highest score two classes share to the bit")
      }
      for group in zeroShot.identicalClasses {
        let names = group.map { "\($0) \(result.classes[$0])" }.joined(separator: ", ")
        lines.append("  classes with the same texts, which cannot be told apart: \(names)")
      }
    }
    if let probe = result.probe {
      let choice =
        probe.trials.isEmpty ? "given" : "the best of \(probe.trials.count) on \(probe.validation)"
      lines.append(
        "  λ \(short(probe.lambda)) (C \(short(probe.c))), \(choice); \(probe.iterations) iterations"
          + (probe.hasConverged ? "" : ", stopped at the limit"))
    }
    for shots in result.fewShot ?? [] where result.task == .fewShot {
      let interval = shots.interval.map { " (\(percent($0.lower)) to \(percent($0.upper)))" } ?? ""
      lines.append("  \(shots.shots) shots: \(percent(shots.mean)) %\(interval), \(shots.scores.count) draws")
    }
    if let efficiency = result.dataEfficiency {
      let matched =
        switch efficiency.kind {
        case .fewerThanFirst: "fewer than \(short(efficiency.curve[0].shots))"
        case .moreThanLast: "more than \(short(efficiency.curve[efficiency.curve.count - 1].shots))"
        case .interpolated, .extrapolated: short(efficiency.shots ?? .nan)
        }
      lines.append(
        "\(result.dataset), data-efficiency, \(result.model): zero-shot \(percent(efficiency.zeroShot)) % is matched by \(matched) rows of each class (\(efficiency.kind.rawValue))"
      )
    }
    if result.unreadable > 0 {
      let (pictures, were) = result.unreadable == 1 ? ("picture", "was") : ("pictures", "were")
      lines.append("  \(result.unreadable) \(pictures) could not be read and \(were) left out")
      let named = (result.unreadablePictures ?? []).prefix(mostNamed)
      lines += named.map { "    \($0.name): \($0.reason)" }
      if result.unreadable > named.count { lines.append("    … and \(result.unreadable - named.count) more (--json)") }
    }
    if let paper = result.paper, let score = paper.score {
      let gap = paper.gap.map { "; the same weights evaluated again: \(signed($0, 1))" } ?? ""
      let remark = paper.remark.map { " (\($0))" } ?? ""
      lines.append("  the paper's \(paper.model): \(score.text(decimals: 1)) %\(gap)\(remark)")
    }
    return lines
  }

  private static func describe(_ comparison: TaskComparison) -> [String] {
    let interval =
      comparison.interval.map {
        ", \(signed(100 * $0.lower, 2)) to \(signed(100 * $0.upper, 2))"
      } ?? ""
    var lines = [
      "\(comparison.dataset), \(comparison.task.rawValue): \(comparison.model) against \(comparison.reference)",
      "  same guess for \(grouped(comparison.agreeing)) of \(grouped(comparison.rows)) rows (\(percent(comparison.agreement, 3)) %)",
      "  \(signed(100 * comparison.delta, 3)) points\(interval)",
    ]
    if let test = comparison.test {
      lines.append(
        "  right alone: \(test.onlyFirst) and \(test.onlySecond) rows, p = \(short(test.probability)) (McNemar's exact test)"
      )
    }
    if let budget = comparison.budget {
      lines.append("  \(comparison.passed ? "within" : "beyond") the budget of \(short(budget)) points")
    }
    return lines
  }
}
