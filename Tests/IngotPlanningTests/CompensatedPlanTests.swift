// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotConversion
import IngotFidelity
import IngotFile
import IngotQuantization
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotPlanning

extension PlanningFixture {
  /// A task whose integers are rounded with compensation, on other inputs than the probes.
  func compensated(in folder: TemporaryFolder) throws -> (source: Source, task: PlanningTask) {
    let (source, task) = try task(in: folder)
    let bundle = try GoldenBundle(SafetensorsFile(MappedFile(path: Fixtures.path(golden))))
    var (rounded, probes) = (
      ProbeInputs.bundle(for: task.configuration, images: 32, texts: 32, seeds: ProbeInputs.calibrationSeeds), bundle
    )
    if bundle.imageCount >= 32 { (rounded, probes) = (bundle.every(2, from: 0), bundle.every(2, from: 1)) }
    let inputs = CalibrationSet(
      pixels: rounded.pixels, imageCount: rounded.imageCount, texts: rounded.texts, digest: "rounded")
    return (
      source,
      try PlanningTask(
        task.file, uses: task.uses,
        probes: CalibrationSet(
          pixels: probes.pixels, imageCount: probes.imageCount, texts: probes.texts, digest: "probes"),
        rounding: inputs, Compute())
    )
  }
}

extension GoldenBundle {
  fileprivate func every(_ step: Int, from start: Int) -> GoldenBundle {
    let size = pixels.count / imageCount
    let images = Array(stride(from: start, to: imageCount, by: step))
    return GoldenBundle(
      pixels: images.flatMap { pixels[$0 * size..<($0 + 1) * size] }, imageCount: images.count,
      texts: stride(from: start, to: texts.count, by: step).map { texts[$0] })
  }
}

@Suite struct CompensatedPlanTests {
  @Test(arguments: PlanningFixture.all)
  func `a plan is nearer than uniform encodings that are compensated, too, and predicts its error`(
    _ fixture: PlanningFixture
  ) throws {
    let folder = try TemporaryFolder()
    let (source, task) = try fixture.compensated(in: folder)
    @Sendable func size(_ encodings: [String: EncodingScheme]) throws -> Int {
      try Converter.quantizedSize(of: source, PlanningFixture.request(encodings, nil))
    }
    let planner = try EncodingPlanner(task, Sensitivities(task, cache: nil), size: size)
    print("\(fixture.model): uniform encoding, bytes, logit error; plan's bytes, predicted and measured logit error")
    for scheme in [EncodingScheme.int8, .int6Group64, .int4Group128] {
      let uniform = try planner.uniform(scheme)
      let error = try planner.measured(uniform.encodings)
      let result = try planner.plan(for: .maximumSize(uniform.size))
      let (plan, found) = (result.chosen, result.measured)
      print(
        "  \(scheme.rawValue) \(uniform.size) \(error.logits); \(plan.size) \(plan.predicted.logits) \(found.logits)")
      #expect(plan.size <= uniform.size)
      #expect(found.logits < 0.9 * error.logits, "\(scheme.rawValue)")
      #expect(abs(plan.predicted.logits - found.logits) <= 0.2 * found.logits, "\(scheme.rawValue)")
      // What the planner hands on is what its figures are of.
      #expect(Set(result.encoded.map(\.target.name)) == Set(plan.encodings.filter { $0.value != .source }.keys))
      let outputs = try ProbeOutputs(task.encoder(result.encoded), task.probes, task.compute)
      let original = try ProbeOutputs(task.encoder([]), task.probes, task.compute)
      #expect(try PlanError(outputs, original, task.compute) == found)
    }
  }

  @Test func `goals of quality are met, by a smaller file than rounding to nearest needs`() throws {
    let folder = try TemporaryFolder()
    let (source, task) = try PlanningFixture.trained.compensated(in: folder)
    @Sendable func size(_ encodings: [String: EncodingScheme]) throws -> Int {
      try Converter.quantizedSize(of: source, PlanningFixture.request(encodings, nil))
    }
    let planner = try EncodingPlanner(task, Sensitivities(task, cache: nil), size: size)
    let nearest = try PlanningTask(task.file, uses: task.uses, probes: task.probes, Compute())
    let other = try EncodingPlanner(nearest, Sensitivities(nearest, cache: nil), size: size)
    for goal in [PlanningGoal.minimumCosine(0.9995), .minimumCosine(0.999), .maximumKL(1e-4)] {
      let result = try planner.plan(for: goal)
      #expect(goal.allows(result.measured))
      #expect(try result.chosen.size < other.plan(for: goal).chosen.size, "\(goal)")
    }
  }

  @Test(arguments: PlanningFixture.all)
  func `each tensor that a product meets is rounded with compensation, in the step it is met in`(
    _ fixture: PlanningFixture
  ) throws {
    let folder = try TemporaryFolder()
    let task = try fixture.compensated(in: folder).task
    let inputs = try #require(task.rounding)
    let encoder = try task.encoder([])
    let seen = InputCounts()
    var compute = task.compute
    compute.observer = seen
    _ = try encoder.embedImages(inputs.pixels, count: inputs.imageCount, compute)
    _ = try encoder.embedTexts(inputs.texts, compute)
    let met = Set(seen.all.map(\.name))
    var rounded: Set<String> = []
    for tower in Tower.allCases {
      let names = task.candidates().filter { $0.tower == tower }.map(\.tensor.name)
      let lone = LoneRounding(encoder, tower, of: Set(names), on: inputs, task.compute)
      for name in names.sorted(by: {
        (encoder.step(ofTensor: $0, of: tower), $0) < (encoder.step(ofTensor: $1, of: tower), $1)
      }) {
        if try lone.rounding(of: name) != nil { rounded.insert(name) }
      }
    }
    #expect(rounded == met.intersection(task.candidates().map(\.tensor.name)))
    #expect(rounded.count > 10)
  }
}
