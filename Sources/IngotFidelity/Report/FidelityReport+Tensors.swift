// SPDX-License-Identifier: Apache-2.0

import IngotFile
import IngotPlot
import IngotTensor

extension FidelityReport {
  /// A tensor's name without `.weight`, which most of them end with.
  static func shortTensor(_ name: String) -> String { name.hasSuffix(".weight") ? String(name.dropLast(7)) : name }

  /// What storing did to tensors: as compared with the source, or as provenance states it.
  func tensorBlocks(_ provenance: Provenance?) -> [HTMLPage.Block] {
    let stated = provenance?.tensors.map { (name: $0.key, error: $0.value.fidelity.relativeError) } ?? []
    let errors = (tensors?.map { (name: $0.name, error: $0.relativeError) } ?? stated).filter { $0.error > 0 }
      .sorted { (-$0.error, $0.name) < (-$1.error, $1.name) }
    var blocks: [HTMLPage.Block] = []
    if !errors.isEmpty {
      let most = min(12, errors.count)
      blocks.append(
        .charts([
          BarChart(
            "Tensors that storing changed most",
            summary:
              "Length of the change over the tensor's own length, \(tensors == nil ? "as the file states it" : "compared with the source"): the \(most) largest of \(Numerals.grouped(errors.count)).",
            axis: Axis("relative error of the stored values", format: .percent),
            errors.prefix(most).map {
              BarChart.Bar(Self.shortTensor($0.name), $0.error, text: Numerals.percent($0.error, 2))
            },
            order: .descending)
        ]))
    }
    guard let tensors, !tensors.isEmpty else { return blocks }
    let rows = tensors.map { tensor in
      [
        HTMLPage.Cell(tensor.name), HTMLPage.Cell("\(tensor.type) of \(tensor.sourceType), \(tensor.encoding)"),
        HTMLPage.Cell(tensor.verdict), .number(Numerals.significant(tensor.relativeError)),
        .number(Numerals.significant(tensor.maximumError)), .number(Numerals.percent(tensor.shareOfBound, 1)),
        tensor.passed ? HTMLPage.Cell("✓ within", .pass) : HTMLPage.Cell("✗ out", .fail),
      ]
    }
    blocks.append(
      .details(
        "Every tensor against its source",
        [
          .table(
            [
              "tensor", "stored as", "what became of it", "relative error", "largest error", "share of its bound",
              "verdict",
            ],
            rows)
        ]))
    return blocks
  }
}
