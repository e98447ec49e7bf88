// SPDX-License-Identifier: Apache-2.0

/// Every name of a function or class in all pickles of a file, counted.
struct GlobalTally: Sendable {
  private var order: [PickleArena.Global] = []
  private var counts: [PickleArena.Global: Int] = [:]
  /// Whether each stream within a pickle that would be loaded was read as data.
  private var areStreamsRead = true

  /// Counts the names in a pickle.
  mutating func add(_ arena: PickleArena) {
    for (global, count) in zip(arena.globals, arena.globalCounts) {
      if counts[global] == nil { order.append(global) }
      counts[global, default: 0] += count
    }
  }

  /// Says that a stream within a pickle was not, or not only, read as data.
  mutating func addUnreadStream() { areStreamsRead = false }

  /// All names with their verdicts, in the order in which they were met.
  var globals: [PickleGlobal] {
    order.map { global in
      let isStream = global == Pickle.streamLoader
      return PickleGlobal(
        global, count: counts[global] ?? 0, verdict: isStream && areStreamsRead ? .interpreted : nil)
    }
  }
}
