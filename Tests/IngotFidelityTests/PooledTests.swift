// SPDX-License-Identifier: Apache-2.0

import IngotFidelity
import IngotQuantization
import IngotTensor
import Testing

@testable import IngotCLIP

/// Where nobody watches, the last block computes the tokens that the embedding needs and no others.
@Suite struct PooledTests {
  @Test(arguments: FamilyFixture.supported, [EncodingScheme.source, .int8])
  func `embeddings are the same bits as when every token of every block is computed`(
    _ fixture: FamilyFixture, _ scheme: EncodingScheme
  ) throws {
    let model = try ModelFixture(fixture, scheme)
    let encoder = try CLIPEncoder<Float>(model.configuration, model.file)
    let compute = Compute(threads: 2)
    if fixture.facts.vision != nil {
      let pixels = model.bundle.pixels
      var blocks = 0
      let all = try encoder.embedImages(pixels, count: model.bundle.imageCount, compute) { _ in blocks += 1 }
      let needed = try encoder.embedImages(pixels, count: model.bundle.imageCount, compute)
      #expect(blocks > 0)
      #expect(all.values.map(\.bitPattern) == needed.values.map(\.bitPattern))
    }
    if fixture.facts.text != nil {
      let all = try encoder.embedTexts(model.bundle.texts, compute) { _ in }
      let needed = try encoder.embedTexts(model.bundle.texts, compute)
      #expect(all.values.map(\.bitPattern) == needed.values.map(\.bitPattern))
    }
  }
}
