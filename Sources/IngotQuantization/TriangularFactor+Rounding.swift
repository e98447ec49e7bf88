// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension TriangularFactor {
  /// Scales that numbers are to be rounded with.
  struct Grid: Sendable {
    /// The largest integer.
    let limit: Float
    /// One for each run of `length` numbers of a row, runs of the first row first.
    let scales: [Float]
    /// Numbers that share a scale; the last run of a row may be shorter.
    let length: Int
  }

  /// Rounds rows to integers so that what is left, multiplied by M, is small: input by input in the factor's order, each number first moved by
  /// what the roundings before it ask for.
  ///
  /// That is the nearest plane algorithm of Babai (1986) for each row, which is what GPTQ computes (Chen et al. 2025).
  ///
  /// - Parameters:
  ///   - values: `rows × n` finite numbers.
  ///   - grid: the scales.
  ///   - compute: how to compute.
  /// - Returns: as many integers within the grid's limit.
  func rounded(_ values: [Double], to grid: Grid, _ compute: Compute) -> [Int8] {
    let n = order.count
    let count = values.count / n
    precondition(count * n == values.count, "whole rows")
    let runs = (n + grid.length - 1) / grid.length
    precondition(grid.scales.count == count * runs, "a scale for each run")
    var integers = [Int8](repeating: 0, count: values.count)
    // What is left of each number, row by row in the factor's order.
    var left = Matrix<Double>(rows: count, columns: n)
    for begin in stride(from: 0, to: n, by: Self.block) {
      let width = min(Self.block, n - begin)
      let moved = shifts(left, begin..<begin + width, compute)
      let parts = inParts(count, compute) { channels in
        rounded(values, moved, to: grid, channels, begin..<begin + width)
      }
      for part in parts {
        for (place, row) in part.channels.enumerated() {
          for k in 0..<width {
            integers[row * n + order[begin + k]] = part.integers[place * width + k]
            left.values[row * n + begin + k] = part.left[place * width + k]
          }
        }
      }
    }
    return integers
  }

  private struct Part: Sendable {
    let channels: Range<Int>
    /// `[channels, block]`.
    var integers: [Int8] = []
    /// What is left of each number.
    var left: [Double] = []
  }

  /// Rounds one block of inputs of some channels, given what those before bring to it.
  private func rounded(
    _ values: [Double], _ moved: [Double], to grid: Grid, _ channels: Range<Int>, _ block: Range<Int>
  ) -> Part {
    let n = order.count
    let runs = (n + grid.length - 1) / grid.length
    var part = Part(channels: channels)
    var recent = [Double](repeating: 0, count: block.count)
    for row in channels {
      for k in 0..<block.count {
        let place = order[block.lowerBound + k]
        var shift = moved[row * block.count + k]
        let factors = (block.lowerBound + k) * n + block.lowerBound
        for j in 0..<k { shift += rows.values[factors + j] * recent[j] }
        let value = values[row * n + place]
        let scale = grid.scales[row * runs + place / grid.length]
        let integer = (Float(value + shift) / scale).rounded(.toNearestOrEven)
        let kept = min(max(integer, -grid.limit), grid.limit)
        recent[k] = value - Double(kept) * Double(scale)
        part.integers.append(Int8(kept))
        part.left.append(recent[k])
      }
    }
    return part
  }

  /// Some channels at a time, on all threads; the results in order.
  func inParts<T: Sendable>(_ count: Int, _ compute: Compute, _ body: @Sendable (Range<Int>) -> T) -> [T] {
    let parts = min(count, 4 * compute.threads)
    do {
      return try compute.map(parts) { body(count * $0 / parts..<count * ($0 + 1) / parts) }
    } catch {
      preconditionFailure("nothing is thrown")
    }
  }

  /// What the numbers before a block of rows of M bring to it: `[numbers.rows, block.count]`.
  func shifts(_ numbers: Matrix<Double>, _ block: Range<Int>, _ compute: Compute) -> [Double] {
    var moved = Matrix<Double>(rows: numbers.rows, columns: block.count)
    let before = 0..<block.lowerBound
    guard !before.isEmpty else { return moved.values }
    compute.product(
      numbers.part(rows: 0..<numbers.rows, columns: before), rowsOf: rows.part(rows: block, columns: before),
      into: &moved)
    return moved.values
  }
}
