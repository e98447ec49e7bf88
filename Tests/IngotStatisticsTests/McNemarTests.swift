// SPDX-License-Identifier: Apache-2.0

import Foundation
import IngotStatistics
import IngotTestSupport
import Testing

@Suite struct McNemarTests {
  private struct Golden: Decodable {
    let first: Int
    let second: Int
    let p: Double
  }

  @Test func `is SciPy's exact binomial test`() throws {
    let data = try Data(contentsOf: URL(filePath: Fixtures.path("evaluation/mcnemar.json")))
    let cases = try JSONDecoder().decode([Golden].self, from: data)
    #expect(cases.count == 8)
    for golden in cases {
      let test = McNemarTest(onlyFirst: golden.first, onlySecond: golden.second)
      #expect(abs(test.probability - golden.p) <= 1e-10 * golden.p, "\(golden), \(test.probability)")
      #expect(McNemarTest(onlyFirst: golden.second, onlySecond: golden.first).probability == test.probability)
    }
    // One row more on one side is another probability.
    #expect(
      McNemarTest(onlyFirst: 3, onlySecond: 10).probability < McNemarTest(onlyFirst: 3, onlySecond: 9).probability)
  }
}
