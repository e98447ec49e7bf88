// SPDX-License-Identifier: Apache-2.0

import IngotTensor

extension ElementType {
  /// The types of the format in the order of the reference's declaration, which is that of their alignment.
  ///
  /// Their names are the raw values of `ElementType`. Writers place tensors from the end of this list to its start.
  static let safetensors: [ElementType] = [
    .bool, .uint8, .int8, .float8E5M2, .float8E4M3, .float8E8M0, .float8E4M3FNUZ, .float8E5M2FNUZ, .int16, .uint16,
    .float16, .bfloat16, .int32, .uint32, .float32, .complex64, .float64, .int64, .uint64,
  ]

  /// Types of the format that take less than a byte for each element.
  static let safetensorsBelowOneByte = ["F4", "F6_E2M3", "F6_E3M2"]

  /// The place in `safetensors`, `nil` when the format does not have the type.
  var safetensorsRank: Int? {
    Self.safetensors.firstIndex(of: self)
  }
}
