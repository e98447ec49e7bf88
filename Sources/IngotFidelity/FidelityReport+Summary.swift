// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension FidelityReport {
  /// The report for people, verdict first.
  public var summary: [String] {
    func figure(_ value: Double) -> String { value.text(digits: 3) }
    func cosine(_ value: Double) -> String { value.text(decimals: 9) }
    var lines = [
      "\(passed ? "PASS" : "FAIL")  \(model) (\(encoding)) against \(against): \(images) images, \(texts) texts"
    ]
    lines += failures.map { "  ✗ \($0)" }
    if let firstDivergence { lines.append("  first divergence: \(firstDivergence)") }
    if let imageEmbeds {
      lines.append(
        "  image embeddings  max |Δ| \(figure(imageEmbeds.maxAbs)) (allowed \(figure(tolerance.imageEmbedsMaxAbs))), least cosine \(cosine(imageEmbeds.minCosine))"
      )
    }
    if let textEmbeds {
      lines.append(
        "  text embeddings   max |Δ| \(figure(textEmbeds.maxAbs)) (allowed \(figure(tolerance.textEmbedsMaxAbs))), least cosine \(cosine(textEmbeds.minCosine))"
      )
    }
    if let logits {
      lines.append(
        "  logits            max |Δ| \(figure(logits.maxAbs)) (allowed \(figure(tolerance.logitsMaxAbs))), same best text \(figure(100 * logits.top1Agreement)) %, KL \(figure(logits.klMean))"
      )
    }
    if let worst = blocks.max(by: { $0.error / $0.bound < $1.error / $1.bound }) {
      lines.append(
        "  \(blocks.count) blocks alone     nearest to its bound: \(worst.name), \(figure(worst.error)) (allowed \(figure(worst.bound)))"
      )
    }
    lines.append("  tolerance: \(tolerance.derivation)")
    return lines
  }
}
