// SPDX-License-Identifier: Apache-2.0

/// Draws splits of datasets that have none, the same for the same seed everywhere.
struct DrawnSplit {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// SplitMix64 (Steele, Lea, Flood 2014).
  private mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number below `bound`: the high half of a product, drawn again where that would favour some.
  private mutating func next(below bound: Int) -> Int {
    let bound = UInt64(bound)
    while true {
      let product = next().multipliedFullWidth(by: bound)
      if product.low >= (0 &- bound) % bound { return Int(product.high) }
    }
  }

  /// Some of the numbers below `count`, in the order in which they are drawn: a shuffle from the front (Fisher, Yates).
  mutating func draw(_ wanted: Int, of count: Int) -> [Int] {
    precondition(wanted <= count, "no more than there are")
    var numbers = Array(0..<count)
    for index in 0..<wanted { numbers.swapAt(index, index + next(below: count - index)) }
    return Array(numbers.prefix(wanted))
  }

  /// Puts pictures of each class into splits.
  ///
  /// - Parameters:
  ///   - list: the pictures, class after class.
  ///   - classes: how many classes.
  ///   - sizes: for each split but the last, how many pictures of a class that has so many go into it; the last gets the number that
  ///     `rest` allows of the others.
  ///   - rest: how many of the remaining pictures go into the last split; `nil` for all.
  /// - Returns: for each split the indices of its pictures, in rising order.
  mutating func perClass(
    _ list: PictureList, classes: Int, sizes: (_ count: Int) -> [Int], rest: Int?
  ) -> [[Int]] {
    var members = [[Int]](repeating: [], count: classes)
    for index in 0..<list.count { if case .one(let label) = list.label(at: index) { members[label].append(index) } }
    var splits: [[Int]] = []
    for indices in members {
      var order = draw(indices.count, of: indices.count).map { indices[$0] }[...]
      var parts: [[Int]] = []
      for size in sizes(indices.count) {
        parts.append(Array(order.prefix(size)))
        order = order.dropFirst(size)
      }
      parts.append(Array(order.prefix(rest ?? order.count)))
      if splits.isEmpty { splits = [[Int]](repeating: [], count: parts.count) }
      for (split, part) in parts.enumerated() { splits[split] += part }
    }
    return splits.map { $0.sorted() }
  }
}
