// SPDX-License-Identifier: Apache-2.0

import IngotStatistics
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotFidelity

@Suite struct FigureTests {
  private func matrix(_ rows: [[Float]]) -> Matrix<Float> {
    Matrix(values: rows.flatMap { $0 }, rows: rows.count, columns: rows.first?.count ?? 0)
  }

  @Test func `agreement counts best texts, and five best where there are more`() throws {
    let reference = matrix([[9, 1, 2, 3, 4, 5], [0, 9, 0, 0, 0, 0], [1, 2, 3, 4, 5, 6]])
    // The second image's best text falls to the sixth place, the third's to the second.
    let model = matrix([[9, 1, 2, 3, 4, 5], [6, 1, 5, 4, 3, 2], [1, 2, 3, 4, 6, 5]])
    let agreement = try #require(Figures(model, reference).agreement)
    #expect(agreement.top1.successes == 1 && agreement.top1.trials == 3)
    #expect(agreement.top5?.successes == 2)
    #expect(agreement.top1.interval == .rate(successes: 1, of: 3))
    #expect(Figures(matrix([[1, 2]]), matrix([[1, 2]])).agreement?.top5 == nil)
  }

  @Test func `the same logits give the best of all figures`() throws {
    let logits = matrix([[3, 1, 2], [1, 5, 0], [2, 4, 9]])
    let figures = Figures(logits, logits)
    #expect(figures.retrieval.textsForImage?.spearman.mean == 1)
    #expect(figures.retrieval.imagesForText?.kendall.mean == 1)
    #expect(figures.divergences?.fromReference.largest == 0 && figures.divergences?.toReference.largest == 0)
    #expect(figures.calibration(labels: nil)?.change == 0)
  }

  @Test func `divergences have a direction, and calibration is that of the labels`() throws {
    let (model, reference) = (matrix([[4, 0, 0], [0, 1, 0]]), matrix([[1, 0, 0], [0, 3, 0]]))
    let figures = Figures(model, reference)
    let divergences = try #require(figures.divergences)
    #expect(
      divergences.fromReference.mean
        == (Divergence.kullbackLeibler([1, 0, 0], [4, 0, 0])
          + Divergence.kullbackLeibler([0, 3, 0], [0, 1, 0])) / 2)
    #expect(divergences.fromReference.mean != divergences.toReference.mean)
    let given = try #require(figures.calibration(labels: [1, 1]))
    #expect(given.labels == "given")
    // Image 0 is wrong in both: the surer it is, the worse.
    #expect(given.model > given.reference && given.change > 0)
    #expect(try #require(figures.calibration(labels: nil)).labels == "reference")
  }

  @Test func `a NaN makes no figure`() {
    let figures = Figures(matrix([[.nan, 1], [1, 2]]), matrix([[0, 1], [1, 2]]))
    #expect(figures.divergences == nil)
    #expect(figures.calibration(labels: nil) == nil)
  }

  /// Unit vectors with float32 coordinates, and the same moved a little.
  private func embeddings(_ count: Int, _ width: Int, _ reach: Float, _ random: inout SeededGenerator)
    -> (Matrix<Float>, Matrix<Float>)
  {
    var (a, b) = (Matrix<Float>(rows: count, columns: width), Matrix<Float>(rows: count, columns: width))
    for place in a.values.indices {
      a.values[place] = Float.random(in: -1...1, using: &random)
      b.values[place] = a.values[place] + reach * Float.random(in: -1...1, using: &random)
    }
    Compute().l2Normalize(&a)
    Compute().l2Normalize(&b)
    return (a, b)
  }

  @Test func `what is said not to flip never does, and not everything is said to flip`() throws {
    var random = SeededGenerator(seed: 41)
    let compute = Compute()
    var (certain, flipped, checked) = (0, 0, 0)
    for round in 0..<200 {
      let reach = Float([0.001, 0.01, 0.05, 0.3][round % 4])
      let (images, movedImages) = embeddings(12, 16, reach, &random)
      let (texts, movedTexts) = embeddings(9, 16, reach, &random)
      let bound = FlipBound(movedImages, movedTexts, reference: images, texts)
      // The logits as the model computes them, in float32.
      var (before, after) = (Matrix<Float>(rows: 12, columns: 9), Matrix<Float>(rows: 12, columns: 9))
      try compute.product(images, WeightMatrix(rows: texts), into: &before)
      try compute.product(movedImages, WeightMatrix(rows: movedTexts), into: &after)
      for image in 0..<12 {
        let best = Figures.best(before.row(image).map(Double.init))
        let isFlipped = best != Figures.best(after.row(image).map(Double.init))
        checked += 1
        if isFlipped { flipped += 1 }
        if bound.isCertain[image] {
          certain += 1
          #expect(!isFlipped, "round \(round), image \(image)")
        }
        // Other prompts whose embeddings moved no further.
        if bound.margins[image] > bound.required[image] { #expect(!isFlipped, "round \(round), image \(image)") }
      }
    }
    #expect(flipped > checked / 50, "the trial is hard: \(flipped) of \(checked) flip")
    #expect(certain > checked / 10, "the bound says something: \(certain) of \(checked)")
  }

  @Test func `probes are the same numbers everywhere`() {
    for x in stride(from: -40.0, through: 40, by: 0.0137) {
      #expect(abs(ProbeInputs.sine(x) - sineOfLibrary(x)) <= 1e-15 * max(1, abs(x)))
    }
  }
}
