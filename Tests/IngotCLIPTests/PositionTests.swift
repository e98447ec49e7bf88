// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotSafetensors
import IngotTensor
import IngotTestSupport
import Testing

@testable import IngotCLIP

/// `Fixtures/families/positions`: tables of positions as OpenCLIP's own `resize_pos_embed` makes them.
@Suite struct PositionTests {
  struct Table: Sendable, CustomTestStringConvertible {
    let from: Int
    let to: Int
    let extra: Int
    var key: String { "\(from).\(to).\(extra)" }
    var testDescription: String { key }
    var interpolation: PositionInterpolation { PositionInterpolation(from: from, to: to, extraTokens: extra) }
  }

  private static let file = try? SafetensorsFile(
    MappedFile(path: Fixtures.path("families/positions/tables.safetensors")))

  static let tables: [Table] = (file?.tensors ?? []).compactMap { tensor in
    let parts = tensor.name.split(separator: ".")
    guard parts.first == "table", let from = Int(parts[1]), let to = Int(parts[2]), let extra = Int(parts[3]) else {
      return nil
    }
    return Table(from: from, to: to, extra: extra)
  }

  private func values(_ name: String) throws -> [Double] {
    let file = try #require(Self.file)
    let tensor = try #require(file.tensor(named: name), "\(name)")
    return try file.withBytes(of: tensor) { doubles(of: $0, tensor.type) }
  }

  /// How far PyTorch's own arithmetic may be from exact, for numbers of at most `largest`, with unit roundoff `u`.
  ///
  /// The argument of the kernel is made of a centre of at most `from`, rounded twice, a difference and a quotient, rounded once each: off by
  /// 4 · from · u at most. The kernel's slope is at most 25/18, its own evaluation rounds values below 8 six times, so a weight is off by
  /// (25/18 · 4 · from + 48) · u before, and by no more than twice that after the division by the sum, which is 1 or larger when it shrinks.
  /// A sum has at most 4 · stretch + 2 terms, each rounded twice more; there are two sums, the second over results of the first, of which the
  /// magnitudes of weights add up to less than 1.5.
  private func tolerance(_ table: Table, _ largest: Double, _ u: Double) -> Double {
    let terms = 4 * max(Double(table.from) / Double(table.to), 1) + 2
    let weight = 2 * (25.0 / 18 * 4 * Double(table.from) + 48) * u
    return 2 * 1.5 * terms * (weight + 2 * terms * u) * largest
  }

  private func distance(_ first: [Double], _ second: [Double]) -> Double {
    zip(first, second).map { abs($0 - $1) }.max() ?? .infinity
  }

  @Test func `there are tables for larger and smaller grids`() {
    #expect(Self.tables.count == 10)
    #expect(Self.tables.contains { $0.from > $0.to && $0.from % $0.to != 0 })
    #expect(Self.tables.contains { $0.from < $0.to && $0.to % $0.from != 0 })
  }

  @Test(arguments: tables)
  func `positions are those of OpenCLIP's function`(_ table: Table) throws {
    let original = try values("table.\(table.key)")
    let found = table.interpolation.applied(to: original)
    let width = original.count / (table.extra + table.from * table.from)
    #expect(found.count == (table.extra + table.to * table.to) * width)
    let largest = original.map(\.magnitude).max() ?? 0
    let double = try values("float64.\(table.key)")
    #expect(distance(found, double) <= tolerance(table, largest, 0x1p-53))
    let single = try values("float32.\(table.key)")
    let stored = rounded(found, to: .float32).withRawSpan { doubles(of: $0, .float32) }
    #expect(distance(stored, single) <= tolerance(table, largest, 0x1p-24))
    // Rows before the patches are kept.
    let kept = table.extra * width
    #expect(Array(found[..<kept]) == Array(original[..<kept]))
  }

  @Test func `without antialiasing, with corners aligned, or with rows and columns exchanged they are others`() throws {
    let table = Table(from: 7, to: 12, extra: 1)
    let original = try values("table.\(table.key)")
    let largest = original.map(\.magnitude).max() ?? 0
    let found = table.interpolation.applied(to: original)
    for other in ["plain", "corners"] {
      #expect(distance(found, try values("\(other).\(table.key)")) > 100 * tolerance(table, largest, 0x1p-24))
    }
    let width = original.count / 50
    let turned = original.indices.map { index in
      let (row, channel) = (index / width - 1, index % width)
      return row < 0 ? original[index] : original[(1 + row % 7 * 7 + row / 7) * width + channel]
    }
    #expect(
      distance(table.interpolation.applied(to: turned), try values("float64.\(table.key)"))
        > 100 * tolerance(table, largest, 0x1p-24))
  }

  @Test func `an interpolation to the same grid changes nothing`() {
    let table = (0..<20).map { Double($0 * $0 % 7) - 2.5 }
    #expect(PositionInterpolation(from: 3, to: 3, extraTokens: 1).applied(to: table) == table)
  }

  @Test func `numbers are rounded once`() {
    // Just above the middle between two halves; as a float it is the middle, which goes to the even one.
    let value = 1 + 0x1p-11 + 0x1p-30
    #expect(rounded([value, -value], to: .float16) == [0x01, 0x3C, 0x01, 0xBC])
    #expect(narrow([Float(value)], to: .float16) == [0x00, 0x3C])
    #expect(rounded([1 + 0x1p-8 + 0x1p-40, 1 - 0x1p-9 - 0x1p-40], to: .bfloat16) == [0x81, 0x3F, 0x7F, 0x3F])
    #expect(rounded([1.5, 0, -0.0], to: .float16) == [0x00, 0x3E, 0, 0, 0, 0x80])
    #expect(rounded([1e300], to: .float16) == [0x00, 0x7C])
    #expect(rounded([0.1], to: .float64) == [0x9a, 0x99, 0x99, 0x99, 0x99, 0x99, 0xb9, 0x3f])
  }
}
