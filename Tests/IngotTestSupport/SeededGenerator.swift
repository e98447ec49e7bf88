// SPDX-License-Identifier: Apache-2.0

/// SplitMix64 (Steele, Lea, Flood 2014): the same numbers for the same seed everywhere.
public struct SeededGenerator: RandomNumberGenerator {
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

  /// Numbers spread over several orders of magnitude, of both signs, some exactly zero.
  public mutating func unevenFloats(_ count: Int) -> [Float] {
    (0..<count).map { _ in
      let kind = Int.random(in: 0..<20, using: &self)
      if kind == 0 { return 0 }
      let scale = Float.random(in: -6...1, using: &self)
      return Float.random(in: -1...1, using: &self) * scale.magnitude * (kind == 1 ? 100 : 1)
    }
  }
}
