// SPDX-License-Identifier: Apache-2.0

import IngotFile
public import IngotPlot
import IngotStatistics

extension FidelityReport {
  /// The report as one page, verdict first.
  ///
  /// - Parameter evidence: what is shown besides the report.
  /// - Returns: a page that needs nothing else.
  public func page(_ evidence: FidelityEvidence) -> HTMLPage {
    let names = (Self.lastName(model), Self.lastName(against))
    var page = HTMLPage(
      kind: "Ingot verification", title: "\(names.0) against \(names.1)", verdict: passed ? .passed : .failed,
      word: passed ? "PASS" : "FAIL", sentence: verdictSentence,
      footer: "Made by \(evidence.tool). The same figures: ingot verify \(names.0) --against \(names.1) --json")
    page.findings = failures
    page.tiles = tiles(evidence)
    page.sections = [
      HTMLPage.Section("Figures", [figureTable, .text("What is allowed, and why: \(tolerance.derivation).")]),
      HTMLPage.Section("Layer by layer", blockPictures), HTMLPage.Section("Logits and embeddings", outputPictures),
    ]
    page.sections += evidence.sections
    page.sections.append(HTMLPage.Section("Inputs that fared worst", worstBlocks))
    var origin = evidence.provenance?.blocks(evidence) ?? []
    origin += tensorBlocks(evidence.provenance)
    page.sections.append(HTMLPage.Section("What it came from and what was done to it", origin))
    return page
  }

  private var verdictSentence: String {
    let inputs = "\(Self.counted(images, "image")) and \(Self.counted(texts, "text"))\(probes.map { " (\($0))" } ?? "")"
    guard passed else {
      let place = firstDivergence.map { "; the first place where the two part is \($0)" } ?? ""
      return "\(Self.counted(failures.count, "figure")) out of tolerance on \(inputs)\(place)."
    }
    guard let logits else { return "Every figure is within tolerance on \(inputs)." }
    return
      "Every figure is within tolerance on \(inputs): the largest difference of a logit is \(Numerals.significant(logits.maxAbs)), allowed is \(Numerals.significant(tolerance.logitsMaxAbs))."
  }

  private func tiles(_ evidence: FidelityEvidence) -> [HTMLPage.Tile] {
    var tiles: [HTMLPage.Tile] = []
    if let logits {
      tiles.append(
        HTMLPage.Tile(
          "largest difference of a logit", Numerals.significant(logits.maxAbs),
          note: "allowed \(Numerals.significant(tolerance.logitsMaxAbs))",
          isFailure: !(logits.maxAbs <= tolerance.logitsMaxAbs)))
    }
    if let rate = agreement?.top1 {
      tiles.append(HTMLPage.Tile("same best text", Numerals.percent(rate.rate, 1), note: rate.words))
    }
    if let rate = flipGuarantee?.anyPrompts {
      tiles.append(
        HTMLPage.Tile("cannot flip, whatever the prompts", Numerals.percent(rate.rate, 1), note: rate.words))
    }
    if let divergence = divergences?.fromReference {
      tiles.append(
        HTMLPage.Tile("KL divergence, mean", Numerals.significant(divergence.mean), note: "nats; \(divergence.words)"))
    }
    if let imageEmbeds {
      tiles.append(
        cosineTile("least cosine of an image", imageEmbeds.minCosine, allowed: tolerance.imageEmbedsMinCosine))
    }
    if let textEmbeds {
      tiles.append(cosineTile("least cosine of a text", textEmbeds.minCosine, allowed: tolerance.textEmbedsMinCosine))
    }
    if let size = evidence.fileSize {
      let source = evidence.provenance.map { "original \(Numerals.bytes($0.source.size))" } ?? ""
      tiles.append(HTMLPage.Tile("size", Numerals.bytes(size), note: source))
    }
    return tiles
  }

  private func cosineTile(_ name: String, _ cosine: Double, allowed: Double) -> HTMLPage.Tile {
    HTMLPage.Tile(
      name, Numerals.fixed(cosine, 6), note: "allowed \(Numerals.fixed(allowed, 6))",
      isFailure: !(1 - cosine <= 1 - allowed))
  }

  /// `1 image`, `2 images`.
  static func counted(_ count: Int, _ noun: String) -> String {
    "\(Numerals.grouped(count)) \(noun)\(count == 1 ? "" : "s")"
  }

  /// The last part of a path.
  static func lastName(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }
}

extension FidelityReport.Rate {
  /// `64 of 64; 95 %: 94.4 to 100.0 %`.
  var words: String {
    "\(Numerals.grouped(successes)) of \(Numerals.grouped(trials)); 95 %: \(Numerals.fixed(100 * interval.lower, 1)) to \(Numerals.fixed(100 * interval.upper, 1)) %"
  }
}

extension FidelityReport.Mean {
  /// `95 %: 0.00012 to 0.00034`.
  var words: String { "95 %: \(Numerals.significant(interval.lower)) to \(Numerals.significant(interval.upper))" }
}
