// SPDX-License-Identifier: Apache-2.0

import IngotQuantization
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotFidelity

/// What is believed of integers that are not the nearest.
@Suite struct CompensationBoundTests {
  private static let shape = Shape(40, 96)

  private func share(_ scheme: EncodingScheme, _ change: ([Float]) -> [Float]) throws -> Double {
    var generator = SeededGenerator(seed: 31)
    let values = (0..<Self.shape.elementCount).map { _ in Float.random(in: -1...1, using: &generator) }
    let source = try #require(TensorDescriptor(name: "w", type: .float32, shape: Self.shape, access: .mapped))
    let target = try #require(scheme.target(of: source, for: .weights(outputAxis: 0)))
    let integers = try #require(scheme.integers)
    let length = Self.shape[1]
    let rows = QuantizedGroups(values, length: length, integers.width, group: integers.group, searches: false)
    let perRow = rows.scales.count / Self.shape[0]
    let run = integers.group?.rawValue ?? length
    let steps = values.indices.map { rows.scales[$0 / length * perRow + $0 % length / run] }
    return CompensationBound.share(of: target, values, change(rows.restored), steps).share
  }

  @Test(arguments: [EncodingScheme.int8, .int6Group64])
  func `roundings keep to it, some steps away too, exchanged rows do not`(_ scheme: EncodingScheme) throws {
    #expect(try share(scheme) { $0 } < 0.2)
    // A fifth of the integers one step away.
    let width = try #require(scheme.integers).width
    let step = Float(1) / Float(width.limit)
    #expect(try share(scheme) { $0.enumerated().map { $0 % 5 == 0 ? $1 + step : $1 } } < 0.4)
    let turned = try share(scheme) { values in
      (0..<Self.shape[0]).reversed().flatMap { values[$0 * Self.shape[1]..<($0 + 1) * Self.shape[1]] }
    }
    #expect(turned > 1, "\(turned)")
    #expect(try share(scheme) { $0.map { $0 * 0 + .nan } }.isNaN)
  }

  @Test func `two exchanged rows of int8 and int6 are seen among forty`() throws {
    for scheme in [EncodingScheme.int8, .int6Group64] {
      let exchanged = try share(scheme) { values in
        var values = values
        for k in 0..<Self.shape[1] { values.swapAt(3 * Self.shape[1] + k, 17 * Self.shape[1] + k) }
        return values
      }
      #expect(exchanged > 1, "\(exchanged)")
    }
  }
}
