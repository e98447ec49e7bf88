// SPDX-License-Identifier: Apache-2.0

import IngotPlanning
import IngotPlot

extension PlanningDocument {
  /// The predicted error against the size of the file: plans, uniform encodings, and the plan that was chosen.
  var picture: Plot {
    func candidate(_ point: Point, _ name: String, isNamed: Bool = false) -> Plot.Candidate {
      Plot.Candidate(x: Double(point.bytes), y: point.predicted.logits, name: name, isNamed: isNamed)
    }
    // What has no error but rounding would stretch the axis over many decades.
    let errors = uniform.map(\.predicted.logits)
    let floor = max((errors.min() ?? 0) / 30, (errors.max() ?? 0) * 1e-5)
    let planned = front.filter { $0.predicted.logits >= floor }.map {
      candidate($0, "plan, \(grouped($0.bytes)) bytes")
    }
    let smallest = uniform.min { $0.bytes < $1.bytes }
    let summary =
      "\(planned.count) plans from \(grouped(planned.first.map { Int($0.x) } ?? 0)) to \(grouped(planned.last.map { Int($0.x) } ?? 0)) bytes; the chosen one has \(grouped(bytes)) bytes and a predicted error of \(short(predicted.logits))"
      + (smallest.map { "; the smallest uniform encoding has \(grouped($0.bytes)) and \(short($0.predicted.logits))" }
        ?? "") + "."
    return Plot.pareto(
      "Error against size", summary: summary, x: Axis("file", format: .bytes),
      y: Axis("predicted error of a logit", kind: .logarithmic),
      groups: [
        ("planned", planned),
        (
          "one encoding for all weights",
          uniform.filter { $0.predicted.logits >= floor }.map { candidate($0, $0.encoding ?? "", isNamed: true) }
        ),
      ], chosen: Plot.Candidate(x: Double(bytes), y: predicted.logits, name: "chosen"))
  }
}
