// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotStatistics

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
    lines += statistics
    lines.append("  tolerance: \(tolerance.derivation)")
    return lines
  }

  /// Rates, means and the guarantee, each with its interval, for people.
  public var statistics: [String] {
    func figure(_ value: Double) -> String { value.text(digits: 3) }
    func rate(_ rate: Rate) -> String {
      "\(rate.successes) of \(rate.trials) (95 %: \((100 * rate.interval.lower).text(decimals: 1)) to \((100 * rate.interval.upper).text(decimals: 1)) %)"
    }
    func mean(_ mean: Mean) -> String {
      "\(figure(mean.mean)) (95 %: \(figure(mean.interval.lower)) to \(figure(mean.interval.upper)))"
    }
    var lines: [String] = []
    if let tensors {
      let verdicts = Dictionary(grouping: tensors, by: \.verdict).mapValues(\.count).sorted { $0.key < $1.key }
      let nearest = tensors.max { $0.shareOfBound < $1.shareOfBound }
      lines.append(
        "  \(tensors.count) tensors        \(verdicts.map { "\($0.value) \($0.key)" }.joined(separator: ", "))"
          + (nearest.map {
            $0.shareOfBound > 0 ? "; nearest to its bound: \($0.name), \(figure(100 * $0.shareOfBound)) %" : ""
          } ?? ""))
    }
    if let agreement {
      lines.append(
        "  same best text    \(rate(agreement.top1))"
          + (agreement.top5.map { "; among the five best \(rate($0))" } ?? ""))
    }
    if let ranks = retrieval?.textsForImage {
      lines.append("  ranks of texts    Spearman \(mean(ranks.spearman)), Kendall \(mean(ranks.kendall))")
    }
    if let ranks = retrieval?.imagesForText {
      lines.append("  ranks of images   Spearman \(mean(ranks.spearman)), Kendall \(mean(ranks.kendall))")
    }
    if let divergences {
      lines.append(
        "  KL, in nats       from the reference \(mean(divergences.fromReference)), to it \(mean(divergences.toReference))"
      )
    }
    if let calibration {
      lines.append(
        "  calibration error \(figure(calibration.reference)) became \(figure(calibration.model)), change \(figure(calibration.change)) "
          + "(95 %: \(figure(calibration.interval.lower)) to \(figure(calibration.interval.upper)))")
    }
    if let flipGuarantee {
      lines.append(
        "  cannot flip       \(rate(flipGuarantee.probes)) on these texts; with any prompts whose margin is over \(figure(flipGuarantee.requiredMargin)) in cosine, "
          + "as that of \(rate(flipGuarantee.anyPrompts)) here")
    }
    return lines
  }
}
