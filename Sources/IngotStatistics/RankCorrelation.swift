// SPDX-License-Identifier: Apache-2.0

/// How alike two orders of the same things are.
public enum RankCorrelation {
  /// Spearman's ρ: the correlation of the ranks, ties sharing theirs.
  ///
  /// - Parameters:
  ///   - first: one number for each thing.
  ///   - second: another.
  /// - Returns: in −1...1; NaN when all of one side are equal, or there are fewer than two.
  public static func spearman(_ first: [Double], _ second: [Double]) -> Double {
    precondition(first.count == second.count, "two numbers for each thing")
    let (a, b) = (first.averageRanks, second.averageRanks)
    let middle = Double(first.count + 1) / 2
    var (product, squaresOfA, squaresOfB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(a, b) {
      product += (x - middle) * (y - middle)
      squaresOfA += (x - middle) * (x - middle)
      squaresOfB += (y - middle) * (y - middle)
    }
    let size = (squaresOfA * squaresOfB).squareRoot()
    return size > 0 ? max(-1, min(1, product / size)) : .nan
  }

  /// Kendall's τ-b: pairs in the same order less pairs in the other, over the pairs that are not tied (Knight 1966, n log n).
  ///
  /// - Parameters:
  ///   - first: one number for each thing.
  ///   - second: another.
  /// - Returns: in −1...1; NaN when all of one side are equal, or there are fewer than two.
  public static func kendall(_ first: [Double], _ second: [Double]) -> Double {
    precondition(first.count == second.count, "two numbers for each thing")
    let order = first.indices.sorted { (first[$0], second[$0]) < (first[$1], second[$1]) }
    let pairs = pairCount(order.count)
    let tiedInFirst = tiedPairs(order) { first[$0] == first[$1] }
    let tiedInBoth = tiedPairs(order) { first[$0] == first[$1] && second[$0] == second[$1] }
    var (ordered, spare) = (order.map { second[$0] }, [Double](repeating: 0, count: order.count))
    let exchanges = sort(&ordered, &spare, 0..<order.count)
    let tiedInSecond = tiedPairs(Array(ordered.indices)) { ordered[$0] == ordered[$1] }
    let size = (Double(pairs - tiedInFirst) * Double(pairs - tiedInSecond)).squareRoot()
    guard size > 0 else { return .nan }
    return Double(pairs - tiedInFirst - tiedInSecond + tiedInBoth - 2 * exchanges) / size
  }

  private static func pairCount(_ count: Int) -> Int { count * (count - 1) / 2 }

  /// Pairs within runs of equal neighbours.
  private static func tiedPairs(_ order: [Int], _ isTied: (Int, Int) -> Bool) -> Int {
    var (pairs, start) = (0, 0)
    for place in order.indices.dropFirst() where !isTied(order[start], order[place]) {
      pairs += pairCount(place - start)
      start = place
    }
    return pairs + pairCount(order.count - start)
  }

  /// Sorts by merging and counts the pairs that stood in the wrong order.
  private static func sort(_ values: inout [Double], _ spare: inout [Double], _ range: Range<Int>) -> Int {
    guard range.count > 1 else { return 0 }
    let middle = range.lowerBound + range.count / 2
    var exchanges =
      sort(&values, &spare, range.lowerBound..<middle) + sort(&values, &spare, middle..<range.upperBound)
    var (left, right) = (range.lowerBound, middle)
    for place in range {
      if right < range.upperBound, left >= middle || values[right] < values[left] {
        spare[place] = values[right]
        exchanges += middle - left
        right += 1
      } else {
        spare[place] = values[left]
        left += 1
      }
    }
    for place in range { values[place] = spare[place] }
    return exchanges
  }
}
