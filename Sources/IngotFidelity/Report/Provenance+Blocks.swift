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
        ("step \(index + 1)", HTMLPage.Cell(step.description)))
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
    return [.facts(facts)]
  }
}
