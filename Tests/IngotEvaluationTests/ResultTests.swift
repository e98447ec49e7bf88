// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotTestSupport
import Testing

@testable import IngotEvaluation

@Suite struct ResultTests {
  @Test func `the paper's own arithmetic`() {
    #expect(PaperResults.datasets.count == 27)
    #expect(PaperResults.wins(of: PaperResults.headline) == 16)
    #expect(PaperResults.wins(of: "ViT-L/14") == 16)
    #expect(
      ["RN50", "RN101", "RN50x4", "RN50x16", "RN50x64", "ViT-B/32", "ViT-B/16"].map(PaperResults.wins) == [
        5, 6, 7, 9, 11, 8, 9,
      ])
    let shots = PaperResults.shots
    #expect(abs(shots.mean - 20.8) < 0.05 && abs(shots.median - 5.4) < 0.05)
    #expect(PaperResults.datasets.count { $0.shotsToMatch != nil } == 26)
    // Figure 8 was drawn with KITTI at 33.1; Table 11's 21.9 gives another slope.
    #expect(abs(PaperResults.trend().slope - 1.28) < 0.005 && abs(PaperResults.trend().correlation - 0.82) < 0.005)
    #expect(abs(PaperResults.trend(kitti: 21.9).slope - 1.32) < 0.005)
    // Figure 5 is the difference of the tables, but for two datasets that the paper contradicts itself on.
    let off = PaperResults.datasets.filter { entry in
      guard let score = entry.zeroShot[PaperResults.headline], let other = entry.linearProbe[PaperResults.supervised]
      else { return true }
      return abs(score - other - entry.deltaToSupervised) > 0.11
    }
    #expect(off.map(\.name) == ["kitti", "ucf101"])
  }

  @Test func `every dataset of the paper is one that is known, scored alike`() {
    for entry in PaperResults.datasets {
      guard let description = DatasetCatalogue.description(of: entry.name) else { continue }
      #expect(description.metric.rawValue == entry.metric, "\(entry.name)")
      #expect(description.classes.map(\.count) ?? entry.classes == entry.classes, "\(entry.name)")
    }
    #expect(DatasetCatalogue.description(of: "mnist") != nil)
  }

  @Test func `context names the gap, and why it says little`() throws {
    let cars = try #require(
      PaperResults.context(dataset: "stanford-cars", model: "ViT-B/32", task: .zeroShot, rows: 8041))
    #expect(cars.score == 59.4 && abs((cars.gap ?? 9) - 0.2) < 0.5 && cars.remark == nil)
    let pascal = try #require(PaperResults.context(dataset: "voc2007", model: "ViT-B/32", task: .zeroShot, rows: 4952))
    #expect(pascal.remark == "the gap is of accuracy, the gap is of 14976 images")
    #expect(PaperResults.context(dataset: "fashion-mnist", model: "ViT-B/32", task: .zeroShot, rows: nil) == nil)
    #expect(PaperResults.context(dataset: "mnist", model: "RN50", task: .linearProbe, rows: nil)?.score == 98.3)
  }

  @Test func `the generated table is what the page says`() throws {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    let tools = Fixtures.folder.deletingLastPathComponent().appending(path: "Tools")
    process.arguments = ["python3", tools.appending(path: "make_paper_tables.py").path, "--check"]
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(process.terminationStatus == 0)
  }

  private func result(_ dataset: String, _ model: String, _ task: EvaluationTask, _ score: Double) -> TaskResult {
    TaskResult(
      model: model, encoding: nil, dataset: dataset, task: task, metric: "accuracy", score: score, interval: nil,
      rows: 10, unreadable: 0, features: TaskResult.Features(layer: nil, isNormalized: false, width: 4), classes: ["a"])
  }

  @Test func `tables of datasets and models`() {
    var efficiency = result("two", "m,1", .dataEfficiency, 0.5)
    efficiency.dataEfficiency = DataEfficiency(
      matching: 0.5, [DataEfficiency.Point(shots: 1, score: 0.4), DataEfficiency.Point(shots: 4, score: 0.6)])
    let table = ResultTable([
      result("one", "m,1", .zeroShot, 0.5), result("two", "m,1", .zeroShot, 0.257_49),
      result("two", "m2", .zeroShot, 1),
      efficiency,
    ])
    #expect(
      table.markdown == """
        | dataset | metric | m,1, zero-shot | m2, zero-shot | m,1, data-efficiency |
        |---|---|---:|---:|---:|
        | one | accuracy | 50.00 |  |  |
        | two | accuracy | 25.75 | 100.00 | 2.0 shots |
        | mean | | 37.9 |  |  |

        """)
    #expect(
      table.csv == """
        dataset,metric,model,task,score,lower,upper,rows,shots,lambda
        one,accuracy,"m,1",zero-shot,0.5,,,10,,
        two,accuracy,"m,1",zero-shot,0.25749,,,10,,
        two,accuracy,m2,zero-shot,1.0,,,10,,
        two,accuracy,"m,1",data-efficiency,0.5,,,10,2.0,

        """)
    #expect(
      ResultTable.decimal(-0.04, 1) == "0.0" && ResultTable.decimal(-1.25, 1) == "-1.3"
        && ResultTable.decimal(9.99, 1) == "10.0")
  }

  @Test func `results survive JSON`() throws {
    let first = result("one", "m", .zeroShot, 0.125)
    #expect(try JSONDecoder().decode(TaskResult.self, from: JSONEncoder().encode(first)) == first)
  }
}
