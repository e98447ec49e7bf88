// SPDX-License-Identifier: Apache-2.0

import IngotBytes
@testable import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

/// Powers of two that move from norms into weights.
@Suite struct SmoothingTests {
  /// A norm and the weights behind it, in memory.
  private struct Layer: Checkpoint {
    let tensors: [TensorDescriptor]
    let values: [String: [Float]]

    init(_ parts: [(name: String, shape: Shape, values: [Float])]) throws {
      tensors = try parts.map {
        try #require(TensorDescriptor(name: $0.name, type: .float32, shape: $0.shape, access: .mapped))
      }
      values = Dictionary(uniqueKeysWithValues: parts.map { ($0.name, $0.values) })
    }

    func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
      try (values[tensor.name] ?? []).withRawSpan(body)
    }
  }

  private let outputs = 48
  private let inputs = 96
  private let rows = 40

  /// Each sixteenth channel has a gain of `outlier`, all others of 1.
  private func layer(outlier: Float) throws -> Layer {
    var generator = SeededGenerator(seed: 21)
    func made(_ count: Int) -> [Float] { (0..<count).map { _ in Float.random(in: -1...1, using: &generator) } }
    return try Layer([
      ("norm.weight", Shape(inputs), (0..<inputs).map { $0 % 16 == 3 ? outlier : 1 }),
      ("norm.bias", Shape(inputs), made(inputs)),
      ("w", Shape(outputs, inputs), made(outputs * inputs)),
    ])
  }

  /// What the weights meet: rows of unit variance times the gain.
  private func seen(by layer: Layer) -> Matrix<Float> {
    var generator = SeededGenerator(seed: 22)
    let gain = layer.values["norm.weight"] ?? []
    return Matrix(
      values: (0..<rows * inputs).map { Float.random(in: -1.7...1.7, using: &generator) * gain[$0 % inputs] },
      rows: rows,
      columns: inputs)
  }

  private func searched(_ layer: Layer) throws -> Smoothing {
    let samples = InputSamples(of: ["w"])
    samples.observe(seen(by: layer), meeting: "w")
    samples.observe(seen(by: layer), meeting: "other")
    #expect(samples.inputs(of: "other") == nil)
    return try Smoothing.searched([("norm", ["w"])], in: layer, samples, Compute(threads: 2))
  }

  /// The mean squared error of the product, both sides in int8.
  private func error(_ layer: Layer, _ checkpoint: any Checkpoint, _ exponents: [Int8]) throws -> Double {
    let compute = Compute(threads: 1)
    let x = seen(by: layer)
    var expected = Matrix<Float>(rows: rows, columns: outputs)
    let w = try #require(layer.values["w"])
    try compute.product(x, WeightMatrix(rows: Matrix(values: w, rows: outputs, columns: inputs)), into: &expected)
    let tensor = try #require(checkpoint.tensors.first { $0.name == "w" })
    let moved: [Float] = try checkpoint.withBytes(of: tensor) { widen($0, of: .float32) }
    var smoothed = x
    for index in smoothed.values.indices {
      smoothed.values[index] *= Float(sign: .plus, exponent: -Int(exponents[index % inputs]), significand: 1)
    }
    var found = Matrix<Float>(rows: rows, columns: outputs)
    let weights = WeightMatrix(QuantizedRows(moved, length: inputs), length: inputs, activations: .int8)
    try compute.product(smoothed, weights, into: &found)
    return zip(found.values, expected.values).reduce(0) { sum, pair in
      let difference = Double(pair.0) - Double(pair.1)
      return sum + difference * difference
    }
  }

  @Test func `outliers of activations are moved, and the products become better`() throws {
    let layer = try layer(outlier: 40)
    let site = try #require(try searched(layer).sites.first)
    #expect((site.alpha ?? 0) > 0)
    // Channels that are forty times as large lie several powers of two above the others.
    #expect(Int(site.exponents[3]) - Int(site.exponents[4]) >= 2)
    let before = try error(layer, layer, [Int8](repeating: 0, count: inputs))
    let after = try error(layer, SmoothedCheckpoint(layer, Smoothing([site])), site.exponents)
    #expect(after < 0.5 * before, "\(after) of \(before)")
  }

  @Test func `without outliers nothing is worse than it was`() throws {
    let layer = try layer(outlier: 1)
    let site = try #require(try searched(layer).sites.first)
    let before = try error(layer, layer, [Int8](repeating: 0, count: inputs))
    #expect(try error(layer, SmoothedCheckpoint(layer, Smoothing([site])), site.exponents) <= before)
  }

  @Test func `the same smoothing comes of any number of threads`() throws {
    let layer = try layer(outlier: 9)
    let samples = InputSamples(of: ["w"])
    samples.observe(seen(by: layer), meeting: "w")
    let found = try [1, 3].map { try Smoothing.searched([("norm", ["w"])], in: layer, samples, Compute(threads: $0)) }
    #expect(found[0] == found[1])
  }

  @Test func `exponents are those of the specification`() {
    // α log₂ 8 − (1 − α) log₂ (1/4) = 3 α + 2 (1 − α); log₂ 3 is taken as 1.5; a channel that is always zero stays.
    for (alpha, expected) in [(0, 2), (5, 2), (10, 3)] {
      #expect(
        Smoothing.exponents(alpha: alpha, activations: [8, 0, 8], weights: [0.25, 1, 0]) == [Int8(expected), 0, 0])
    }
    #expect(Smoothing.logarithm(3) == 1.5)
    #expect(Smoothing.logarithm(0.75) == -0.5)
    #expect(Smoothing.exponents(alpha: 10, activations: [3, 0x1p60], weights: [1, 1]) == [2, 12])
  }

  @Test func `folding is exact, and back again`() throws {
    let layer = try layer(outlier: 40)
    let exponents = (0..<inputs).map { Int8($0 % 25 - 12) }
    let there = try SmoothedCheckpoint(
      layer, Smoothing([Smoothing.Site(norm: "norm", weights: ["w"], alpha: 5, exponents: exponents)]))
    #expect(there.changes("w") && there.changes("norm.bias") && !there.changes("other"))
    let back = try SmoothedCheckpoint(
      there, Smoothing([Smoothing.Site(norm: "norm", weights: ["w"], alpha: 5, exponents: exponents.map { -$0 })]))
    for tensor in back.tensors {
      let values: [Float] = try back.withBytes(of: tensor) { widen($0, of: .float32) }
      #expect(values == layer.values[tensor.name])
    }
    let w: [Float] = try there.withBytes(of: there.tensors[2]) { widen($0, of: .float32) }
    #expect(w[14] == 4 * (layer.values["w"]?[14] ?? 0))
    let gain: [Float] = try there.withBytes(of: there.tensors[0]) { widen($0, of: .float32) }
    #expect(gain[14] == 0.25)
  }

  @Test func `what does not fit is refused by name`() throws {
    let layer = try layer(outlier: 1)
    func site(_ norm: String, _ weights: [String], _ exponents: [Int8]) -> Smoothing.Site {
      Smoothing.Site(norm: norm, weights: weights, alpha: 1, exponents: exponents)
    }
    let one = [Int8](repeating: 1, count: inputs)
    let cases: [([Smoothing.Site], CheckpointError)] = [
      ([site("other", ["w"], one)], CheckpointError(.missing, .smoothing, subject: "other.weight", "")),
      ([site("norm", ["v"], one)], CheckpointError(.missing, .smoothing, subject: "v", "")),
      ([site("norm", ["w"], [1])], CheckpointError(.mismatch, .smoothing, subject: "norm.weight", "")),
      ([site("norm", ["w", "w"], one)], CheckpointError(.malformed, .smoothing, subject: "w", "")),
      (
        [site("norm", ["w"], [Int8](repeating: 13, count: inputs))],
        CheckpointError(.malformed, .smoothing, subject: "norm", "")
      ),
    ]
    for (sites, expected) in cases {
      #expect(throws: expected) { try SmoothedCheckpoint(layer, Smoothing(sites)) }
    }
    // A factor that would cost digits: a subnormal number has fewer than it needs.
    let small = try Layer([
      ("norm.weight", Shape(1), [1]), ("norm.bias", Shape(1), [0x1.8p-126]), ("w", Shape(1, 1), [1]),
    ])
    let smoothed = try SmoothedCheckpoint(small, Smoothing([site("norm", ["w"], [12])]))
    #expect(throws: Never.self) { try smoothed.withBytes(of: smoothed.tensors[1]) { _ in } }
    let tiny = try Layer([
      ("norm.weight", Shape(1), [1]), ("norm.bias", Shape(1), [0x1.fffffep-126]), ("w", Shape(1, 1), [1]),
    ])
    let lossy = try SmoothedCheckpoint(tiny, Smoothing([site("norm", ["w"], [12])]))
    #expect(throws: CheckpointError(.unsupported, .smoothing, subject: "norm.bias", "")) {
      try lossy.withBytes(of: lossy.tensors[1]) { _ in }
    }
  }

  @Test func `samples are spread evenly, and the largest are over all rows`() throws {
    let samples = InputSamples(of: ["w"])
    for start in stride(from: 0, to: 3000, by: 300) {
      let values = (0..<300).map { Float(start + $0) }
      samples.observe(Matrix<Float>(values: values, rows: 300, columns: 1), meeting: "w")
    }
    let (rows, largest) = try #require(samples.inputs(of: "w"))
    #expect(largest == [2999])
    #expect(rows.rows <= InputSamples.mostRows && rows.rows > InputSamples.mostRows / 2)
    let steps = zip(rows.values, rows.values.dropFirst()).map { $1 - $0 }
    #expect(Set(steps) == [8])
  }
}
