// SPDX-License-Identifier: Apache-2.0

/// The generator behind `numpy.random.seed` (Matsumoto and Nishimura 1998), for splits that were drawn with it.
struct MersenneTwister {
  private var state: [UInt32]
  private var position: Int

  /// Starts as `numpy.random.seed(seed)` does.
  init(seed: UInt32) {
    state = [seed]
    for index in 1..<624 {
      let last = state[index - 1]
      state.append(1_812_433_253 &* (last ^ (last >> 30)) &+ UInt32(index))
    }
    position = 624
  }

  /// The next 32 bits.
  mutating func next() -> UInt32 {
    if position == 624 {
      for index in 0..<624 {
        let bits = (state[index] & 0x8000_0000) | (state[(index + 1) % 624] & 0x7fff_ffff)
        state[index] = state[(index + 397) % 624] ^ (bits >> 1) ^ (bits & 1 == 1 ? 0x9908_b0df : 0)
      }
      position = 0
    }
    var value = state[position]
    position += 1
    value ^= value >> 11
    value ^= (value << 7) & 0x9d2c_5680
    value ^= (value << 15) & 0xefc6_0000
    return value ^ (value >> 18)
  }

  /// `numpy.random.choice(count, wanted, replace=False)`: the first of a shuffle from the back.
  mutating func choice(_ wanted: Int, of count: Int) -> [Int] {
    precondition(wanted <= count && count <= Int(UInt32.max), "no more than there are")
    var numbers = Array(0..<count)
    for index in stride(from: count - 1, to: 0, by: -1) { numbers.swapAt(index, upTo(index)) }
    return Array(numbers.prefix(wanted))
  }

  /// A number up to `bound`, itself included: bits under a mask, drawn again where they are more.
  private mutating func upTo(_ bound: Int) -> Int {
    let mask = UInt32.max >> UInt32(truncatingIfNeeded: UInt32(bound).leadingZeroBitCount)
    while true {
      let value = Int(next() & mask)
      if value <= bound { return value }
    }
  }
}
