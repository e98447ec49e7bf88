// SPDX-License-Identifier: Apache-2.0

import IngotStatistics
import IngotTensor

/// For which images the best text provably stays: `Formats/numerics.md`, section "What cannot flip".
struct FlipBound {
  /// For each image, the reference's margin between its two best texts, in cosine; infinite with one text.
  let margins: [Double]
  /// For each image, the margin that no set of prompts can overcome.
  let required: [Double]
  /// For each image, whether its best text stays.
  let isCertain: [Bool]
  let imageDistance: Double
  let textDistance: Double
  let rounding: Double

  /// Compares embeddings.
  ///
  /// - Parameters:
  ///   - images: the model's, one row each.
  ///   - texts: the model's.
  ///   - referenceImages: the reference's.
  ///   - referenceTexts: the reference's.
  init(
    _ images: Matrix<Float>, _ texts: Matrix<Float>, reference referenceImages: Matrix<Float>,
    _ referenceTexts: Matrix<Float>
  ) {
    func rows(_ matrix: Matrix<Float>) -> [[Double]] { (0..<matrix.rows).map { matrix.row($0).map(Double.init) } }
    func dot(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
    func distance(_ a: [Double], _ b: [Double]) -> Double {
      zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }.squareRoot()
    }
    let (a, t) = (rows(referenceImages), rows(referenceTexts))
    let (moved, movedTexts) = (rows(images), rows(texts))
    let imageSteps = zip(a, moved).map { distance($0, $1) }
    let textSteps = zip(t, movedTexts).map { distance($0, $1) }
    let largestText = textSteps.max() ?? 0
    // Both sides compare dot products that they rounded: two each, and lengths that differ from 1 by the same rounding.
    let rounding = 4 * RoundingAnalysis.gamma(images.columns + 2)
    let lengths = (a + t + moved + movedTexts).map { dot($0, $0).squareRoot() }
    let longest = max(1, lengths.max() ?? 1)
    var margins: [Double] = []
    var isCertain: [Bool] = []
    for (image, step) in zip(a, imageSteps) {
      let scores = t.map { dot(image, $0) }
      guard let best = Figures.best(scores) else {
        margins.append(.infinity)
        isCertain.append(true)
        continue
      }
      let others = scores.indices.filter { $0 != best }
      margins.append(others.map { scores[best] - scores[$0] }.min() ?? .infinity)
      isCertain.append(
        others.allSatisfy { other in
          let reach = step * distance(t[best], t[other]) + longest * (textSteps[best] + textSteps[other]) + rounding
          // Written so that NaN is not certain.
          return scores[best] - scores[other] > reach
        })
    }
    self.margins = margins
    self.isCertain = isCertain
    self.rounding = rounding
    required = imageSteps.map { 2 * longest * ($0 + largestText) + rounding }
    imageDistance = imageSteps.max() ?? 0
    textDistance = largestText
  }

  /// The guarantee as it is reported; `nil` where there is no image.
  var guarantee: FidelityReport.FlipGuarantee? {
    guard let probes = FidelityReport.Rate(isCertain),
      let anyPrompts = FidelityReport.Rate(zip(margins, required).map { $0 > $1 })
    else { return nil }
    return FidelityReport.FlipGuarantee(
      imageDistance: imageDistance, textDistance: textDistance, rounding: rounding,
      requiredMargin: required.max() ?? 0, medianRequiredMargin: required.quantile(0.5), probes: probes,
      anyPrompts: anyPrompts)
  }
}
