// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotCLIP
import IngotDatasets
import IngotNumPy
import IngotQuantization
import IngotStatistics
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotEvaluation

@Suite struct ZeroShotTaskTests {
  private func runner(_ model: FashionModel, _ dataset: Dataset, _ settings: EvaluationSettings = EvaluationSettings())
    throws
    -> TaskRunner
  {
    let provider = FeatureProvider(model.subject, dataset, settings, Compute()) { _, _, _ in }
    return TaskRunner(
      name: "model", model.subject, try TaskRunner.DatasetLabel(dataset), TaskRunner.Features(provider), settings,
      Compute()
    ) { _ in }
  }

  private func array<T: BitwiseCopyable>(_ name: String, _: T.Type) throws -> [T] {
    let file = try NumPyCheckpoint(MappedFile(path: Fixtures.path("evaluation/\(name)")))
    return try file.withBytes(of: #require(file.tensors.first)) { [T](littleEndianBytes: $0) }
  }

  @Test func `guesses of all 10,000 images are PyTorch's, but for margins below 1e-5`() throws {
    let guesses = try array("zero-shot-guesses.npy", Int32.self)
    let margins = try array("zero-shot-margins.npy", Float.self)
    let dataset = try fashionDataset()
    let float32 = try runner(FashionModel(), dataset).run(.zeroShot)
    let sheet = try #require(float32.sheet)
    #expect(sheet.predictions.count == 10_000 && guesses.count == 10_000)
    let different = sheet.predictions.indices.filter { sheet.predictions[$0] != guesses[$0] }
    #expect(different.allSatisfy { margins[$0] < 1e-5 }, "\(different.map { margins[$0] })")
    #expect(margins.count { $0 < 1e-5 } <= 1)
    #expect(abs(float32.result.score - 0.8584) <= 1e-4)
    #expect(float32.result.zeroShot?.texts == 80)
    // The rule can fail: another encoding changes guesses whose margins are not small.
    let int8 = try runner(FashionModel(.int8), dataset).run(.zeroShot)
    let other = try #require(int8.sheet)
    #expect(other.predictions.indices.contains { other.predictions[$0] != guesses[$0] && margins[$0] >= 1e-5 })
    #expect(abs(int8.result.score - float32.result.score) <= 0.003)
    let half = try runner(FashionModel(.float16), dataset).run(.zeroShot)
    #expect(abs(half.result.score - float32.result.score) <= 0.0005)
    let comparison = try TaskComparison(
      ("int8", other), against: ("float32", sheet), dataset: dataset.name, task: .zeroShot, metric: .accuracy,
      budget: 0.3)
    #expect(comparison.passed && comparison.agreement > 0.99 && comparison.agreement < 1)
    let test = try #require(comparison.test)
    #expect(abs(Double(test.onlyFirst - test.onlySecond) / 10_000 - comparison.delta) < 1e-12)
    let interval = try #require(comparison.interval)
    #expect(interval.lower <= comparison.delta && comparison.delta <= interval.upper)
    let strict = try TaskComparison(
      ("int8", other), against: ("float32", sheet), dataset: dataset.name, task: .zeroShot, metric: .accuracy,
      budget: max(0, -100 * comparison.delta - 0.005))
    #expect(strict.passed == (comparison.delta >= 0))
  }

  @Test func `several names of a class are averaged, and two classes of one name are said to be the same`() throws {
    let compute = Compute()
    var seen: [String] = []
    func embed(_ texts: [String]) throws -> Matrix<Float> {
      seen = texts
      var matrix = Matrix<Float>(rows: texts.count, columns: 4)
      for (row, text) in texts.enumerated() {
        for (place, byte) in text.utf8.enumerated() {
          matrix.values[row * 4 + place % 4] += Float(byte) * Float(place + 1)
        }
      }
      compute.l2Normalize(&matrix)
      return matrix
    }
    let classes = try ClassTable([
      ClassTable.Class(key: "a", names: ["cat", "kitten"]), ClassTable.Class(key: "b", names: ["missile"]),
      ClassTable.Class(key: "c", names: ["dog"]), ClassTable.Class(key: "d", names: ["missile"]),
    ])
    let classifier = try ZeroShotClassifier(classes, templates: ["a {}.", "one {}"], compute, embed: embed)
    #expect(seen == ["a cat.", "one cat", "a kitten.", "one kitten", "a missile.", "one missile", "a dog.", "one dog"])
    #expect(classifier.identicalClasses == [[1, 3]])
    let texts = try embed(seen)
    var expected = Matrix<Float>(rows: 1, columns: 4)
    for row in 0..<4 { for column in 0..<4 { expected.values[column] += texts.values[row * 4 + column] } }
    compute.l2Normalize(&expected)
    #expect(Array(classifier.weights.row(0)) == expected.values)
    // The mean of the texts, not of the names or templates: one text less is another class.
    #expect(Array(classifier.weights.row(1)) != Array(classifier.weights.row(0)))
    // Every image between the two is a tie, to the bit, and falls to the first.
    let features = Matrix<Float>(values: Array(classifier.weights.row(3)), rows: 1, columns: 4)
    let table = FeatureTable(features, SampleLabels([3], classes: 4), title: "tie")
    let sheet = try classifier.scores(of: table, for: .accuracy) { features, weights in
      var scores = Matrix<Float>(rows: features.rows, columns: weights.rows)
      try compute.product(features, WeightMatrix(rows: weights), into: &scores)
      return scores
    }
    #expect(sheet.ties == 1 && sheet.predictions == [1] && sheet.tiedClasses == [[1, 3]: 1])
  }

  @Test func `features of another width are refused`() throws {
    let classes = try ClassTable([ClassTable.Class(key: "a", names: ["a"]), ClassTable.Class(key: "b", names: ["b"])])
    let classifier = try ZeroShotClassifier(classes, templates: ["{}"], Compute()) { _ in
      Matrix(values: [1, 0, 0, 1], rows: 2, columns: 2)
    }
    let table = FeatureTable(
      Matrix(values: [1, 0, 0], rows: 1, columns: 3), SampleLabels([0], classes: 2), title: "three")
    let error = fault { _ = try classifier.scores(of: table, for: .accuracy) { features, _ in features } }
    #expect(error?.code == .mismatch)
  }

  @Test func `layers differ, and projected features of unit length are the embeddings`() throws {
    let model = try FashionModel()
    let samples = SampleSubset(try fashionDataset().samples(of: .test), 0..<70)
    let compute = Compute()
    func features(_ layer: FeatureLayer, _ isNormalized: Bool) throws -> Matrix<Float> {
      let extractor = ModelFeatures(
        model.subject.encoder, model.subject.steps, layer: layer, isNormalized: isNormalized)
      return try extractor.features(of: (0..<70).map { try extractor.prepare(samples.image(at: $0)) }, compute)
    }
    let extractor = ModelFeatures(
      model.subject.encoder, model.subject.steps, layer: .projected, isNormalized: true)
    let pixels = try (0..<70).flatMap { try extractor.prepare(samples.image(at: $0)) }
    #expect(try features(.projected, true) == model.subject.encoder.embedImages(pixels, count: 70, compute))
    let pooled = try features(.preProjection, false)
    #expect(pooled.columns == 128)
    // What the projection makes of them is what comes after it.
    let projected = try features(.projected, false)
    #expect(projected.columns == 96)
    #expect(try features(.preProjection, true) != pooled)
    let squares = try features(.preProjection, true).row(3).reduce(0) { $0 + $1 * $1 }
    #expect(abs(squares - 1) < 1e-5)
  }
}
