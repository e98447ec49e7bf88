// SPDX-License-Identifier: Apache-2.0

import IngotStatistics
import Testing

/// Every function against SciPy or scikit-learn.
///
/// Bounds: 1e-13 where a formula is evaluated directly; 1e-10 where logarithms of gamma functions of up to
/// 10^5 (a million in size, 1e-16 of it each) enter an exponential.
@Suite struct StatisticsTests {
  private let golden: GoldenFigures
  private let direct = 1e-13
  private let throughGamma = 1e-10

  init() throws {
    golden = try GoldenFigures.load()
  }

  @Test func `the logarithm of the gamma function is SciPy's`() {
    for row in golden.logGamma {
      #expect(agree(Gamma.logarithm(row[0]), row[1], relative: direct, absolute: 1e-14), "\(row)")
    }
    #expect(Gamma.logarithm(-1).isNaN && Gamma.logarithm(.nan).isNaN && Gamma.logarithm(0) == .infinity)
  }

  @Test func `the incomplete gamma function and the chi-square distribution are SciPy's`() {
    for row in golden.upperGamma {
      #expect(agree(Gamma.upperRegularized(row[0], row[1]), row[2], relative: throughGamma, absolute: 1e-15), "\(row)")
    }
    for row in golden.chiSquareSurvival {
      #expect(
        agree(Gamma.chiSquareSurvival(row[0], degrees: row[1]), row[2], relative: throughGamma, absolute: 1e-15),
        "\(row)")
    }
  }

  @Test func `the incomplete beta function and its inverse are SciPy's`() {
    for row in golden.beta {
      #expect(
        agree(Beta.regularized(row[0], row[1], row[2]), row[3], relative: throughGamma, absolute: 1e-15), "\(row)")
    }
    for row in golden.betaQuantile {
      let found = Beta.quantile(row[0], row[1], row[2])
      #expect(agree(found, row[3], relative: 1e-9), "\(row), found \(found)")
    }
    #expect(Beta.regularized(1.5, 1, 1).isNaN && Beta.quantile(0.5, 0, 1).isNaN)
  }

  @Test func `normal and Student distributions are SciPy's`() {
    for row in golden.normal {
      // SciPy gives 0 for what is below the normal numbers.
      #expect(
        agree(Normal.cumulative(row[0]), row[1], relative: 1e-12, absolute: .leastNormalMagnitude), "\(row)")
    }
    for row in golden.normalQuantile {
      #expect(agree(Normal.quantile(row[0]), row[1], relative: direct, absolute: 1e-15), "\(row)")
    }
    for row in golden.student {
      #expect(agree(StudentT.cumulative(row[0], degrees: row[1]), row[2], relative: throughGamma), "\(row)")
    }
    for row in golden.studentQuantile {
      let found = StudentT.quantile(row[0], degrees: row[1])
      #expect(agree(found, row[2], relative: 1e-9, absolute: 1e-12), "\(row), found \(found)")
    }
  }

  @Test func `intervals of rates are SciPy's exact ones`() {
    for row in golden.clopperPearson {
      let found = ConfidenceInterval.rate(successes: Int(row[0]), of: Int(row[1]), level: row[2])
      #expect(
        agree(found.lower, row[3], relative: 1e-9) && agree(found.upper, row[4], relative: 1e-9),
        "\(row), found \(found)")
    }
  }

  @Test func `moments and intervals of a mean are SciPy's`() {
    let sample = golden.mean
    #expect(agree(sample.values.mean, sample.mean, relative: direct))
    #expect(agree(sample.values.sampleDeviation, sample.deviation, relative: direct))
    let student = ConfidenceInterval.mean(of: sample.values)
    #expect(
      agree(student.lower, sample.student[0], relative: 1e-9) && agree(student.upper, sample.student[1], relative: 1e-9)
    )
    let normal = ConfidenceInterval.mean(of: sample.values, method: .normal)
    #expect(
      agree(normal.lower, sample.normal[0], relative: 1e-12) && agree(normal.upper, sample.normal[1], relative: 1e-12))
    #expect(normal.method == .normal && student.method == .student)
  }

  @Test func `a bootstrap draws what its seed says, and ends where NumPy's percentiles are`() {
    let sample = golden.mean
    let expected = sample.bootstrap
    let found = Bootstrap.mean(of: sample.values, draws: expected.draws, seed: expected.seed)
    #expect(
      agree(found.lower, expected.interval[0], relative: 1e-12)
        && agree(found.upper, expected.interval[1], relative: 1e-12))
    let other = Bootstrap.mean(of: sample.values, draws: expected.draws, seed: expected.seed + 1)
    #expect(other != found, "another seed draws other samples")
  }

  @Test func `rank correlations are SciPy's, ties included`() {
    for sample in golden.ranks {
      #expect(sample.first.averageRanks == sample.ranks)
      #expect(agree(RankCorrelation.spearman(sample.first, sample.second), sample.spearman, relative: 1e-12))
      #expect(agree(RankCorrelation.kendall(sample.first, sample.second), sample.kendall, relative: 1e-12))
    }
    #expect(RankCorrelation.spearman([1, 1], [1, 2]).isNaN && RankCorrelation.kendall([1, 1], [1, 2]).isNaN)
    #expect(RankCorrelation.spearman([1], [2]).isNaN && RankCorrelation.kendall([], []).isNaN)
  }

  @Test func `divergences are SciPy's, in both directions`() {
    for sample in golden.divergences {
      // A sum of up to a thousand terms that nearly cancel: the logarithms are known to 1e-15 of numbers up to 100.
      let forward = Divergence.kullbackLeibler(sample.first, sample.second)
      let backward = Divergence.kullbackLeibler(sample.second, sample.first)
      #expect(agree(forward, sample.forward, relative: 1e-10, absolute: 1e-13))
      #expect(agree(backward, sample.backward, relative: 1e-10, absolute: 1e-13))
      #expect(forward != backward || sample.forward == sample.backward)
      for (found, expected) in zip(Divergence.logSoftmax(sample.first), sample.logSoftmax) {
        #expect(agree(found, expected, relative: 1e-12))
      }
    }
    #expect(Divergence.kullbackLeibler([1, .nan], [1, 2]).isNaN, "a NaN stays visible")
  }

  @Test func `calibration errors are those of scikit-learn's curve`() {
    for sample in golden.calibrations {
      let found = Calibration.expectedError(confidences: sample.confidences, hits: sample.hits, bins: sample.bins)
      #expect(agree(found, sample.error, relative: 1e-12), "found \(found), expected \(sample.error)")
    }
    #expect(Calibration.expectedError(confidences: [.nan], hits: [true]).isNaN)
  }

  @Test func `the generator is the published one`() {
    var random = SplitMix64(seed: golden.splitMix64.seed)
    // 6457827717110365317 is what the reference code prints first for this seed.
    #expect(golden.splitMix64.values.first == "6457827717110365317")
    for expected in golden.splitMix64.values { #expect(String(random.next()) == expected) }
    for _ in 0..<100 {
      #expect((0..<7).contains(random.index(below: 7)))
      #expect((0..<1).contains(random.unit()))
    }
  }
}
