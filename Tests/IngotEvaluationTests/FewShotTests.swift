// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotStatistics
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotEvaluation

@Suite struct FewShotTests {
  private func table(_ part: String) throws -> FeatureTable {
    try FeatureTable(
      features: Fixtures.path("evaluation/probes/ten-\(part).npy"),
      labels: Fixtures.path("evaluation/probes/ten-\(part)-labels.npy"), classes: 10, title: part)
  }

  @Test func `draws have as many rows of each class, fewer shots are a part of more, seeds differ`() throws {
    let train = try table("train")
    let draw = try ShotDraw(train, most: 16, seed: 3)
    var former: Set<Int> = []
    for shots in [1, 2, 4, 8, 16] {
      let rows = try draw.training(shots: shots, .stop)
      #expect(Set(rows).count == 10 * shots)
      for label in 0..<10 { #expect(rows.count { train.labels.values[$0] == Int32(label) } == shots) }
      #expect(former.isSubset(of: rows))
      former = Set(rows)
      let held = try draw.validation(shots: shots, .stop)
      #expect(held.count == 10 * min(4, shots))
      #expect(try Set(draw.training(shots: 16, .stop)).isDisjoint(with: held))
    }
    #expect(try ShotDraw(train, most: 16, seed: 3) == draw)
    #expect(try ShotDraw(train, most: 16, seed: 4) != draw)
  }

  @Test func `classes with too few rows end the run, or give what they have`() throws {
    let labels = SampleLabels([0, 0, 0, 1, 2, 2], classes: 4)
    let table = FeatureTable(Matrix<Float>(rows: 6, columns: 2), labels, title: "few")
    let draw = try ShotDraw(table, most: 4, seed: 0)
    let error = fault { _ = try draw.training(shots: 2, .stop) }
    #expect(error?.code == .missing)
    #expect(error?.detail == "2 classes have too few rows for 2 shots (1, 3); class 1 has 1")
    #expect(try draw.training(shots: 2, .fewer).count == 5)
    #expect(fault { _ = try draw.validation(shots: 1, .stop) }?.code == .missing)
    let several = try SampleLabels(checking: [1, 0, 0, 1], columns: 2, classes: nil)
    let many = FeatureTable(Matrix<Float>(rows: 2, columns: 2), several, title: "several")
    #expect(fault { _ = try ShotDraw(many, most: 1, seed: 0) }?.code == .unsupported)
  }

  @Test func `more shots score higher, the same seeds score the same, and an empty class is never guessed`() throws {
    let (train, test) = try (table("train"), table("test"))
    var settings = FewShotSettings()
    settings.shots = [1, 4, 16]
    settings.draws = 3
    let scores = try FewShot(settings, for: .accuracy, Compute()).run(train: train, validation: nil, test: test)
    #expect(scores.map(\.shots) == [1, 4, 16] && scores.allSatisfy { $0.scores.count == 3 })
    #expect(scores[0].mean < scores[1].mean && scores[1].mean < scores[2].mean)
    #expect(
      try FewShot(settings, for: .accuracy, Compute(threads: 1)).run(train: train, validation: nil, test: test)
        == scores)
    let interval = try #require(scores[1].interval)
    #expect(interval.method == .student && interval.lower < scores[1].mean)
    // No score lies below 0 or beyond 1, so no interval does.
    let wide = try #require(ShotScores(shots: 1, scores: [0.02, 0.98], lambdas: [1, 1]).interval)
    #expect(wide.lower == 0 && wide.upper == 1)
    settings.seed = 100
    #expect(try FewShot(settings, for: .accuracy, Compute()).run(train: train, validation: nil, test: test) != scores)
    settings.validation = .shots
    let honest = try FewShot(settings, for: .accuracy, Compute()).run(train: train, validation: nil, test: test)
    #expect(honest[2].mean > honest[0].mean)
    // Without any row of class 4, and with the penalty given.
    let kept = (0..<train.rows).filter { train.labels.values[$0] != 4 }
    settings.policy = .fewer
    settings.probe.lambda = 1
    let nine = try FewShot(settings, for: .accuracy, Compute()).run(
      train: train.gathering(kept), validation: nil, test: test)
    #expect(nine[2].lambdas == [1, 1, 1])
    #expect(nine[2].mean > 0.3 && nine[2].mean < scores[2].mean)
    settings.policy = .stop
    #expect(
      fault {
        _ = try FewShot(settings, for: .accuracy, Compute()).run(
          train: train.gathering(kept), validation: nil, test: test)
      }?.code == .missing)
  }

  private struct Killed: Error {}

  @Test func `killed few-shot probes go on after those that are done, to the same bits`() throws {
    let (train, test) = try (table("train"), table("test"))
    var settings = FewShotSettings()
    settings.shots = [1, 4]
    settings.draws = 3
    let fewShot = FewShot(settings, for: .accuracy, Compute())
    let whole = try fewShot.run(train: train, validation: nil, test: test)
    let folder = try TemporaryFolder()
    for lives in [1, 2, 3, 5] {
      let path = folder.path("shots-\(lives)")
      var (runs, trained) = (0, 0)
      var resumed: [ShotScores]?
      while resumed == nil, runs < 10 {
        runs += 1
        let progress = FewShotProgress(path: path, interval: .zero)
        var left = lives
        progress.afterWriting = {
          trained += 1
          left -= 1
          if left == 0 { throw Killed() }
        }
        do {
          resumed = try fewShot.run(train: train, validation: nil, test: test, progress: progress)
        } catch is Killed {}
      }
      #expect(resumed == whole)
      // No probe is trained twice: six in all, whatever the number of runs.
      #expect(trained == 6 && runs == 6 / lives + 1)
      #expect(!FileStatus.exists(path))
    }
  }

  @Test func `progress of other few-shot probes, or a damaged one, is refused`() throws {
    let (train, test) = try (table("train"), table("test"))
    var settings = FewShotSettings()
    (settings.shots, settings.draws) = ([1, 2], 2)
    settings.probe.lambda = 1
    let folder = try TemporaryFolder()
    let path = folder.path("state")
    func run(_ settings: FewShotSettings, _ test: FeatureTable, dies: Bool = false) -> CheckpointError? {
      let progress = FewShotProgress(path: path, interval: .zero)
      if dies { progress.afterWriting = { throw Killed() } }
      return fault {
        _ = try FewShot(settings, for: .accuracy, Compute()).run(
          train: train, validation: nil, test: test, progress: progress)
      }
    }
    _ = run(settings, test, dies: true)
    var other = settings
    other.seed = 1
    #expect(run(other, test)?.code == .mismatch)
    #expect(run(settings, train)?.code == .mismatch)
    let bytes = try contents(path)
    for place in [2, bytes.count - 50, bytes.count - 1] {
      var damaged = bytes
      damaged[place] ^= 1
      _ = try folder.write(damaged, to: "state")
      #expect(run(settings, test)?.code == .corrupt)
    }
    for count in [0, 31, 33, bytes.count - 8] {
      _ = try folder.write(Array(bytes.prefix(count)), to: "state")
      #expect(run(settings, test)?.code == .corrupt)
    }
    _ = try folder.write(bytes, to: "state")
    #expect(run(settings, test) == nil && !FileStatus.exists(path))
  }

  private func points(_ scores: [Double]) -> [DataEfficiency.Point] {
    zip([1.0, 2, 4, 8, 16], scores).map { DataEfficiency.Point(shots: $0, score: $1) }
  }

  @Test func `shots to match zero-shot are found between points, and below the first`() {
    let curve = points([0.4, 0.5, 0.6, 0.7, 0.8])
    for (score, shots) in [
      (0.4, 1.0), (0.5, 2), (0.55, 8.squareRoot()), (0.8, 16), (0.35, 0.5.squareRoot()), (0.45, 2.squareRoot()),
    ] {
      let found = DataEfficiency(matching: score, curve)
      #expect(abs((found.shots ?? 0) - shots) < 1e-9, "\(score): \(String(describing: found.shots))")
      #expect(found.kind == (score < 0.4 ? .extrapolated : .interpolated))
    }
    #expect(DataEfficiency(matching: 0.81, curve).shots == nil)
    #expect(DataEfficiency(matching: 0.81, curve).kind == .moreThanLast)
    // The whole training set is a point like the others.
    let full = DataEfficiency(matching: 0.85, curve + [DataEfficiency.Point(shots: 64, score: 0.9)])
    #expect(abs((full.shots ?? 0) - 32) < 1e-9)
    // A curve that falls again: the first place where it is reached counts.
    #expect(abs((DataEfficiency(matching: 0.5, points([0.4, 0.6, 0.3, 0.7, 0.8])).shots ?? 0) - 2.squareRoot()) < 1e-9)
    // Below the first point: as far as the second is from it, half an example; no further, and not where the curve does not rise.
    #expect(DataEfficiency(matching: 0.25, points([0.5, 0.75, 1, 1, 1])).shots == 0.5)
    for (score, scores) in [
      (0.24, [0.5, 0.75, 1, 1, 1]), (0.3, [0.4, 0.4, 0.6, 0.7, 0.8]), (0.3, [0.4, 0.2, 0.6, 0.7, 0.8]),
    ] {
      let bound = DataEfficiency(matching: score, points(scores))
      #expect(bound.kind == .fewerThanFirst && bound.shots == nil)
    }
    #expect(DataEfficiency(matching: 0.4, points([0.4, 0.4, 0.6, 0.7, 0.8])).shots == 1)
    #expect(DataEfficiency(matching: 0.3, [DataEfficiency.Point(shots: 1, score: 0.4)]).kind == .fewerThanFirst)
  }

  @Test func `the rule gives the paper's four shots for its mean scores`() {
    let curve = PaperResults.fewShot.compactMap { entry in
      entry.scores["CLIP"].map { DataEfficiency.Point(shots: Double(entry.shots), score: $0) }
    }
    #expect(curve.count == 5)
    let found = DataEfficiency(matching: 62.3, curve)
    #expect(abs((found.shots ?? 0) - 4) < 1e-9)
  }
}
