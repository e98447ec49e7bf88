// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFidelity
import IngotFile
import IngotTensor
import Testing

/// The faults that conversions of other families really have: each must be found, at its place.
@Suite struct FamilyNegativeTests {
  /// One model for each kind of tower and each place where constants come from.
  static let names = [
    "huggingface/gelu-eos", "huggingface/quick-gelu", "huggingface/vision", "huggingface/text", "open-clip/gelu",
    "open-clip/custom-text", "open-clip/clipa", "open-clip/layer-scale", "siglip/huggingface", "siglip/open-clip",
    "siglip/big-vision", "chinese-clip/huggingface", "chinese-clip/original", "eva/eva01", "eva/eva02",
    "eva/eva02-enormous", "long-clip/vit", "tinyclip/vit",
  ]

  private func model(_ name: String) throws -> ModelFixture {
    try ModelFixture(#require(FamilyFixture.all.first { $0.name == name }))
  }

  private func expectFailure(_ report: FidelityReport, at block: String) {
    #expect(!report.passed, "\(block)")
    #expect(report.firstDivergence == block, "\(report.summary.joined(separator: "\n"))")
  }

  /// A vision transformer with something changed in its configuration.
  private func changed(
    _ configuration: CLIPConfiguration, _ change: (inout VisionTransformerConfiguration) -> Void
  ) -> CLIPConfiguration? {
    guard case .transformer(var tower) = configuration.vision else { return nil }
    change(&tower)
    var changed = configuration
    changed.vision = .transformer(tower)
    return changed
  }

  private func other(_ activation: Activation) -> Activation { activation == .quickGELU ? .gelu : .quickGELU }

  @Test(arguments: names)
  func `the activation exchanged`(_ name: String) throws {
    let model = try model(name)
    if let wrong = changed(model.configuration, { $0.transformer.activation = other($0.transformer.activation) }) {
      expectFailure(try model.verify(nil, wrong), at: "vision.hidden.0")
    }
    if let text = model.configuration.text {
      var wrong = model.configuration
      wrong.text?.transformer.activation = other(text.transformer.activation)
      expectFailure(try model.verify(nil, wrong), at: "text.hidden.0")
    }
  }

  @Test(arguments: names)
  func `epsilon ten times as large`(_ name: String) throws {
    let model = try model(name)
    if let wrong = changed(model.configuration, { $0.transformer.normEpsilon *= 10 }) {
      expectFailure(try model.verify(nil, wrong), at: "vision.hidden.0")
    }
    // BERT adds 1e-12, which is below what float32 can show of rows of any size.
    guard let text = model.configuration.text, text.transformer.normEpsilon > 1e-9 else { return }
    var wrong = model.configuration
    wrong.text?.transformer.normEpsilon *= 10
    expectFailure(try model.verify(nil, wrong), at: "text.hidden.0")
  }

  @Test(arguments: names)
  func `queries and keys exchanged`(_ name: String) throws {
    let model = try model(name)
    for tower in ["vision", "text"]
    where (tower == "text" ? model.configuration.text != nil : model.configuration.vision != nil) {
      // The last block: small models have one or two.
      let last =
        try CLIPEncoder<Float>(model.configuration, model.file).blockCount(of: tower == "text" ? .text : .vision) - 1
      let spoiled = try model.spoiled("\(tower).blocks.\(last).attention.qkv.weight") { bytes, _ in
        let third = bytes.count / 3
        bytes = Array(bytes[third..<2 * third] + bytes[..<third] + bytes[(2 * third)...])
      }
      expectFailure(try model.verify(spoiled), at: "\(tower).hidden.\(last)")
    }
  }

  @Test(arguments: names)
  func `the class token dropped`(_ name: String) throws {
    let model = try model(name)
    guard case .transformer(let vision) = model.configuration.vision, vision.hasClassToken else { return }
    let spoiled = try model.spoiled("vision.class_embedding") { bytes, _ in
      bytes = [UInt8](repeating: 0, count: bytes.count)
    }
    expectFailure(try model.verify(spoiled), at: "vision.hidden.0")
  }

  @Test(arguments: names)
  func `the causal mask missing, or one that should not be there`(_ name: String) throws {
    let model = try model(name)
    guard let text = model.configuration.text else { return }
    var wrong = model.configuration
    wrong.text?.isCausal = !text.isCausal
    expectFailure(try model.verify(nil, wrong), at: "text.hidden.0")
  }

  @Test(arguments: names)
  func `pooling at the wrong token`(_ name: String) throws {
    let model = try model(name)
    if let text = model.configuration.text {
      var wrong = model.configuration
      wrong.text?.pooling = text.pooling == .firstToken ? .lastToken : .firstToken
      expectFailure(try model.verify(nil, wrong), at: "text.head")
    }
    if case .transformer(let vision) = model.configuration.vision, vision.pooling != .attention {
      let wrong = try #require(
        changed(model.configuration) { $0.pooling = $0.pooling == .classToken ? .average : .classToken })
      expectFailure(try model.verify(nil, wrong), at: "vision.head")
    }
  }

  @Test(arguments: names)
  func `the projection transposed`(_ name: String) throws {
    let model = try model(name)
    for tower in ["vision", "text"] {
      guard let tensor = model.file.tensor(named: "\(tower).projection") else { continue }
      let (rows, columns, size) = (tensor.shape[0], tensor.shape[1], tensor.type.byteCount)
      let spoiled = try model.spoiled(tensor.name) { bytes, _ in
        let original = bytes
        for r in 0..<rows {
          for c in 0..<columns {
            for b in 0..<size { bytes[(c * rows + r) * size + b] = original[(r * columns + c) * size + b] }
          }
        }
      }
      expectFailure(try model.verify(spoiled), at: "\(tower).head")
    }
  }

  @Test(arguments: ["open-clip/layer-scale", "eva/eva02"])
  func `what only some blocks have, left out`(_ name: String) throws {
    let model = try model(name)
    let wrong = try #require(
      changed(model.configuration) { tower in
        tower.transformer.block.hasLayerScale = false
        tower.transformer.block.rotary = nil
      })
    expectFailure(try model.verify(nil, wrong), at: "vision.hidden.0")
  }
}
