// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotPlanning
import IngotQuantization
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

/// Whole models with factors moved from norms into weights.
@Suite struct SmoothedModelTests {
  private func bundle(_ fixture: PlanningFixture) throws -> GoldenBundle {
    try GoldenBundle(SafetensorsFile(MappedFile(path: Fixtures.path(fixture.golden))))
  }

  private func smoothing(_ file: IngotFile, _ bundle: GoldenBundle) throws -> Smoothing {
    let configuration = try file.configuration()
    let products = configuration.normedProducts
    let samples = InputSamples(of: Set(products.flatMap(\.weights)))
    var compute = Compute()
    compute.observer = samples
    let encoder = try CLIPEncoder<Float>(configuration, file)
    _ = try encoder.embedImages(bundle.pixels, count: bundle.imageCount, compute)
    _ = try encoder.embedTexts(bundle.texts, compute)
    return try Smoothing.searched(
      products.map { ($0.norm, $0.weights) }, in: file, samples, Compute())
  }

  @Test(arguments: [PlanningFixture.trained, .made])
  func `the function is the same to the bit`(_ fixture: PlanningFixture) throws {
    let folder = try TemporaryFolder()
    let file = try fixture.task(in: folder).task.file
    let (bundle, configuration) = (try bundle(fixture), try file.configuration())
    let found = try smoothing(file, bundle)
    #expect(found.sites.count == configuration.normedProducts.count)
    #expect(found.sites.contains { $0.exponents.contains { $0 != 0 } })
    let before = try CLIPEncoder<Float>(configuration, file)
    let after = try CLIPEncoder<Float>(configuration, SmoothedCheckpoint(file, found))
    let compute = Compute()
    let images = try [before, after].map { try $0.embedImages(bundle.pixels, count: bundle.imageCount, compute) }
    let texts = try [before, after].map { try $0.embedTexts(bundle.texts, compute) }
    #expect(images[0].values.map(\.bitPattern) == images[1].values.map(\.bitPattern))
    #expect(texts[0].values.map(\.bitPattern) == texts[1].values.map(\.bitPattern))
    // The other way round, weights alone: another function.
    let site = try #require(found.sites.first { $0.exponents.contains { $0 != 0 } })
    let half = try SmoothedCheckpoint(
      file, Smoothing([Smoothing.Site(norm: site.norm, weights: [], alpha: site.alpha, exponents: site.exponents)]))
    let other = try CLIPEncoder<Float>(configuration, half).embedImages(
      bundle.pixels, count: bundle.imageCount, compute)
    let otherTexts = try CLIPEncoder<Float>(configuration, half).embedTexts(bundle.texts, compute)
    #expect(other != images[0] || otherTexts != texts[0])
  }

  @Test func `int8 activations are nearer with it`() throws {
    let folder = try TemporaryFolder()
    let fixture = PlanningFixture.made
    let source = try fixture.task(in: folder).source
    guard case .ingot(let file) = source.content else { throw FileError(.inputMissing, path: "model", "no model") }
    let (bundle, configuration) = (try bundle(fixture), try file.configuration())
    var request = QuantizationRequest(.int8)
    let compute = Compute()
    let expected = try CLIPEncoder<Float>(configuration, file).embedImages(
      bundle.pixels, count: bundle.imageCount, compute)
    func error(_ name: String) throws -> Double {
      let path = folder.path(name)
      let size = try Converter.quantizedSize(of: source, request)
      let report = try Converter(compute, existing: .refuse).quantize(source, request, at: path)
      #expect(report.outputSize == size)
      let written = try IngotFile(MappedFile(path: path))
      let found = try CLIPEncoder<Float>(configuration, written, activations: .int8).embedImages(
        bundle.pixels, count: bundle.imageCount, compute)
      return zip(found.values, expected.values).reduce(0) { $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1) }
    }
    let plain = try error("plain.ingot")
    let found = try smoothing(file, bundle)
    request.smoothing = found
    let smoothed = try error("smoothed.ingot")
    #expect(smoothed < plain, "\(smoothed), \(plain) without")
    let provenance = try IngotFile(MappedFile(path: folder.path("smoothed.ingot"))).provenance()
    let recorded = try #require(try provenance.smoothing(of: configuration))
    let moved = found.sites.filter { $0.alpha != nil }.sorted { $0.norm < $1.norm }
    #expect(recorded.sites == moved)
    // What is recorded of other tensors than a norm and the weights behind it is not believed.
    var forged = provenance
    let step = forged.steps.count - 1
    let first = try #require(moved.first)
    forged.steps[step].smoothing?[first.norm]?.weights = []
    #expect(throws: CheckpointError(.malformed, .smoothing, subject: first.norm, "")) {
      try forged.smoothing(of: configuration)
    }
  }
}
