// SPDX-License-Identifier: Apache-2.0

/// Finds choices of little error for their size.
///
/// Everything here is sums and comparisons in a fixed order: the same measurements give the same choice.
enum Search {
  /// The way from all tensors as they are to the smallest model: each step saves the most bytes for what it adds to the error, so that the
  /// steps lie near the lower hull of all choices.
  ///
  /// - Returns: the choice after each step, the first without any.
  static func descent(_ interactions: Interactions) -> [Choice] {
    var choice = Choice(interactions)
    var path = [choice]
    while true {
      var best: (row: Int, item: Int, rate: Double, saved: Int)?
      for row in choice.items.indices {
        for case let item? in choice.options(row) where item != choice.items[row] {
          let change = choice.change(row, to: item)
          guard change.bytes < 0 else { continue }
          // Where the error does not grow there is nothing to weigh.
          let rate = change.error <= 0 ? .infinity : Double(-change.bytes) / change.error
          if let best, rate < best.rate || (rate == best.rate && -change.bytes <= best.saved) { continue }
          best = (row, item, rate, -change.bytes)
        }
      }
      guard let best else { return path }
      choice.set(best.row, to: best.item)
      path.append(choice)
    }
  }

  /// Betters a choice within a number of bytes: single changes that lessen the error, then pairs of which one makes room for the other.
  ///
  /// - Parameters:
  ///   - choice: at most as large as `limit`.
  ///   - limit: bytes of all tensors that have options.
  /// - Returns: a choice that is not worse.
  static func bettered(_ choice: Choice, within limit: Int) -> Choice {
    var choice = choice
    // Each round lessens the error; the bound is for the time that it takes.
    for _ in 0..<150 {
      let least = -1e-9 * choice.error
      if let (row, item) = single(choice, limit, least) {
        choice.set(row, to: item)
      } else if let (row, item, other, otherItem) = pair(choice, limit, least) {
        choice.set(row, to: item)
        choice.set(other, to: otherItem)
      } else {
        break
      }
    }
    return choice
  }

  private static func single(_ choice: Choice, _ limit: Int, _ least: Double) -> (Int, Int?)? {
    var best: (Int, Int?)?
    var error = least
    for row in choice.items.indices {
      for item in choice.options(row) where item != choice.items[row] {
        let change = choice.change(row, to: item)
        guard change.error < error, choice.bytes + change.bytes <= limit else { continue }
        best = (row, item)
        error = change.error
      }
    }
    return best
  }

  private static func pair(_ choice: Choice, _ limit: Int, _ least: Double) -> (Int, Int?, Int, Int?)? {
    struct Change {
      let row: Int
      let item: Int?
      let error: Double
      let bytes: Int
    }
    let changes = choice.items.indices.flatMap { row in
      choice.options(row).filter { $0 != choice.items[row] }.map { item in
        let change = choice.change(row, to: item)
        return Change(row: row, item: item, error: change.error, bytes: change.bytes)
      }
    }
    var best: (Int, Int?, Int, Int?)?
    var error = least
    // What makes room, and what takes it.
    for one in changes where one.bytes < 0 {
      let slack = choice.slack(one.row, to: one.item)
      let room = limit - choice.bytes - one.bytes
      for other in changes where other.bytes <= room && other.row != one.row {
        guard one.error + other.error - slack < error else { continue }
        let change =
          one.error + other.error + choice.pair(one.row, to: one.item, and: other.row, to: other.item)
        guard change < error else { continue }
        best = (one.row, one.item, other.row, other.item)
        error = change
      }
    }
    return best
  }
}
