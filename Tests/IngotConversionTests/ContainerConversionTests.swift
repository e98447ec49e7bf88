// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
@testable import IngotConversion
import IngotFile
import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

/// One row of `Fixtures/clip-containers/manifest.json`: a small CLIP in one container, as the original software reads it.
struct ContainerCLIP: Decodable, Sendable, CustomTestStringConvertible {
  struct Tensor: Decodable, Sendable {
    let name: String
    let shape: [Int]
    let sha256: String
  }

  let file: String
  let tensors: [Tensor]
  /// What is in the file beside the model.
  let left: [String]
  /// The key of the state dict, and what stands before its names.
  let path: String?
  let prefix: String?

  var testDescription: String { file }
  var source: String { Fixtures.path("clip-containers/\(file)") }

  static let all: [ContainerCLIP] = {
    guard let data = FileManager.default.contents(atPath: Fixtures.path("clip-containers/manifest.json")),
      let rows = try? JSONDecoder().decode([ContainerCLIP].self, from: data)
    else { return [] }
    return rows
  }()

}

@Suite struct ContainerConversionTests {
  /// Plain state dicts do not say it.
  private let options = ModelOptions(activation: .quickGELU)

  @Test func `the manifest is there`() {
    #expect(ContainerCLIP.all.count >= 19)
  }

  @Test(arguments: ContainerCLIP.all)
  func `the model is converted with every bit that the original software reads`(_ fixture: ContainerCLIP) throws {
    let folder = try TemporaryFolder()
    let source = try Source(path: fixture.source)
    let plan = try ConversionPlan(source, scheme: .source, options: options)
    #expect(plan.selection.path == fixture.path ?? "")
    #expect(plan.selection.prefix == fixture.prefix ?? "")
    for left in fixture.left {
      #expect(plan.ignored.contains { $0.hasPrefix(left + " (") }, "\(left) in \(plan.ignored)")
    }
    _ = try Converter(Compute(path: .best, threads: 2), existing: .refuse).convert(
      source, plan, tokenizer: nil, to: folder.path("model.ingot"))
    let file = try IngotFile(MappedFile(path: folder.path("model.ingot")))
    let provenance = try file.provenance()
    let start = plan.selection.path.isEmpty ? plan.selection.prefix : plan.selection.path + "." + plan.selection.prefix
    var digests: [String: (String, [Int])] = [:]
    for tensor in file.tensors {
      let original = try #require(provenance.tensors[tensor.name]).source
      digests[String(original.dropFirst(start.count))] = (try file.digest(of: tensor).description, tensor.shape.extents)
    }
    for expected in fixture.tensors {
      let found = try #require(digests[expected.name], "\(expected.name)")
      #expect(found.0 == expected.sha256, "\(expected.name)")
      #expect(found.1 == expected.shape, "\(expected.name)")
    }
    // The archive has three integers besides, which are carried.
    #expect(file.tensors.count == fixture.tensors.count + (source.container == "torchscript" ? 3 : 0))
  }

  @Test func `a person may choose another state dict`() throws {
    let source = try Source(path: Fixtures.path("clip-containers/average.pt"))
    let plan = try ConversionPlan(source, scheme: .source, options: options, stateDict: "state_dict_ema")
    #expect(plan.copies.allSatisfy { $0.sourceName.hasPrefix("state_dict_ema.") })
    #expect(plan.problems.isEmpty)
    let error = #expect(throws: CheckpointError.self) {
      _ = try ConversionPlan(source, scheme: .source, options: options, stateDict: "model")
    }
    #expect(error?.code == .missing)
    #expect(error?.description.contains("state_dict_ema (38 tensors)") == true)
  }
}

@Suite struct StateDictSelectionTests {
  private static let names = [
    "visual.conv1.weight", "token_embedding.weight", "positional_embedding", "text_projection", "ln_final.weight",
    "logit_scale", "transformer.resblocks.0.attn.in_proj_weight",
  ]

  private func tensors(_ names: [String]) throws -> [TensorDescriptor] {
    try names.map { try #require(TensorDescriptor(name: $0, type: .float32, shape: Shape(2), access: .mapped)) }
  }

  @Test(arguments: ["", "module.", "_orig_mod.", "module._orig_mod.", "model.clip_model.", "_forward_module.model."])
  func `a prefix that all names share is stripped`(_ prefix: String) throws {
    let selection = try StateDictSelection(tensors(Self.names.map { prefix + $0 }))
    #expect(selection.prefix == prefix)
    #expect(selection.tensors.map(\.name) == Self.names)
    #expect(selection.left.isEmpty)
  }

  @Test func `a prefix that one name lacks is kept`() throws {
    let names = Self.names.dropLast().map { "module." + $0 } + ["transformer.resblocks.0.attn.in_proj_weight"]
    let selection = try StateDictSelection(tensors(names))
    #expect(selection.prefix.isEmpty)
    #expect(selection.tensors.map(\.name) == names)
  }

  @Test func `a prefix that is a whole name is kept`() {
    #expect(StateDictSelection.sharedPrefix(of: ["module.", "module.weight"]) == "")
  }

  @Test func `weights come before their average, and what is left is counted`() throws {
    let all =
      Self.names.map { "state_dict_ema." + $0 } + Self.names.map { "state_dict." + $0 } + [
        "optimizer.0", "optimizer.1",
      ]
    let selection = try StateDictSelection(tensors(all))
    #expect(selection.path == "state_dict")
    #expect(selection.left == ["state_dict_ema (7 tensors)", "optimizer (2 tensors)"])
  }

  @Test func `a file without any known key is taken whole`() throws {
    let selection = try StateDictSelection(tensors(["a.weight", "b.bias"]))
    #expect(selection.path.isEmpty && selection.prefix.isEmpty && selection.tensors.count == 2)
  }
}
