// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFidelity
import IngotQuantization
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

@Suite struct GoldenTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let name: String
    let scheme: EncodingScheme
    let archive: Bool
    var testDescription: String { "\(name) \(archive ? "archive" : "state dict") as \(scheme.rawValue)" }
  }

  static let cases = ModelFixture.names.flatMap { name in
    EncodingScheme.allCases.flatMap { scheme in [true, false].map { Case(name: name, scheme: scheme, archive: $0) } }
  }

  @Test(arguments: cases)
  func `every fixture in every encoding reproduces PyTorch within its tolerance`(_ item: Case) throws {
    let report = try ModelFixture(item.name, item.scheme, archive: item.archive).verify()
    #expect(report.passed, "\(report.summary.joined(separator: "\n"))")
    #expect(report.firstDivergence == nil)
  }

  @Test(arguments: ModelFixture.names)
  func `float32 results differ from PyTorch by at most 1e-5, and logits by 1e-5 of the logit scale`(_ name: String)
    throws
  {
    for archive in [true, false] {
      let fixture = try ModelFixture(name, .source, archive: archive)
      let report = try fixture.verify()
      let scale = Double(try CLIPEncoder<Float>(fixture.configuration, fixture.file).logitScale)
      #expect(try #require(report.imageEmbeds).maxAbs <= 1e-5)
      #expect(try #require(report.textEmbeds).maxAbs <= 1e-5)
      #expect(try #require(report.logits).maxAbs <= 1e-5 * scale)
      #expect(try #require(report.logits).top1Agreement == 1)
    }
  }

  @Test(arguments: ModelFixture.names)
  func `the float64 path is nearer to PyTorch's float64 than float32 is`(_ name: String) throws {
    let fixture = try ModelFixture(name, .source)
    let golden = try SafetensorsFile(MappedFile(path: Fixtures.path("\(name)/golden-archive.safetensors")))
    let tensor = try #require(golden.tensor(named: "image_embeds_f64"))
    let expected = try golden.withBytes(of: tensor) { [Double](littleEndianBytes: $0) }
    let single = try ModelOutputs(
      running: CLIPEncoder<Float>(fixture.configuration, fixture.file), on: fixture.bundle, Compute())
    let double = try ModelOutputs(
      running: CLIPEncoder<Double>(fixture.configuration, fixture.file), on: fixture.bundle, Compute())
    let singleError = zip(try #require(single.imageEmbeds).values, expected).map { abs(Double($0) - $1) }.max() ?? 1
    let doubleError = zip(try #require(double.imageEmbeds).values, expected).map { abs($0 - $1) }.max() ?? 1
    // Sums of up to a thousand products in float64: 1e-16 · √1000 · the condition of the model, which float32 shows to be below 1e3.
    #expect(doubleError <= 1e-11)
    #expect(doubleError < singleError / 1000)
  }

  @Test(arguments: ModelFixture.names, [EncodingScheme.source, .int8])
  func `logits are the same bits on every path, for every number of threads and every batch`(
    _ name: String, _ scheme: EncodingScheme
  ) throws {
    let fixture = try ModelFixture(name, scheme)
    let encoder = try CLIPEncoder<Float>(fixture.configuration, fixture.file)
    var first: [UInt32]?
    for path in Compute.InstructionPath.allCases where path.isAvailable {
      for threads in [1, 2] {
        for batch in [1, 7, 64] {
          let outputs = try ModelOutputs(
            running: encoder, on: fixture.bundle, batch: batch, Compute(path: path, threads: threads))
          let bits = try #require(outputs.logits).values.map(\.bitPattern)
          if let first { #expect(bits == first, "\(path), \(threads) threads, batch \(batch)") } else { first = bits }
        }
      }
    }
  }

  @Test
  func
    `int8 weights on the trained fixture keep a cosine of 0.9995, and int16 activations add at most a fifth of the error`()
    throws
  {
    for archive in [true, false] {
      let fixture = try ModelFixture("fashion-clip", .int8, archive: archive)
      func outputs(_ activations: ActivationEncoding) throws -> ModelOutputs<Float> {
        try ModelOutputs(
          running: CLIPEncoder<Float>(fixture.configuration, fixture.file, activations: activations),
          on: fixture.bundle, Compute())
      }
      let (alone, rounded) = (try outputs(.float32), try outputs(.int16))
      let images = try #require(fixture.bundle.imageEmbeds)
      let texts = try #require(fixture.bundle.textEmbeds)
      for (name, weights, both, golden) in [
        ("images", alone.imageEmbeds, rounded.imageEmbeds, images),
        ("texts", alone.textEmbeds, rounded.textEmbeds, texts),
      ] {
        let (a, b) = (distances(try #require(weights), golden), distances(try #require(both), golden))
        print(
          "int8, \(archive ? "archive" : "state dict"), \(name): 1 − cosine \(a.worst) with int8 weights, \(b.worst) with int16 activations too"
        )
        #expect(a.worst <= 5e-4)
        #expect(b.worst <= 5e-4)
        #expect(b.mean <= 1.2 * a.mean)
      }
    }
  }

  /// 1 − cosine of the rows of two matrices.
  private func distances(_ found: Matrix<Float>, _ expected: Matrix<Float>) -> (worst: Double, mean: Double) {
    let all = (0..<found.rows).map { row in
      let (a, b) = (found.row(row).map(Double.init), expected.row(row).map(Double.init))
      func dot(_ x: [Double], _ y: [Double]) -> Double { zip(x, y).reduce(0) { $0 + $1.0 * $1.1 } }
      return 1 - dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
    }
    return (all.max() ?? 1, all.reduce(0, +) / Double(all.count))
  }
}
