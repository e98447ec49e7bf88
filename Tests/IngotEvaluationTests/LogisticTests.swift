// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotBytes
import IngotDatasets
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotEvaluation

/// Logistic regression held to scikit-learn's (`Fixtures/evaluation/make.py`).
@Suite struct LogisticTests {
  struct Fit: Decodable {
    let objective: Double
    let iterations: Int
    let guesses: [Int32]
  }

  struct Golden: Decodable {
    let c: Double
    let classes: Int
    /// With scikit-learn's default tolerance, by the type that it computed in.
    let fits: [String: Fit]
    /// The objective at its minimum, in float64 to twelve digits.
    let minimum: Double
  }

  static let golden: [String: [Golden]] = {
    let data = try? Data(contentsOf: URL(filePath: Fixtures.path("evaluation/probes/golden.json")))
    return data.flatMap { try? JSONDecoder().decode([String: [Golden]].self, from: $0) } ?? [:]
  }()

  private func table(_ name: String, _ part: String, classes: Int) throws -> FeatureTable {
    try FeatureTable(
      features: Fixtures.path("evaluation/probes/\(name)-\(part).npy"),
      labels: Fixtures.path("evaluation/probes/\(name)-\(part)-labels.npy"), classes: classes, title: name)
  }

  @Test(arguments: ["ten", "two", "wide"])
  func `reaches the minimum of scikit-learn's objective, and its guesses there`(_ name: String) throws {
    let cases = try #require(Self.golden[name])
    #expect(cases.count == 4)
    var compared = 0
    for golden in cases {
      let train = try table(name, "train", classes: golden.classes)
      let test = try table(name, "test", classes: golden.classes)
      var options = LogisticOptions()
      options.tolerance = 1e-6
      let fit = try LogisticFit.train(
        [TrainingPart(train)], classes: golden.classes, c: golden.c, Compute(), options: options)
      #expect(
        abs(fit.objective / golden.minimum - 1) <= 1e-4, "C \(golden.c): \(fit.objective), \(golden.minimum)")
      let sheet = try fit.classifier.scores(
        of: test, ScoreSheet(test.labels, for: .accuracy, isSoftmax: true), Compute())
      let theirs = try #require(golden.fits["float64"])
      // Guesses can be held to theirs only where scikit-learn came as near the minimum itself.
      if theirs.objective <= golden.minimum * (1 + 1e-4) {
        compared += 1
        let right = zip(theirs.guesses, test.labels.values).count { $0 == $1 }
        #expect(Double(abs(sheet.rightCount - right)) <= 0.001 * Double(test.rows), "\(sheet.rightCount), \(right)")
      }
      // Another C is another objective: the comparison above can fail.
      let other = try LogisticFit.train(
        [TrainingPart(train)], classes: golden.classes, c: golden.c * 1.01, Compute(), options: options)
      #expect(abs(other.objective / golden.minimum - 1) > 1e-4)
    }
    #expect(compared > 0)
  }

  @Test(arguments: ["ten", "two", "wide"])
  func `with the default tolerance it ends where scikit-learn ends`(_ name: String) throws {
    for golden in try #require(Self.golden[name]) {
      let train = try table(name, "train", classes: golden.classes)
      let fit = try LogisticFit.train([TrainingPart(train)], classes: golden.classes, c: golden.c, Compute())
      let theirs = golden.fits.values.map(\.objective)
      // With C = 100 the mean's derivatives are small long before the minimum: float32 and float64 of scikit-learn end at different places,
      // up to 11 % above it, and so may this. Where both of them agree this must agree as well.
      guard let low = theirs.min(), let high = theirs.max(), high <= low * (1 + 1e-4) else { continue }
      #expect(
        fit.objective >= low * (1 - 1e-4) && fit.objective <= high * (1 + 1e-4),
        "C \(golden.c): \(fit.objective), \(theirs)")
    }
  }

  @Test func `is the same bits for every number of threads and part of the rows`() throws {
    let train = try table("ten", "train", classes: 10)
    let fits = try [1, 2, 3].map {
      try LogisticFit.train([TrainingPart(train)], classes: 10, c: 1, Compute(threads: $0)).classifier
    }
    #expect(fits[0] == fits[1] && fits[0] == fits[2])
    // Rows that are left out are as if they were not there.
    let chosen = (0..<train.rows).filter { $0 % 3 != 0 }
    let masked = try LogisticFit.train([TrainingPart(train, rows: Set(chosen))], classes: 10, c: 1, Compute())
    let gathered = try LogisticFit.train([TrainingPart(train.gathering(chosen))], classes: 10, c: 1, Compute())
    #expect(abs(masked.objective - gathered.objective) <= 1e-4 * gathered.objective)
  }

  @Test func `a class without rows and features that are not finite are errors`() throws {
    let train = try table("ten", "train", classes: 10)
    let few = try table("ten", "train", classes: 12)
    let empty = fault { _ = try LogisticFit.train([TrainingPart(few)], classes: 12, c: 1, Compute()) }
    #expect(empty?.code == .missing)
    #expect(empty?.detail.contains("class 10, 11") == true)
    let same = FeatureTable(
      Matrix(values: train.withRows(0..<4) { [Float](littleEndianBytes: $0) }, rows: 4, columns: train.width),
      SampleLabels([0, 0, 0, 0], classes: 1), title: "same")
    let one = fault { _ = try LogisticFit.train([TrainingPart(same)], classes: 1, c: 1, Compute()) }
    #expect(one?.code == .missing && one?.detail.contains("1 class") == true)
    var values = train.withRows(0..<train.rows) { [Float](littleEndianBytes: $0) }
    values[5 * train.width + 3] = .infinity
    let broken = FeatureTable(
      Matrix(values: values, rows: train.rows, columns: train.width), train.labels, title: "broken")
    let error = fault { _ = try LogisticFit.train([TrainingPart(broken)], classes: 10, c: 1, Compute()) }
    #expect(error?.code == .malformed)
    #expect(error?.detail.contains("row 5, column 3") == true)
  }

  @Test func `the limit of iterations ends it, and is said`() throws {
    let train = try table("ten", "train", classes: 10)
    var options = LogisticOptions()
    options.iterations = 3
    let fit = try LogisticFit.train([TrainingPart(train)], classes: 10, c: 1, Compute(), options: options)
    #expect(fit.iterations == 3 && !fit.hasConverged)
  }
}
