// SPDX-License-Identifier: Apache-2.0

import Foundation
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

/// A fixture, its own inputs, and everything that planning needs.
struct PlanningFixture: Sendable, CustomTestStringConvertible {
  let model: String
  let golden: String
  let options: ModelOptions

  var testDescription: String { model }

  static let trained = PlanningFixture(
    model: "fashion-clip/state_dict.pt", golden: "fashion-clip/golden.safetensors",
    options: ModelOptions(activation: .quickGELU))
  static let made = PlanningFixture(
    model: "vit-tiny/state_dict.pt", golden: "vit-tiny/golden.safetensors",
    options: ModelOptions(activation: .quickGELU))
  static let residual = PlanningFixture(
    model: "resnet-tiny/state_dict.pt", golden: "resnet-tiny/golden.safetensors",
    options: ModelOptions(activation: .quickGELU))
  static let all = [trained, made, residual]

  /// The converted model, and a task on the fixture's own inputs.
  func task(
    in folder: TemporaryFolder, threads: Int = 2, measuresAll: Bool? = nil
  ) throws -> (source: Source, task: PlanningTask) {
    let path = folder.path("model.ingot")
    if !FileManager.default.fileExists(atPath: path) {
      let checkpoint = try Source(path: Fixtures.path(model))
      let plan = try ConversionPlan(checkpoint, scheme: .source, options: options)
      _ = try Converter(Compute(), existing: .refuse).convert(checkpoint, plan, tokenizer: nil, to: path)
    }
    let source = try Source(path: path)
    guard case .ingot(let file) = source.content else { throw FileError(.inputMissing, path: path, "not a model") }
    let configuration = try file.configuration()
    let bundle = try GoldenBundle(SafetensorsFile(MappedFile(path: Fixtures.path(golden))))
    let uses = Dictionary(
      uniqueKeysWithValues: CanonicalSchema.entries(for: configuration).map { ($0.name, $0.use) })
    let task = try PlanningTask(
      file, uses: uses,
      probes: CalibrationSet(
        pixels: bundle.pixels, imageCount: bundle.imageCount, texts: bundle.texts, digest: golden),
      measuresAll: measuresAll, Compute(threads: threads))
    return (source, task)
  }

  func planner(
    in folder: TemporaryFolder, cache: String? = nil, threads: Int = 2, goal: PlanningGoal? = nil,
    measuresAll: Bool? = nil
  ) throws -> (source: Source, planner: EncodingPlanner) {
    let (source, task) = try task(in: folder, threads: threads, measuresAll: measuresAll)
    let planner = try EncodingPlanner(task, Sensitivities(task, cache: cache)) { encodings in
      try Converter.quantizedSize(of: source, Self.request(encodings, goal))
    }
    return (source, planner)
  }

  static func request(_ encodings: [String: EncodingScheme], _ goal: PlanningGoal?) -> QuantizationRequest {
    var request = QuantizationRequest(.source)
    request.plan = encodings
    request.goal = goal?.description
    return request
  }
}

@Suite struct PlannerTests {
  @Test(arguments: PlanningFixture.all)
  func `a plan is nearer than every uniform encoding of the same size, and predicts its size and error`(
    _ fixture: PlanningFixture
  ) throws {
    let folder = try TemporaryFolder()
    let (source, planner) = try fixture.planner(in: folder)
    print("\(fixture.model): uniform encoding, bytes, logit error; plan's bytes, predicted and measured logit error")
    // `Benchmarks/planning.py` has all encodings, and files.
    for scheme in [EncodingScheme.float16, .int8, .int8Group64, .int6Group64, .int4Group128] {
      let size = try Converter.quantizedSize(of: source, QuantizationRequest(scheme))
      let uniform = try planner.measured(planner.uniform(scheme).encodings)
      let result = try planner.plan(for: .maximumSize(size))
      let (plan, found) = (result.chosen, result.measured)
      print(
        "  \(scheme.rawValue) \(size) \(uniform.logits); \(plan.size) \(plan.predicted.logits) \(found.logits)")
      #expect(plan.size <= size)
      // Half precision is as good for one tensor as for another: there a plan may be the uniform encoding itself.
      #expect(
        scheme == .float16 ? found.logits <= uniform.logits : found.logits < 0.9 * uniform.logits, "\(scheme.rawValue)")
      #expect(abs(plan.predicted.logits - found.logits) <= 0.2 * found.logits, "\(scheme.rawValue)")
    }
  }

  @Test(arguments: PlanningFixture.all)
  func `the size is predicted to the byte, and the file computes what was measured`(_ fixture: PlanningFixture) throws {
    let folder = try TemporaryFolder()
    let source = try fixture.task(in: folder).source
    let limit = try Converter.quantizedSize(of: source, QuantizationRequest(.int6Group64))
    let goal = PlanningGoal.maximumSize(limit)
    let result = try fixture.planner(in: folder, goal: goal).planner.plan(for: goal)
    let report = try Converter(Compute(), existing: .refuse).quantize(
      source, PlanningFixture.request(result.chosen.encodings, goal), at: folder.path("out.ingot"))
    #expect(report.outputSize == result.chosen.size)
    #expect(report.outputSize <= limit)
    let file = try IngotFile(MappedFile(path: folder.path("out.ingot")))
    try file.verifyIntegrity()
    #expect(try file.provenance().steps.last?.encoding == "planned")
    #expect(try file.provenance().steps.last?.goal == "max-size \(limit)")
    // Fronts fall in size and rise in error.
    for (larger, smaller) in zip(result.front, result.front.dropFirst()) {
      #expect(larger.size > smaller.size)
      #expect(larger.predicted.logits < smaller.predicted.logits)
    }
  }

  @Test func `goals of quality are met by what is measured`() throws {
    let folder = try TemporaryFolder()
    let planner = try PlanningFixture.trained.planner(in: folder).planner
    let loose = try planner.plan(for: .minimumCosine(0.99))
    let strict = try planner.plan(for: .minimumCosine(0.9995))
    #expect(loose.measured.minCosine >= 0.99)
    #expect(strict.measured.minCosine >= 0.9995)
    #expect(loose.chosen.size < strict.chosen.size)
    #expect(try planner.plan(for: .maximumKL(1e-3)).measured.kl <= 1e-3)
    #expect(try planner.plan(for: .minimumTop1(1)).measured.top1 == 1)
  }

  @Test func `no plan is smaller than the smallest`() throws {
    let folder = try TemporaryFolder()
    let planner = try PlanningFixture.made.planner(in: folder).planner
    let error = #expect(throws: CheckpointError.self) { try planner.plan(for: .maximumSize(1000)) }
    #expect(error?.code == .limit)
    #expect(error?.detail.contains("1000") == true)
  }

  @Test func `the same plan comes of a cache, of half of one, and of any number of threads`() throws {
    let folder = try TemporaryFolder()
    let cache = folder.path("cache")
    let fixture = PlanningFixture.residual
    let source = try fixture.task(in: folder).source
    let limit = try Converter.quantizedSize(of: source, QuantizationRequest(.int8Group64))
    let first = try fixture.planner(in: folder, cache: cache).planner.plan(for: .maximumSize(limit))
    let names = try FileManager.default.contentsOfDirectory(atPath: cache).sorted()
    #expect(names.count > 10)
    func again(threads: Int = 2) throws -> [String: EncodingScheme] {
      try fixture.planner(in: folder, cache: cache, threads: threads).planner.plan(for: .maximumSize(limit)).chosen
        .encodings
    }
    #expect(try again() == first.chosen.encodings)
    // Half is lost, and one file is damaged.
    for name in names.prefix(names.count / 2) { try FileManager.default.removeItem(atPath: "\(cache)/\(name)") }
    try Data("{".utf8).write(to: URL(filePath: "\(cache)/\(names[names.count - 1])"))
    #expect(try again(threads: 1) == first.chosen.encodings)
    #expect(try FileManager.default.contentsOfDirectory(atPath: cache).sorted() == names)
  }

  @Test(arguments: PlanningFixture.all)
  func `what comes before a changed tensor need not be computed again`(_ fixture: PlanningFixture) throws {
    let folder = try TemporaryFolder()
    let task = try fixture.task(in: folder).task
    let base = try task.encoder([]).fitted(to: task.probes.texts)
    var (compared, hidden) = (0, 0)
    for candidate in task.candidates() {
      guard let target = candidate.targets.last?.1, let changed = try task.encoded(candidate.tensor, as: target)
      else { continue }
      let encoder = try task.encoder([changed]).fitted(to: task.probes.texts)
      let whole = try ProbeOutputs(encoder, task.probes, towers: [candidate.tower], task.compute)[candidate.tower]
      // What comes before the first block is in no state.
      guard let block = base.block(ofTensor: candidate.tensor.name, of: candidate.tower) else {
        let state = try task.state(encoder, candidate.tower)
        #expect(try encoder.embeddings(from: state, task.compute) == whole, "\(candidate.tensor.name)")
        try #expect(base.embeddings(from: task.state(base, candidate.tower), task.compute) != whole)
        continue
      }
      var state = try task.state(base, candidate.tower)
      try base.advance(&state, to: block, task.compute)
      let found = try encoder.embeddings(from: state, task.compute)
      #expect(found.values.map(\.bitPattern) == whole.values.map(\.bitPattern), "\(candidate.tensor.name)")
      compared += 1
      // Control: from a block further on, a change before it does not show.
      guard block + 1 < base.blockCount(of: candidate.tower) else { continue }
      try base.advance(&state, to: block + 1, task.compute)
      if try encoder.embeddings(from: state, task.compute) != whole { hidden += 1 }
    }
    #expect(compared > 10 && hidden > 4, "\(compared), \(hidden)")
  }

  @Test(arguments: PlanningFixture.all)
  func `of a large model two encodings of each tensor are measured, and those that the plan has`(
    _ fixture: PlanningFixture
  ) throws {
    let folder = try TemporaryFolder()
    let source = try fixture.task(in: folder).source
    for scheme in [EncodingScheme.int8, .int6Group64, .int4Group64] {
      let size = try Converter.quantizedSize(of: source, QuantizationRequest(scheme))
      let planner = try fixture.planner(in: folder, measuresAll: false).planner
      let uniform = try planner.measured(planner.uniform(scheme).encodings)
      let result = try planner.plan(for: .maximumSize(size))
      let (plan, found) = (result.chosen, result.measured)
      #expect(plan.size <= size)
      #expect(found.logits < 0.9 * uniform.logits)
      #expect(abs(plan.predicted.logits - found.logits) <= 0.2 * found.logits, "\(scheme.rawValue)")
      #expect(result.evidence.derivedEffects > result.evidence.measuredEffects / 2)
      #expect(result.evidence.derivedDeviation.map { $0 < 1 } ?? true)
    }
  }

  @Test func `what a cache has beyond what is asked changes no plan`() throws {
    let folder = try TemporaryFolder()
    let (fixture, cache) = (PlanningFixture.made, folder.path("cache"))
    let source = try fixture.task(in: folder).source
    func plan(_ cache: String?, _ scheme: EncodingScheme) throws -> [String: EncodingScheme] {
      let size = try Converter.quantizedSize(of: source, QuantizationRequest(scheme))
      return try fixture.planner(in: folder, cache: cache, measuresAll: false).planner.plan(for: .maximumSize(size))
        .chosen.encodings
    }
    let fresh = try plan(nil, .int6Group64)
    _ = try plan(cache, .int8)
    _ = try fixture.planner(in: folder, cache: cache, measuresAll: true)
    #expect(try plan(cache, .int6Group64) == fresh)
  }
}
