// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFidelity
import IngotQuantization
import IngotTensor
import Testing

/// Every check must be seen failing: each of these faults is one that a conversion has really had.
@Suite struct NegativeControlTests {
  private func expectFailure(_ report: FidelityReport, at block: String) {
    #expect(!report.passed)
    #expect(report.firstDivergence == block, "\(report.summary.joined(separator: "\n"))")
    #expect(!report.failures.isEmpty)
  }

  /// Exchanges rows [a, a + count) with [b, b + count) of a plain matrix.
  private func swapRows(_ bytes: inout [UInt8], _ tensor: TensorDescriptor, _ a: Int, _ b: Int, _ count: Int) {
    let row = bytes.count / tensor.shape[0]
    for index in 0..<count * row { bytes.swapAt(a * row + index, b * row + index) }
  }

  @Test(arguments: ["vit-tiny", "fashion-clip"])
  func `two heads swapped in the queries`(_ name: String) throws {
    let fixture = try ModelFixture(name)
    let spoiled = try fixture.spoiled("vision.blocks.1.attention.qkv.weight") { swapRows(&$0, $1, 0, 64, 64) }
    expectFailure(try fixture.verify(spoiled), at: "vision.hidden.1")
  }

  @Test(arguments: ["vit-tiny", "fashion-clip"])
  func `one matrix transposed`(_ name: String) throws {
    let fixture = try ModelFixture(name)
    let spoiled = try fixture.spoiled("text.blocks.1.attention.output.weight") { bytes, tensor in
      let width = tensor.shape[0]
      let size = tensor.type.byteCount
      let original = bytes
      for r in 0..<width {
        for c in 0..<width {
          for b in 0..<size { bytes[(c * width + r) * size + b] = original[(r * width + c) * size + b] }
        }
      }
    }
    expectFailure(try fixture.verify(spoiled), at: "text.hidden.1")
  }

  // The errors of int6 and int4 are larger than what the two activations differ by.
  @Test(arguments: ModelFixture.names, [EncodingScheme.source, .float32, .float16, .bfloat16, .int8, .int8Group64])
  func `QuickGELU and GELU exchanged`(_ name: String, _ scheme: EncodingScheme) throws {
    let fixture = try ModelFixture(name, scheme)
    var configuration = fixture.configuration
    configuration.text?.transformer.activation = .gelu
    var first = "text.hidden.0"
    if case .transformer(var vision) = configuration.vision {
      vision.transformer.activation = .gelu
      configuration.vision = .transformer(vision)
      first = "vision.hidden.0"
    }
    let report = try fixture.verify(nil, configuration)
    expectFailure(report, at: first)
    #expect(report.failures.contains { $0.contains("nearer to quick-gelu") })
  }

  @Test(arguments: ModelFixture.names, [EncodingScheme.source, .float32, .float16, .bfloat16, .int8, .int4Group64])
  func `the logit scale dropped`(_ name: String, _ scheme: EncodingScheme) throws {
    let fixture = try ModelFixture(name, scheme)
    let spoiled = try fixture.spoiled("logit_scale") { bytes, _ in bytes = [UInt8](repeating: 0, count: bytes.count) }
    expectFailure(try fixture.verify(spoiled), at: "logit_scale")
  }

  @Test(
    arguments: [
      "vision.blocks.0.attention.output.weight", "vision.blocks.1.mlp.down.weight",
      "vision.blocks.1.attention.qkv.weight",
      "vision.blocks.1.mlp.up.weight", "text.blocks.1.attention.output.weight", "text.blocks.1.mlp.down.weight",
      "text.blocks.0.mlp.up.weight",
    ])
  func `one int8 scale doubled`(_ name: String) throws {
    let fixture = try ModelFixture("fashion-clip", .int8)
    // The output channel with the largest scale: the one that matters.
    let spoiled = try fixture.spoiled(name) { bytes, tensor in
      guard let start = tensor.encoding.scaleOffset(of: tensor.shape) else { return }
      let scales = bytes.withRawSpan { [Float](littleEndianBytes: $0.extracting(start..<$0.byteCount)) }
      // For qkv, a value: queries and keys of one channel only turn attention.
      let from = name.hasSuffix("qkv.weight") ? scales.count / 3 * 2 : 0
      let largest = scales.indices.dropFirst(from).max { scales[$0] < scales[$1] } ?? 0
      let doubled = [scales[largest] * 2].withRawSpan { $0.copied() }
      bytes.replaceSubrange(start + largest * 4..<start + largest * 4 + 4, with: doubled)
    }
    let parts = name.split(separator: ".")
    let block = parts[1] == "blocks" ? "\(parts[0]).hidden.\(parts[2])" : "\(parts[0]).head"
    expectFailure(try fixture.verify(spoiled), at: block)
  }

  @Test func `a batch norm's statistics exchanged`() throws {
    let fixture = try ModelFixture("resnet-tiny")
    let spoiled = try fixture.spoiled("vision.stages.1.0.norm2.running_mean") { swapRows(&$0, $1, 0, 1, 1) }
    expectFailure(try fixture.verify(spoiled), at: "vision.hidden.1")
  }

  @Test func `a NaN in the weights`() throws {
    let fixture = try ModelFixture("vit-tiny", .float32)
    let spoiled = try fixture.spoiled("vision.blocks.1.mlp.down.bias") { bytes, _ in
      bytes.replaceSubrange(0..<4, with: [0, 0, 0xc0, 0x7f])
    }
    expectFailure(try fixture.verify(spoiled), at: "vision.hidden.1")
  }

  @Test func `another model of the same shape`() throws {
    let fixture = try ModelFixture("vit-tiny")
    let other = try fixture.spoiled("text.token_embedding.weight") { bytes, _ in bytes.reverse() }
    #expect(try !fixture.verify(other).passed)
  }
}
