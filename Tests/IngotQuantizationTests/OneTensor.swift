// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor
import IngotTestSupport

/// One tensor in memory.
struct OneTensor: Checkpoint {
  let tensors: [TensorDescriptor]
  let bytes: [UInt8]

  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    try bytes.withRawSpan(body)
  }
}

/// Numbers made of additions and products only: the same on every machine, and in the references in Tools.
func made(_ count: Int, seed: UInt64) -> [Float] {
  var generator = SeededGenerator(seed: seed)
  return (0..<count).map { index in
    let spread = (0..<4).reduce(0) { sum, _ in sum + Float(Int64(generator.next() >> 40)) - 0x1p23 }
    return spread * 0x1p-26 * (index % 61 == 0 ? 9 : 1)
  }
}
