// SPDX-License-Identifier: Apache-2.0

import IngotPlot
import IngotStatistics

extension FidelityReport {
  /// Every figure with its interval and what is allowed.
  var figureTable: HTMLPage.Block {
    var rows: [[HTMLPage.Cell]] = []
    func plain(_ value: Double) -> String { Numerals.significant(value) }
    func judged(_ name: String, _ found: Double, _ allowed: Double) {
      rows.append([
        HTMLPage.Cell(name), .number(plain(found)), .number(""), .number(plain(allowed)),
        .number(allowed > 0 ? Numerals.percent(found / allowed, 1) : ""),
        // Written so that NaN fails.
        found <= allowed ? HTMLPage.Cell("✓ within", .pass) : HTMLPage.Cell("✗ out", .fail),
      ])
    }
    func figure(_ name: String, _ found: String, _ interval: String = "") {
      rows.append([
        HTMLPage.Cell(name), .number(found), .number(interval), .number(""), .number(""), HTMLPage.Cell(""),
      ])
    }
    func rate(_ name: String, _ rate: Rate?) {
      guard let rate else { return }
      figure(
        name,
        "\(Numerals.percent(rate.rate, 1)) (\(Numerals.grouped(rate.successes)) of \(Numerals.grouped(rate.trials)))",
        "\(Numerals.fixed(100 * rate.interval.lower, 1)) to \(Numerals.fixed(100 * rate.interval.upper, 1)) %")
    }
    func mean(_ name: String, _ mean: Mean?, _ places: Int? = nil) {
      guard let mean else { return }
      func shown(_ value: Double) -> String { places.map { Numerals.fixed(value, $0) } ?? plain(value) }
      figure(name, shown(mean.mean), "\(shown(mean.interval.lower)) to \(shown(mean.interval.upper))")
    }
    if let imageEmbeds {
      judged("image embeddings, largest difference of a coordinate", imageEmbeds.maxAbs, tolerance.imageEmbedsMaxAbs)
      judged("image embeddings, 1 − least cosine", 1 - imageEmbeds.minCosine, 1 - tolerance.imageEmbedsMinCosine)
    }
    if let textEmbeds {
      judged("text embeddings, largest difference of a coordinate", textEmbeds.maxAbs, tolerance.textEmbedsMaxAbs)
      judged("text embeddings, 1 − least cosine", 1 - textEmbeds.minCosine, 1 - tolerance.textEmbedsMinCosine)
    }
    if let logits {
      judged("logits, largest difference", logits.maxAbs, tolerance.logitsMaxAbs)
      figure("logits, mean difference", plain(logits.meanAbs))
    }
    rate("same best text", agreement?.top1)
    rate("best text among the five best", agreement?.top5)
    rate("cannot flip on these texts", flipGuarantee?.probes)
    rate("cannot flip, whatever the prompts", flipGuarantee?.anyPrompts)
    if let flipGuarantee {
      figure("margin beyond which nothing can flip, in cosine", plain(flipGuarantee.requiredMargin))
    }
    mean("order of texts for an image, Spearman's ρ", retrieval?.textsForImage?.spearman, 6)
    mean("order of texts for an image, Kendall's τ", retrieval?.textsForImage?.kendall, 6)
    mean("order of images for a text, Spearman's ρ", retrieval?.imagesForText?.spearman, 6)
    mean("order of images for a text, Kendall's τ", retrieval?.imagesForText?.kendall, 6)
    mean("KL divergence from the reference, nats", divergences?.fromReference)
    mean("KL divergence to the reference, nats", divergences?.toReference)
    if let calibration {
      figure(
        "change of the expected calibration error", Numerals.percent(calibration.change, 3),
        "\(Numerals.fixed(100 * calibration.interval.lower, 3)) to \(Numerals.fixed(100 * calibration.interval.upper, 3)) %"
      )
    }
    return .table(["figure", "found", "95 % interval", "allowed", "share used", "verdict"], rows)
  }
}
