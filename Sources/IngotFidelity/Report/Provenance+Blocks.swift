// SPDX-License-Identifier: Apache-2.0

import IngotFile
import IngotPlot
import IngotTensor

extension Provenance {
  /// Where the tensors came from and what was done to them.
  func blocks(_ evidence: FidelityEvidence) -> [HTMLPage.Block] {
    var facts: [(name: String, value: HTMLPage.Cell)] = [
      ("source", HTMLPage.Cell("\(source.container), family \(source.family), \(Numerals.bytes(source.size))")),
      ("SHA-256 of the source", HTMLPage.Cell(source.sha256, .code)),
    ]
    for (index, step) in steps.enumerated() {
      facts.append(
        ("step \(index + 1)", HTMLPage.Cell("\(step.command) to \(step.encoding), by \(step.tool)")))
    }
    if let rootDigest = evidence.rootDigest { facts.append(("root digest", HTMLPage.Cell(rootDigest, .code))) }
    let verdicts = tensors.values.reduce(into: [String: Int]()) { $0[$1.fidelity.verdict.rawValue, default: 0] += 1 }
    facts.append(
      (
        "tensors",
        HTMLPage.Cell(
          verdicts.sorted { $0.key < $1.key }.map { "\(Numerals.grouped($0.value)) \($0.key)" }.joined(separator: ", "))
      ))
    if !ignored.isEmpty { facts.append(("left out", HTMLPage.Cell(ignored.joined(separator: "; ")))) }
    var blocks: [HTMLPage.Block] = [.facts(facts)]
    let lossy = tensors.filter { $0.value.fidelity.relativeError > 0 }
      .sorted { (-$0.value.fidelity.relativeError, $0.key) < (-$1.value.fidelity.relativeError, $1.key) }
    if !lossy.isEmpty {
      blocks.append(
        .charts([
          BarChart(
            "Tensors that storing changed most",
            summary:
              "Length of the change over the tensor's own length: the \(min(12, lossy.count)) largest of \(Numerals.grouped(lossy.count)).",
            axis: Axis("relative error of the stored values", format: .percent),
            lossy.prefix(12).map {
              BarChart.Bar(
                $0.key, $0.value.fidelity.relativeError, text: Numerals.percent($0.value.fidelity.relativeError, 2))
            }, order: .descending)
        ]))
    }
    return blocks
  }
}
