// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotFidelity
import IngotQuantization
import IngotTensor
import Testing

/// Where nobody watches, the last block computes the tokens that the embedding needs and no others.
@Suite struct PooledTests {
  @Test(arguments: FamilyFixture.supported, [EncodingScheme.source, .int8])
  func `embeddings are the same bits as when every token of every block is computed`(
    _ fixture: FamilyFixture, _ scheme: EncodingScheme
  ) throws {
    let model = try ModelFixture(fixture, scheme)
    let encoder = try CLIPEncoder<Float>(model.configuration, model.file).fitted(to: model.bundle.texts)
    let compute = Compute(threads: 2)
    let all = try ModelOutputs(running: encoder, on: model.bundle, compute, hidden: .all)
    let needed = try ModelOutputs(running: encoder, on: model.bundle, compute)
    #expect(!all.hidden.isEmpty && needed.hidden.isEmpty)
    #expect(all.imageEmbeds?.values.map(\.bitPattern) == needed.imageEmbeds?.values.map(\.bitPattern))
    #expect(all.textEmbeds?.values.map(\.bitPattern) == needed.textEmbeds?.values.map(\.bitPattern))
  }
}
