// SPDX-License-Identifier: Apache-2.0

public import IngotPlot

extension ErrorLedger {
  /// The ledger as one page.
  ///
  /// - Parameter tool: what makes the page, with its version.
  /// - Returns: a page that needs nothing else.
  public func page(tool: String) -> HTMLPage {
    let names = (FidelityReport.lastName(model), FidelityReport.lastName(source))
    let explained = measured > 0 ? sum / measured : 1
    var page = HTMLPage(
      kind: "Ingot error ledger", title: "Where the error of \(names.0) against \(names.1) comes from",
      verdict: measured > 0 ? closes ? .passed : .failed : .none,
      word: measured > 0 ? closes ? "EXPLAINED" : "NOT EXPLAINED" : "NO ERROR",
      sentence: measured > 0
        ? "\(Numerals.percent(explained, 1)) of the error is attributed to parts; a ledger that closes has \(Numerals.percent(1 - Self.largestResidue, 0)) to \(Numerals.percent(1 + Self.largestResidue, 0)). Measured on \(FidelityReport.counted(images, "image")) and \(FidelityReport.counted(texts, "text"))."
        : "The two compute the same numbers: there is nothing to explain.",
      footer:
        "Made by \(tool) with \(Numerals.grouped(runs)) partial runs. The same figures: ingot explain \(names.0) --against \(names.1) --json"
    )
    guard measured > 0 else { return page }
    page.tiles = [
      HTMLPage.Tile("error of \(metric), root mean square", Numerals.significant(measured.squareRoot())),
      HTMLPage.Tile("weights", Numerals.percent(shares.weights / measured, 1), note: "of the mean squared error"),
      HTMLPage.Tile(
        "activations", Numerals.percent(shares.activations / measured, 1), note: "of the mean squared error"),
      HTMLPage.Tile(
        "approximations", Numerals.percent(shares.approximations / measured, 1), note: "of the mean squared error"),
      HTMLPage.Tile(
        "interaction", Numerals.percent(shares.interaction / measured, 1), note: "errors that add up or cancel"),
    ]
    page.sections = [
      HTMLPage.Section("By part and by cause", pictures),
      HTMLPage.Section("What it costs, and what buys it back", tensorBlocks),
    ]
    return page
  }

  /// Heat map and bars, for this page and for the page of a verification.
  var pictures: [HTMLPage.Block] {
    guard measured > 0, !parts.isEmpty else { return [] }
    func percent(_ value: Double) -> Double? { 100 * value / measured }
    let heat = HeatMap(
      "Share of the error by part and cause",
      summary:
        "In per cent of the mean squared error of \(metric). Blue adds to the error, orange takes away from it: errors of several parts can cancel.",
      rows: parts.map(\.name), columns: ["weights", "activations", "approximations", "interaction", "total"],
      parts.map { part in
        [
          part.shares.weights, part.shares.activations, part.shares.approximations, part.shares.interaction,
          part.shares.total,
        ].map(percent)
      }, colours: .diverging, label: "per cent of the error")
    let bars = BarChart(
      "Share of the error by part", summary: "In the order of computation.",
      axis: Axis("share of the error", format: .percent),
      parts.map { part in
        BarChart.Bar(
          part.name, part.shares.total / measured, text: Numerals.percent(part.shares.total / measured, 1),
          hue: part.shares.total < 0 ? .series(1) : .series(0))
      })
    return [.charts([heat, bars])]
  }

  private var tensorBlocks: [HTMLPage.Block] {
    guard !tensors.isEmpty else { return [] }
    let bars = tensors.prefix(12).map { tensor in
      BarChart.Bar(
        FidelityReport.shortTensor(tensor.name), tensor.shares.total / measured,
        text: Numerals.percent(tensor.shares.total / measured, 1))
    }
    let rows = tensors.map { tensor in
      [
        HTMLPage.Cell(tensor.name), HTMLPage.Cell(tensor.encoding),
        .number(Numerals.percent(tensor.shares.total / measured, 2)),
        .number(Numerals.percent(tensor.saving / measured, 2)), .number(Numerals.bytes(tensor.bytes)),
        .number("+" + Numerals.bytes(tensor.extraBytes)),
      ]
    }
    let heads = ["tensor", "stored as", "share of the error", "saved if exact", "size", "as float16"]
    return [
      .charts([
        BarChart(
          "The tensors that cost most",
          summary: "Share of the error that each adds, the activations that meet it included.",
          axis: Axis("share of the error", format: .percent), Array(bars), order: .descending)
      ]), .table(heads, Array(rows.prefix(5))),
    ] + (rows.count > 5 ? [.details("All tensors that add something", [.table(heads, rows)])] : [])
  }
}
