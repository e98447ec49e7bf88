// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotTensor
import IngotTestSupport
import IngotTorch
import Testing

@testable import IngotCLIP

/// A residual network whose batch norms are folded into its convolutions embeds as the one they were folded from.
@Suite struct FoldedNormTests {
  private struct MemoryCheckpoint: Checkpoint {
    let contents: [String: (descriptor: TensorDescriptor, values: [Float])]
    var tensors: [TensorDescriptor] { contents.values.map(\.descriptor) }

    func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
      try (contents[tensor.name]?.values ?? []).withRawSpan(body)
    }
  }

  @Test func `folding changes embeddings by float32 rounding only`() throws {
    let checkpoint = try TorchCheckpoint(MappedFile(path: Fixtures.path("resnet-tiny/state_dict.pt")))
    let configuration = try Family.openAI.configuration(
      of: ModelEvidence(tensors: checkpoint.tensors, options: ModelOptions(activation: .quickGELU)))
    let byName = Dictionary(uniqueKeysWithValues: checkpoint.tensors.map { ($0.name, $0) })
    var contents: [String: (descriptor: TensorDescriptor, values: [Float])] = [:]
    for entry in KeyMapping.openAI.entries(for: configuration) {
      let key = entry.parts { byName[$0] != nil }[0].key
      guard let tensor = byName[key], entry.target.role != .buffer else { continue }
      let values: [Float] = try checkpoint.withBytes(of: tensor) { widen($0, of: tensor.type) }
      contents[entry.target.name] = (try descriptor(entry.target.name, entry.target.shape), values)
    }
    var foldedConfiguration = configuration
    guard case .residualNetwork(var network) = configuration.vision else {
      Issue.record("resnet-tiny is a residual network")
      return
    }
    network.normalization = .folded
    foldedConfiguration.vision = .residualNetwork(network)
    let folded = MemoryCheckpoint(contents: try fold(contents, epsilon: network.normEpsilon))
    let size = try configuration.requirePreprocessing().imageSize
    var generator = SeededGenerator(seed: 3)
    let pixels = (0..<2 * 3 * size * size).map { _ in Float.random(in: -2...2, using: &generator) }
    let plain = try CLIPEncoder<Float>(configuration, MemoryCheckpoint(contents: contents))
      .embedImages(pixels, count: 2, Compute())
    let found = try CLIPEncoder<Float>(foldedConfiguration, folded).embedImages(pixels, count: 2, Compute())
    let worst = zip(plain.values, found.values).map { abs($0 - $1) }.max() ?? 1
    #expect(worst <= 1e-5)
    #expect(worst > 0)
  }

  private func fold(
    _ contents: [String: (descriptor: TensorDescriptor, values: [Float])], epsilon: Double
  ) throws -> [String: (descriptor: TensorDescriptor, values: [Float])] {
    var folded = contents.filter { !$0.key.contains(".norm") || $0.key.hasPrefix("text.") }
    for (name, convolution) in contents where name.contains(".conv") && name.hasSuffix(".weight") {
      // conv1.weight belongs to norm1, shortcut.conv.weight to shortcut.norm.
      let norm = name.replacing(".conv", with: ".norm").dropLast(".weight".count)
      func values(_ part: String) throws -> [Double] {
        try #require(contents["\(norm).\(part)"]).values.map(Double.init)
      }
      let (gain, bias, mean, variance) = try (
        values("weight"), values("bias"), values("running_mean"), values("running_var")
      )
      let factors = gain.indices.map { gain[$0] / (variance[$0] + epsilon).squareRoot() }
      let length = convolution.values.count / gain.count
      let weights = convolution.values.enumerated().map { Float(Double($1) * factors[$0 / length]) }
      folded[name] = (convolution.descriptor, weights)
      let biasName = String(name.dropLast("weight".count)) + "bias"
      folded[biasName] = (
        try descriptor(biasName, Shape(gain.count)), gain.indices.map { Float(bias[$0] - mean[$0] * factors[$0]) }
      )
    }
    return folded
  }

  private func descriptor(_ name: String, _ shape: Shape) throws -> TensorDescriptor {
    try #require(TensorDescriptor(name: name, type: .float32, shape: shape, access: .mapped))
  }
}
