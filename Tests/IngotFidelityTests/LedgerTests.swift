// SPDX-License-Identifier: Apache-2.0

import IngotCLIP
import IngotFidelity
import IngotQuantization
import IngotTensor
import Testing

@Suite struct LedgerTests {
  static let names = [
    "vit-tiny", "fashion-clip", "resnet-tiny", "huggingface/gelu-eos", "open-clip/gelu", "siglip/huggingface",
    "chinese-clip/huggingface", "eva/eva02", "long-clip/vit", "convnext/mlp/",
  ]

  @Test(arguments: names)
  func `the ledger closes`(_ name: String) throws {
    let model = try MutatedModel(name)
    let source = try model.compared(name: name)
    for schemes in [[EncodingScheme.int8], [.bfloat16], [.int8Group64], [.int6Group64], MutatedModel.planned] {
      let isPlanned = schemes.count > 1
      let label = isPlanned ? "planned" : schemes[0].rawValue
      let ledger = try Explainer(try model.compared(each: schemes), source: source, Compute()).ledger()
      print("SCORE ledger, \(name), \(label): residue \(ledger.residue) of \(ledger.measured)")
      #expect(ledger.measured > 0)
      #expect(ledger.closes, "\(label): \(ledger.summary.joined(separator: "\n"))")
      let parts = ledger.parts.reduce(0) { $0 + $1.shares.total }
      #expect(abs(parts - ledger.sum) <= 1e-9 * abs(ledger.sum))
      for part in ledger.parts {
        let s = part.shares
        #expect(
          abs(s.weights + s.activations + s.approximations + s.interaction - s.total) <= 1e-12 + 1e-9 * abs(s.total))
      }
      let shares = ledger.shares
      #expect((shares.weights > 0) == (schemes != [.bfloat16]))
      // Of integers in groups activations stay as they are.
      #expect((shares.activations != 0) == schemes.contains(.int8))
      #expect((shares.approximations > 0) == (isPlanned || schemes == [.bfloat16]))
      #expect(ledger.tensors.count >= 5)
      #expect(zip(ledger.tensors, ledger.tensors.dropFirst()).allSatisfy { $0.shares.total >= $1.shares.total })
      for tensor in ledger.tensors where !isPlanned && schemes != [.bfloat16] {
        #expect(tensor.extraBytes > 0 && tensor.encoding.hasPrefix("int"), "\(tensor.encoding)")
      }
    }
  }

  @Test func `the costliest tensor is the one that was spoiled, and buying it back saves what the ledger says`() throws
  {
    let model = try MutatedModel("fashion-clip")
    let source = try model.compared(name: "source")
    var spoiled = model
    // Coarser than int8 by far.
    try spoiled.change("text.blocks.1.mlp.down.weight") { values in
      let step = (values.map(\.magnitude).max() ?? 0) / 3
      values = values.map { ($0 / step).rounded() * step }
    }
    let ledger = try Explainer(try spoiled.compared(.int8), source: source, Compute()).ledger()
    let worst = try #require(ledger.tensors.first)
    #expect(worst.name == "text.blocks.1.mlp.down.weight")
    #expect(ledger.parts.max { $0.shares.total < $1.shares.total }?.name == "text.blocks.1")
    // What is bought first saves most for a byte, and every purchase leaves less.
    let purchases = ledger.purchases
    #expect(purchases.first?.error == ledger.measured && purchases.first?.extraBytes == 0)
    #expect(purchases.dropFirst().first?.tensor == worst.name)
    #expect(zip(purchases, purchases.dropFirst()).allSatisfy { $0.error > $1.error && $0.extraBytes < $1.extraBytes })
    let sold = ledger.tensors.filter { $0.shares.total > 0 && $0.extraBytes > 0 }
    #expect(purchases.count <= sold.count + 1 && (purchases.count == sold.count + 1 || purchases.last?.error == 0))
    let bought = try Explainer(try model.compared(.int8), source: source, Compute()).ledger()
    // The tensor is int8 again, not the source's own: nearly all of the saving.
    #expect(abs(ledger.measured - bought.measured - worst.saving) <= 0.1 * worst.saving)
  }

  @Test func `nothing differs, nothing is explained`() throws {
    let model = try MutatedModel("vit-tiny")
    let ledger = try Explainer(try model.compared(), source: try model.compared(), Compute()).ledger()
    #expect(ledger.measured == 0 && ledger.parts.isEmpty && ledger.tensors.isEmpty && ledger.closes)
  }

  @Test func `a gross error is not explained by shares of single tensors`() throws {
    let model = try MutatedModel("fashion-clip")
    var wrecked = model
    // Effects of many errors at once, all of the size of the values themselves, are not sums of effects of one.
    for entry in model.entries where entry.role == .matrix && entry.name.hasPrefix("vision") {
      try wrecked.change(entry.name) { values in values = values.reversed() }
    }
    let ledger = try Explainer(try wrecked.compared(), source: try model.compared(), Compute()).ledger()
    #expect(!ledger.closes, "\(ledger.residue)")
  }
}
