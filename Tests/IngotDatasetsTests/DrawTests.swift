// SPDX-License-Identifier: Apache-2.0

import IngotTestSupport
import Testing

@testable import IngotDatasets

struct DrawTests {
  @Test func `Draws are those of NumPy's generator`() throws {
    for draw in try Golden.load().draws {
      var random = MersenneTwister(seed: draw.seed)
      #expect(random.choice(draw.choice.count, of: draw.count) == draw.choice)
      #expect(random.choice(2, of: draw.count - 1) == draw.next)
      var other = MersenneTwister(seed: draw.seed &+ 1)
      #expect(other.choice(draw.choice.count, of: draw.count) != draw.choice)
    }
  }

  @Test func `Every number is drawn about as often`() {
    var counts = [Int](repeating: 0, count: 5)
    for seed in 0..<5000 {
      var draw = DrawnSplit(seed: UInt64(seed))
      let drawn = draw.draw(2, of: 5)
      #expect(Set(drawn).count == 2)
      for number in drawn { counts[number] += 1 }
    }
    // 2,000 expected of each; five standard deviations of a binomial with p = 0.4 are 173.
    #expect(counts.allSatisfy { abs($0 - 2000) < 174 }, "\(counts)")
  }

  @Test func `Distances are cut at 8 and 20 metres, vehicles only`() throws {
    func line(_ kind: String, _ depth: String) -> String { "\(kind) 0 0 0 1 2 3 4 1 1 1 0 1 \(depth) 0" }
    func label(_ lines: String...) throws -> Int { try KITTIReader.distanceClass(lines, in: "x") }
    #expect(try label(line("Car", "7.999")) == 0)
    #expect(try label(line("Van", "8.0")) == 1)
    #expect(try label(line("Truck", "19.99"), line("Car", "20")) == 1)
    #expect(try label(line("Truck", "20.0")) == 2)
    #expect(try label(line("Pedestrian", "1"), line("Tram", "2"), line("DontCare", "-1000")) == 3)
    #expect(try label() == 3)
    #expect(throws: (any Error).self) { try label(line("Car", "nan")) }
  }
}
