// SPDX-License-Identifier: Apache-2.0

/// The type of one stored number.
///
/// Raw values are the names used in reports; they follow safetensors where it has the type.
public enum ElementType: String, Sendable, Hashable, CaseIterable, Codable {
  /// One byte, 0 or 1.
  case bool = "BOOL"
  /// Unsigned, 8 bits.
  case uint8 = "U8"
  /// Signed, 8 bits.
  case int8 = "I8"
  /// Unsigned, 16 bits.
  case uint16 = "U16"
  /// Signed, 16 bits.
  case int16 = "I16"
  /// Unsigned, 32 bits.
  case uint32 = "U32"
  /// Signed, 32 bits.
  case int32 = "I32"
  /// Unsigned, 64 bits.
  case uint64 = "U64"
  /// Signed, 64 bits.
  case int64 = "I64"
  /// IEEE 754 binary16.
  case float16 = "F16"
  /// The upper half of an IEEE 754 binary32.
  case bfloat16 = "BF16"
  /// IEEE 754 binary32.
  case float32 = "F32"
  /// IEEE 754 binary64.
  case float64 = "F64"
  /// OCP 8-bit float, 4 exponent bits, finite only.
  case float8E4M3 = "F8_E4M3"
  /// OCP 8-bit float, 5 exponent bits.
  case float8E5M2 = "F8_E5M2"
  /// OCP 8-bit power of two: 8 exponent bits, no sign, no fraction. A scale rather than a value.
  case float8E8M0 = "F8_E8M0"
  /// 8-bit float, 4 exponent bits, without infinity and negative zero.
  case float8E4M3FNUZ = "F8_E4M3FNUZ"
  /// 8-bit float, 5 exponent bits, without infinity and negative zero.
  case float8E5M2FNUZ = "F8_E5M2FNUZ"
  /// Two `float16`.
  case complex32 = "C32"
  /// Two `float32`.
  case complex64 = "C64"
  /// Two `float64`.
  case complex128 = "C128"

  /// Bytes of one element.
  public var byteCount: Int {
    switch self {
    case .bool, .uint8, .int8, .float8E4M3, .float8E5M2, .float8E8M0, .float8E4M3FNUZ, .float8E5M2FNUZ: 1
    case .uint16, .int16, .float16, .bfloat16: 2
    case .uint32, .int32, .float32, .complex32: 4
    case .uint64, .int64, .float64, .complex64: 8
    case .complex128: 16
    }
  }

  /// Bytes of the unit whose order `byteorder` swaps: a component of a complex number, else the element.
  public var swapUnit: Int {
    switch self {
    case .complex32, .complex64, .complex128: byteCount / 2
    default: byteCount
    }
  }

  /// Whether kernels compute with the type: float16, bfloat16, float32 and float64.
  public var isComputable: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64: true
    default: false
    }
  }

  /// Whether the type is a real floating-point type that inference can widen to float32 or holds float64.
  public var isFloatingPoint: Bool {
    switch self {
    case .float16, .bfloat16, .float32, .float64, .float8E4M3, .float8E5M2: true
    default: false
    }
  }
}
