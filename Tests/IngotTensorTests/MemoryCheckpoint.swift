// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// One tensor in memory, for tests of what consumes tensors.
struct MemoryCheckpoint: Checkpoint {
  let tensors: [TensorDescriptor]
  let bytes: [UInt8]

  init(type: ElementType, shape: Shape, encoding: TensorEncoding = .plain, bytes: [UInt8]) {
    tensors = [
      TensorDescriptor(
        name: "weight", type: type, shape: shape, encoding: encoding, byteCount: bytes.count, access: .mapped)
    ]
    self.bytes = bytes
  }

  func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    try bytes.withRawSpan(body)
  }

  func weights(_ layout: WeightMatrix.Layout) throws -> WeightMatrix {
    try WeightMatrix(tensors[0], in: self, layout: layout)
  }
}

extension [Float] {
  var littleEndianBytes: [UInt8] { withRawSpan { $0.copied() } }
}
