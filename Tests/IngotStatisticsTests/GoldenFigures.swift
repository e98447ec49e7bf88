// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotTestSupport

/// What SciPy and scikit-learn say: `Fixtures/statistics/golden.json`.
struct GoldenFigures: Decodable {
  struct Mean: Decodable {
    struct Bootstrap: Decodable {
      let seed: UInt64
      let draws: Int
      let interval: [Double]
    }
    let values: [Double]
    let mean: Double
    let deviation: Double
    let student: [Double]
    let normal: [Double]
    let bootstrap: Bootstrap
  }

  struct Ranks: Decodable {
    let first: [Double]
    let second: [Double]
    let ranks: [Double]
    let spearman: Double
    let kendall: Double
  }

  struct Divergences: Decodable {
    let first: [Double]
    let second: [Double]
    let forward: Double
    let backward: Double
    let logSoftmax: [Double]
  }

  struct Calibrations: Decodable {
    let confidences: [Double]
    let hits: [Bool]
    let bins: Int
    let error: Double
  }

  struct Generator: Decodable {
    let seed: UInt64
    let values: [String]
  }

  let logGamma: [[Double]]
  let upperGamma: [[Double]]
  let chiSquareSurvival: [[Double]]
  let beta: [[Double]]
  let betaQuantile: [[Double]]
  let normal: [[Double]]
  let normalQuantile: [[Double]]
  let student: [[Double]]
  let studentQuantile: [[Double]]
  let clopperPearson: [[Double]]
  let mean: Mean
  let ranks: [Ranks]
  let divergences: [Divergences]
  let calibrations: [Calibrations]
  let splitMix64: Generator

  static func load() throws -> GoldenFigures {
    try JSONDecoder().decode(
      GoldenFigures.self, from: Data(contentsOf: URL(filePath: Fixtures.path("statistics/golden.json"))))
  }
}

/// Whether two numbers agree to a share of the larger, or to an absolute distance.
func agree(_ found: Double, _ expected: Double, relative: Double, absolute: Double = 0) -> Bool {
  found == expected || abs(found - expected) <= max(absolute, relative * max(abs(found), abs(expected)))
}
