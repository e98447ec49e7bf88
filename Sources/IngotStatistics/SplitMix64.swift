// SPDX-License-Identifier: Apache-2.0

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed everywhere.
public struct SplitMix64: Sendable, RandomNumberGenerator {
  private var state: UInt64

  /// Starts from a seed.
  public init(seed: UInt64) {
    state = seed
  }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9e37_79b9_7f4a_7c15
    var z = state
    z = (z ^ (z >> 30)) &* 0xbf58_476d_1ce4_e5b9
    z = (z ^ (z >> 27)) &* 0x94d0_49bb_1331_11eb
    return z ^ (z >> 31)
  }

  /// A number in 0..<1: the upper 53 bits.
  public mutating func unit() -> Double { Double(next() >> 11) * 0x1p-53 }

  /// A number in `0..<count`: the upper half of the product of 64 random bits and `count` (its bias is below `count` / 2^64).
  ///
  /// - Parameter count: at least 1.
  /// - Returns: the number.
  public mutating func index(below count: Int) -> Int {
    precondition(count > 0, "a choice among none")
    return Int(next().multipliedFullWidth(by: UInt64(count)).high)
  }

  /// A number of the standard normal distribution, by its quantile function.
  public mutating func normal() -> Double {
    Normal.quantile((Double(next() >> 11) + 0.5) * 0x1p-53)
  }
}
