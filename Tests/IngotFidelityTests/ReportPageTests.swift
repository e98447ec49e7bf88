// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFidelity
import IngotFile
import IngotPlot
import IngotQuantization
import IngotTensor
import Testing

@Suite struct ReportPageTests {
  private func evidence(_ fixture: ModelFixture) throws -> FidelityEvidence {
    var evidence = FidelityEvidence(tool: "ingot 0")
    evidence.provenance = try fixture.file.provenance()
    evidence.rootDigest = fixture.file.rootDigest.description
    evidence.fileSize = 12_345_678
    return evidence
  }

  @Test func `the page says the verdict first, then every figure, where it came from and what was done`() throws {
    let fixture = try ModelFixture("vit-tiny", .int8)
    let report = try fixture.verify()
    let page = report.page(try evidence(fixture))
    #expect(page.verdict == .passed)
    let markup = page.markup
    #expect(markup == report.page(try evidence(fixture)).markup)
    for text in [
      "PASS", "model.ingot against golden", "Layer by layer", "Differences of logits", "Logits against the reference",
      "12.3 MB",
      fixture.file.rootDigest.description, try fixture.file.provenance().source.sha256,
      "Tensors that storing changed most",
    ] {
      #expect(markup.contains(text), "\(text)")
    }
    for block in report.blocks { #expect(markup.contains("<th scope=\"row\">\(block.name)</th>")) }
    // Verdict, findings and figures stand before pictures.
    let order = ["verdict pass", "Figures", "Layer by layer", "What it came from"].map {
      markup.firstRange(of: $0)?.lowerBound
    }
    #expect(order.allSatisfy { $0 != nil } && order.compactMap { $0 } == order.compactMap { $0 }.sorted())
  }

  @Test func `the page of another model fails, and says where the two part`() throws {
    let fixture = try ModelFixture("vit-tiny")
    let spoiled = try fixture.spoiled("vision.blocks.1.mlp.up.weight") { bytes, _ in
      for index in stride(from: 0, to: bytes.count, by: 2) { bytes[index + 1] ^= 0x80 }
    }
    let report = try fixture.verify(spoiled)
    #expect(!report.passed)
    let page = report.page(FidelityEvidence(tool: "ingot 0"))
    #expect(page.verdict == .failed && page.word == "FAIL")
    #expect(page.findings == report.failures)
    #expect(page.sentence.contains(try #require(report.firstDivergence)))
    #expect(page.tiles.contains { $0.isFailure })
    #expect(page.markup.contains("✗ out"))
  }

  @Test func `a figure that is not a number is out of tolerance`() throws {
    let fixture = try ModelFixture("vit-tiny")
    var report = try fixture.verify()
    report.logits?.maxAbs = .nan
    let page = report.page(FidelityEvidence(tool: "ingot 0"))
    #expect(page.tiles.first?.isFailure == true)
    #expect(page.markup.contains("✗ out"))
  }
}
