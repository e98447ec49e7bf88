// SPDX-License-Identifier: Apache-2.0

import IngotStatistics
import IngotTensor

/// The figures that compare what two models say of the same images and texts.
struct Figures {
  /// Logits of the reference, image by image.
  let reference: [[Double]]
  /// Logits of the model.
  let model: [[Double]]

  init(_ found: Matrix<Float>, _ expected: Matrix<Float>) {
    model = (0..<found.rows).map { found.row($0).map(Double.init) }
    reference = (0..<expected.rows).map { expected.row($0).map(Double.init) }
  }

  private var pairs: Zip2Sequence<[[Double]], [[Double]]> { zip(reference, model) }

  /// The place of the largest number, the first of equal ones; `nil` of nothing.
  static func best(_ values: [Double]) -> Int? {
    values.indices.max { values[$0] < values[$1] || (values[$0] == values[$1] && $0 > $1) }
  }

  /// How many texts are looked at for `top5`.
  private static let five = 5

  var agreement: FidelityReport.Agreement? {
    guard let top1 = FidelityReport.Rate(pairs.map { Self.best($0) == Self.best($1) }) else { return nil }
    let hasMore = reference.allSatisfy { $0.count > Self.five }
    let top5 =
      hasMore
      ? FidelityReport.Rate(
        pairs.map { expected, found in
          guard let wanted = Self.best(expected) else { return false }
          return found.filter { $0 > found[wanted] }.count < Self.five
        }) : nil
    return FidelityReport.Agreement(top1: top1, top5: top5)
  }

  var retrieval: FidelityReport.Retrieval {
    func columns(_ rows: [[Double]]) -> [[Double]] {
      (0..<(rows.first?.count ?? 0)).map { column in rows.map { $0[column] } }
    }
    return FidelityReport.Retrieval(
      textsForImage: Self.ranks(reference, model), imagesForText: Self.ranks(columns(reference), columns(model)))
  }

  private static func ranks(_ reference: [[Double]], _ model: [[Double]]) -> FidelityReport.Ranks? {
    guard let spearman = FidelityReport.Mean(zip(reference, model).map { RankCorrelation.spearman($0, $1) }),
      let kendall = FidelityReport.Mean(zip(reference, model).map { RankCorrelation.kendall($0, $1) }),
      let first = FidelityReport.Rate(zip(reference, model).map { best($0) == best($1) })
    else { return nil }
    return FidelityReport.Ranks(spearman: spearman, kendall: kendall, first: first)
  }

  var divergences: FidelityReport.Divergences? {
    guard let from = FidelityReport.Mean(pairs.map { Divergence.kullbackLeibler($0, $1) }),
      let to = FidelityReport.Mean(pairs.map { Divergence.kullbackLeibler($1, $0) })
    else { return nil }
    return FidelityReport.Divergences(fromReference: from, toReference: to)
  }

  /// The change of the calibration error.
  ///
  /// - Parameter labels: the right text of each image; where there are none, the reference's best text counts as right.
  /// - Returns: `nil` where there is nothing to compare, or a number is not finite.
  func calibration(labels: [Int]?) -> FidelityReport.CalibrationChange? {
    guard !reference.isEmpty, reference.allSatisfy({ !$0.isEmpty }) else { return nil }
    let right = labels ?? reference.map { Self.best($0) ?? 0 }
    func outcomes(_ logits: [[Double]]) -> (confidences: [Double], hits: [Bool]) {
      let best = logits.map { Self.best($0) ?? 0 }
      let confidences = zip(logits, best).map { row, place in min(exponential(Divergence.logSoftmax(row)[place]), 1) }
      return (confidences, zip(best, right).map { $0 == $1 })
    }
    let (expected, found) = (outcomes(reference), outcomes(model))
    guard (expected.confidences + found.confidences).allSatisfy(\.isFinite) else { return nil }
    func error(_ outcomes: (confidences: [Double], hits: [Bool]), _ images: [Int]) -> Double {
      Calibration.expectedError(
        confidences: images.map { outcomes.confidences[$0] }, hits: images.map { outcomes.hits[$0] })
    }
    let all = Array(reference.indices)
    let interval = Bootstrap.interval(count: all.count, seed: FidelityReport.Mean.seed) {
      error(found, $0) - error(expected, $0)
    }
    return FidelityReport.CalibrationChange(
      labels: labels == nil ? "reference" : "given", bins: Calibration.customaryBins, reference: error(expected, all),
      model: error(found, all), change: error(found, all) - error(expected, all), interval: interval)
  }
}
