// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotEvaluation

@Suite struct ProbeTests {
  private struct Killed: Error {}

  private func table(_ part: String) throws -> FeatureTable {
    try FeatureTable(
      features: Fixtures.path("evaluation/probes/ten-\(part).npy"),
      labels: Fixtures.path("evaluation/probes/ten-\(part)-labels.npy"), classes: 10, title: part)
  }

  private func trial(_ number: Int, _ score: Double) -> PenaltySweep.Trial {
    PenaltySweep.Trial(
      number: number, lambda: PenaltySweep.strength(number), c: 1, score: score, objective: 0, iterations: 0,
      hasConverged: true)
  }

  private func sweep(_ score: (Int) -> Double) -> [PenaltySweep.Trial] {
    var trials: [PenaltySweep.Trial] = []
    while let number = PenaltySweep.next(after: trials, .coarseToFine) { trials.append(trial(number, score(number))) }
    return trials
  }

  @Test func `coarse to fine finds a single peak with fifteen trials at most`() {
    for peak in 0...PenaltySweep.last {
      let trials = sweep { -abs(Double($0 - peak)) }
      #expect(trials.count <= 15)
      #expect(PenaltySweep.best(of: trials)?.number == peak)
      #expect(trials.prefix(7).map(\.number) == [0, 16, 32, 48, 64, 80, 96])
    }
    // Of two peaks it may find the lower one, as the paper's search may; all trials find the higher.
    let twoPeaks = { (number: Int) in number == 3 ? 2.0 : -abs(Double(number - 64)) / 100 }
    #expect(PenaltySweep.best(of: sweep(twoPeaks))?.number == 64)
    var all: [PenaltySweep.Trial] = []
    while let number = PenaltySweep.next(after: all, .all) { all.append(trial(number, twoPeaks(number))) }
    #expect(all.count == 97 && PenaltySweep.best(of: all)?.number == 3)
    #expect(PenaltySweep.best(of: [trial(8, 1), trial(24, 1), trial(16, 1)])?.number == 24)
    #expect(abs(PenaltySweep.strength(0) - 1e-6) < 1e-18 && abs(PenaltySweep.strength(96) - 1e6) < 1e-6)
  }

  @Test func `a killed probe goes on to the same bits`() throws {
    let folder = try TemporaryFolder()
    let (train, test) = try (table("train"), table("test"))
    let probe = LinearProbe(ProbeSettings(), for: .accuracy, Compute())
    let whole = try probe.train(train, validation: nil)
    #expect(whole.trials.count >= 13 && whole.trials.count <= 15)
    for lives in [7, 40, 150, 333] {
      let path = folder.path("probe-\(lives)")
      var runs = 0
      var resumed: LinearProbe.Outcome?
      // Each run dies after so many iterations, wherever that is.
      while resumed == nil, runs < 2000 {
        runs += 1
        do {
          resumed = try probe.train(train, validation: nil, progress: dying(path, after: lives))
        } catch is Killed {}
      }
      #expect(runs > 1)
      let found = try #require(resumed)
      #expect(found.fit.classifier == whole.fit.classifier)
      #expect(found.trials == whole.trials)
      #expect(!FileManager.default.fileExists(atPath: path))
    }
    let accuracy = try probe.test(whole.fit.classifier, on: test).score(.accuracy)
    #expect(accuracy > 0.5)
  }

  /// Progress that is written after every iteration, in a run that dies after some.
  private func dying(_ path: String, after writes: Int) -> ProbeProgress {
    let progress = ProbeProgress(path: path, interval: .zero)
    var left = writes
    progress.afterWriting = {
      left -= 1
      if left == 0 { throw Killed() }
    }
    return progress
  }

  @Test func `progress of another probe, or a damaged one, is refused`() throws {
    let folder = try TemporaryFolder()
    let path = folder.path("state")
    let train = try table("train")
    #expect(throws: Killed.self) {
      try LinearProbe(ProbeSettings(), for: .accuracy, Compute()).train(
        train, validation: nil, progress: dying(path, after: 20))
    }
    var other = ProbeSettings()
    other.seed = 1
    let refused = fault {
      _ = try LinearProbe(other, for: .accuracy, Compute()).train(
        train, validation: nil, progress: ProbeProgress(path: path))
    }
    #expect(refused?.code == .mismatch)
    var bytes = try contents(path)
    for place in [3, bytes.count / 2, bytes.count - 1] {
      bytes[place] ^= 1
      _ = try folder.write(bytes, to: "state")
      let damaged = fault {
        _ = try LinearProbe(ProbeSettings(), for: .accuracy, Compute()).train(
          train, validation: nil, progress: ProbeProgress(path: path))
      }
      #expect(damaged?.code == .corrupt)
      bytes[place] ^= 1
    }
    for count in [0, 10, 40, bytes.count / 2, bytes.count - 1] {
      _ = try folder.write(Array(bytes.prefix(count)), to: "state")
      #expect(fault { _ = try ProbeState.read(path) }?.code == .corrupt)
    }
  }

  @Test func `rows of several classes are probed one class at a time`() throws {
    let train = try table("train")
    let labels = try SampleLabels(
      checking: train.labels.values.flatMap { label in
        [label < 5 ? 1 : 0, label % 2 == 0 ? 1 : 0, label == 3 ? -1 : label == 4 ? 1 : 0].map { Int32($0) }
      }, columns: 3, classes: nil)
    let values = train.withRows(0..<train.rows) { [Float](littleEndianBytes: $0) }
    let several = FeatureTable(Matrix(values: values, rows: train.rows, columns: train.width), labels, title: "several")
    var settings = ProbeSettings()
    settings.lambda = 1
    let probe = LinearProbe(settings, for: .meanAveragePrecision11, Compute())
    let outcome = try probe.train(several, validation: nil)
    let score = try probe.test(outcome.fit.classifier, on: several).score(.meanAveragePrecision11)
    struct Golden: Decodable {
      let score: Double
      enum CodingKeys: String, CodingKey { case score = "map-11" }
    }
    let golden = try JSONDecoder().decode(
      Golden.self, from: Data(contentsOf: URL(filePath: Fixtures.path("evaluation/probes/several.json"))))
    #expect(abs(score - golden.score) <= 0.001, "\(score), scikit-learn \(golden.score)")
    #expect(outcome.validation == "none, the penalty was given")
    #expect(fault { _ = try probe.test(outcome.fit.classifier, on: several).score(.accuracy) }?.code == .unsupported)
  }
}
