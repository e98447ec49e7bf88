// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension ElementType {
  /// The type of one number of an element: of a component, for complex types.
  public var component: ElementType {
    switch self {
    case .complex32: .float16
    case .complex64: .float32
    case .complex128: .float64
    default: self
    }
  }

  /// How a floating-point type divides its numbers; `nil` for integers and bools.
  ///
  /// IEEE 754-2019; bfloat16 after Intel's whitepaper of 2018; 8-bit types after the OCP's OFP8 and MX 1.0 and PyTorch's FNUZ.
  var floatFormat: (fractionBits: Int, smallestExponent: Int)? {
    switch component {
    case .float16: (10, -14)
    case .bfloat16: (7, -126)
    case .float32: (23, -126)
    case .float64: (52, -1022)
    case .float8E4M3: (3, -6)
    case .float8E5M2: (2, -14)
    case .float8E4M3FNUZ: (3, -7)
    case .float8E5M2FNUZ: (2, -15)
    case .float8E8M0: (0, -127)
    default: nil
    }
  }

  /// The distance between a number and the next one of this type, 1 for integers.
  ///
  /// - Parameter value: finite.
  /// - Returns: a power of two.
  public func unitInLastPlace(at value: Double) -> Double {
    guard let format = floatFormat else { return 1 }
    let exponent = value == 0 ? format.smallestExponent : max(Int(value.exponent), format.smallestExponent)
    return Double(sign: .plus, exponent: exponent - format.fractionBits, significand: 1)
  }
}

/// The numbers in bytes as float64: exact for all types but 64-bit integers of more than 53 bits.
///
/// - Parameters:
///   - bytes: little-endian elements of the type.
///   - type: any.
/// - Returns: one number for each element, two for a complex one.
public func doubles(of bytes: RawSpan, _ type: ElementType) -> [Double] {
  let type = type.component
  let count = bytes.byteCount / type.byteCount
  switch type {
  case .float16, .bfloat16, .float32, .float64, .int8: return widen(bytes, of: type)
  case .bool, .uint8: return (0..<count).map { Double(bytes[byte: $0]) }
  case .uint16: return (0..<count).map { Double(bytes.littleEndian(UInt16.self, at: $0 * 2)) }
  case .int16: return (0..<count).map { Double(bytes.littleEndian(Int16.self, at: $0 * 2)) }
  case .uint32: return (0..<count).map { Double(bytes.littleEndian(UInt32.self, at: $0 * 4)) }
  case .int32: return (0..<count).map { Double(bytes.littleEndian(Int32.self, at: $0 * 4)) }
  case .uint64: return (0..<count).map { Double(bytes.littleEndian(UInt64.self, at: $0 * 8)) }
  case .int64: return (0..<count).map { Double(bytes.littleEndian(Int64.self, at: $0 * 8)) }
  case .float8E4M3, .float8E5M2, .float8E8M0, .float8E4M3FNUZ, .float8E5M2FNUZ:
    let table = (0...255).map { smallFloat(UInt8($0), type) }
    return (0..<count).map { table[Int(bytes[byte: $0])] }
  case .complex32, .complex64, .complex128: preconditionFailure("components are real")
  }
}

/// One 8-bit float.
private func smallFloat(_ byte: UInt8, _ type: ElementType) -> Double {
  if type == .float8E8M0 {
    return byte == 255 ? .nan : Double(sign: .plus, exponent: Int(byte) - 127, significand: 1)
  }
  let fractionBits = type == .float8E4M3 || type == .float8E4M3FNUZ ? 3 : 2
  let isFNUZ = type == .float8E4M3FNUZ || type == .float8E5M2FNUZ
  let bias = (1 << (6 - fractionBits)) - (isFNUZ ? 0 : 1)
  let sign: FloatingPointSign = byte & 0x80 == 0 ? .plus : .minus
  let field = Int(byte & 0x7f) >> fractionBits
  let fraction = Int(byte) & ((1 << fractionBits) - 1)
  switch type {
  case .float8E4M3 where byte & 0x7f == 0x7f: return .nan
  case .float8E5M2 where field == 31: return fraction == 0 ? (sign == .plus ? .infinity : -.infinity) : .nan
  case .float8E4M3FNUZ, .float8E5M2FNUZ:
    if byte == 0x80 { return .nan }
  default: break
  }
  let significand = Double(fraction) / Double(1 << fractionBits) + (field == 0 ? 0 : 1)
  return Double(sign: sign, exponent: max(field, 1) - bias, significand: significand)
}
