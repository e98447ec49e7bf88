// SPDX-License-Identifier: Apache-2.0

import IngotFile
public import IngotPlot

extension FidelityReport {
  /// The report as one page, verdict first.
  ///
  /// - Parameter evidence: what is shown besides the figures.
  /// - Returns: a page that needs nothing else.
  public func page(_ evidence: FidelityEvidence) -> HTMLPage {
    var page = HTMLPage(
      kind: "Ingot verification", title: "\(Self.lastName(model)) against \(Self.lastName(against))",
      verdict: passed ? .passed : .failed, word: passed ? "PASS" : "FAIL", sentence: verdictSentence,
      footer:
        "Made by \(evidence.tool). The same figures: ingot verify \(Self.lastName(model)) --against \(Self.lastName(against)) --json"
    )
    page.findings = failures
    page.tiles = tiles(evidence)
    page.sections = [
      HTMLPage.Section("Figures", [figureTable, .text("What is allowed, and why: \(tolerance.derivation).")]),
      HTMLPage.Section("Layer by layer", blockPictures),
      HTMLPage.Section("Logits", logitPictures(evidence)),
    ]
    page.sections += evidence.sections
    if !evidence.worstProbes.isEmpty {
      page.sections.append(HTMLPage.Section("Inputs that fared worst", [.probes(evidence.worstProbes)]))
    }
    if let provenance = evidence.provenance {
      page.sections.append(
        HTMLPage.Section("What it came from and what was done to it", provenance.blocks(evidence)))
    }
    return page
  }

  private var verdictSentence: String {
    let inputs = "\(Self.counted(images, "image")) and \(Self.counted(texts, "text"))"
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
      tiles.append(
        HTMLPage.Tile(
          "same best text", Numerals.percent(logits.top1Agreement, 1), note: "of \(Self.counted(images, "image"))"))
      tiles.append(
        HTMLPage.Tile("KL divergence, mean", Numerals.significant(logits.klMean), note: "nats, over texts"))
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

  private var figureTable: HTMLPage.Block {
    var rows: [[HTMLPage.Cell]] = []
    func add(_ name: String, _ found: Double, _ allowed: Double?, _ show: (Double) -> String) {
      // Written so that NaN fails.
      let verdict: HTMLPage.Cell =
        allowed.map { found <= $0 ? HTMLPage.Cell("✓ within", .pass) : HTMLPage.Cell("✗ out", .fail) }
        ?? HTMLPage.Cell("")
      rows.append([
        HTMLPage.Cell(name), .number(show(found)), .number(allowed.map(show) ?? ""),
        .number(allowed.map { $0 > 0 ? Numerals.percent(found / $0, 1) : "" } ?? ""), verdict,
      ])
    }
    func plain(_ value: Double) -> String { Numerals.significant(value) }
    if let imageEmbeds {
      add(
        "image embeddings, largest difference of a coordinate", imageEmbeds.maxAbs, tolerance.imageEmbedsMaxAbs, plain)
      add("image embeddings, 1 − least cosine", 1 - imageEmbeds.minCosine, 1 - tolerance.imageEmbedsMinCosine, plain)
    }
    if let textEmbeds {
      add("text embeddings, largest difference of a coordinate", textEmbeds.maxAbs, tolerance.textEmbedsMaxAbs, plain)
      add("text embeddings, 1 − least cosine", 1 - textEmbeds.minCosine, 1 - tolerance.textEmbedsMinCosine, plain)
    }
    if let logits {
      add("logits, largest difference", logits.maxAbs, tolerance.logitsMaxAbs, plain)
      add("logits, mean difference", logits.meanAbs, nil, plain)
      add("logits, 1 − least cosine of an image's", 1 - logits.minCosine, nil, plain)
      add("best text differs", 1 - logits.top1Agreement, nil) { Numerals.percent($0, 1) }
      add("KL divergence from the reference, mean (nats)", logits.klMean, nil, plain)
    }
    return .table(["figure", "found", "allowed", "share used", "verdict"], rows)
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
