// SPDX-License-Identifier: Apache-2.0

import CAllocationCount
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// Work buffers are made before the first block; from there on no block asks for memory.
@Suite struct AllocationTests {
  /// Allocations of this thread within each block but the first, which packs its weights or grows the threads' scratch.
  private func counts(
    _ blocks: Transformer<Float>, _ x: inout Matrix<Float>, lengths: [Int], mask: AttentionMask, _ compute: Compute,
    inBlock body: () -> Void = {}
  ) throws -> [UInt64] {
    var counts = [UInt64](repeating: 0, count: blocks.blocks.count)
    try blocks.run(&x, lengths: lengths, mask: mask, compute) { index, _ in
      body()
      counts[index] = ingot_allocation_count()
    }
    return zip(counts.dropFirst(), counts).map { $0 - $1 }
  }

  @Test(arguments: [EncodingScheme.source, .int8], [1, 2])
  func `no block of either tower allocates`(_ scheme: EncodingScheme, _ threads: Int) throws {
    let fixture = try ModelFixture("vit-tiny", scheme)
    let encoder = try CLIPEncoder<Float>(fixture.configuration, fixture.file)
    let compute = Compute(threads: threads)
    guard case .transformer(let vision) = encoder.vision, let text = encoder.text else {
      Issue.record("vit-tiny has two transformers")
      return
    }
    let width = vision.configuration.transformer.width
    let tokens = vision.configuration.tokens
    for pass in 0..<2 {
      var x = Matrix<Float>(rows: 3 * tokens, columns: width)
      let found = try counts(vision.blocks, &x, lengths: [tokens, tokens, tokens], mask: .all, compute)
      // The first pass packs the weights.
      if pass > 0 { #expect(!found.isEmpty && found.allSatisfy { $0 == 0 }, "image tower: \(found)") }
      var y = Matrix<Float>(rows: 12, columns: text.configuration.transformer.width)
      let texts = try counts(text.blocks, &y, lengths: [5, 7], mask: .causal, compute)
      if pass > 0 { #expect(!texts.isEmpty && texts.allSatisfy { $0 == 0 }, "text tower: \(texts)") }
    }
  }

  @Test func `an allocation in a block would be counted`() throws {
    let fixture = try ModelFixture("vit-tiny", .source)
    let text = try #require(try CLIPEncoder<Float>(fixture.configuration, fixture.file).text)
    var x = Matrix<Float>(rows: 5, columns: text.configuration.transformer.width)
    var kept: [[Float]] = []
    kept.reserveCapacity(64)
    _ = try counts(text.blocks, &x, lengths: [5], mask: .causal, Compute(threads: 1))
    let found = try counts(text.blocks, &x, lengths: [5], mask: .causal, Compute(threads: 1)) {
      kept.append([Float](repeating: 1, count: 100))
    }
    #expect(found.allSatisfy { $0 >= 1 })
  }
}
