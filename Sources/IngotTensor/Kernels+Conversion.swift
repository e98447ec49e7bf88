// SPDX-License-Identifier: Apache-2.0
//
// Pointers to the kernels that change the type of numbers and compare them; the rules of Kernels.swift hold here too.

private import CIngotKernels

/// Widens stored floating-point or int8 numbers; exact, but for float64 to float32, which rounds to nearest even.
///
/// - Parameters:
///   - bytes: a whole number of elements, at any alignment.
///   - type: `F16`, `BF16`, `F32`, `F64` or `I8`.
/// - Returns: one number for each element.
public func widen<R: Real>(_ bytes: RawSpan, of type: ElementType) -> [R] {
  let count = bytes.byteCount / type.byteCount
  let path = Compute.InstructionPath.best.code
  // SAFETY: the kernel reads `count` elements and writes as many numbers.
  return unsafe [R](unsafeUninitializedCapacity: count) { out, initialized in
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe ingot_widen(path, R.precision.code, type.weightCode, bytes.baseAddress, count, out.baseAddress)
    }
    initialized = count
  }
}

/// Narrows float32 numbers, round to nearest even; what is too large becomes infinite.
///
/// - Parameters:
///   - values: any numbers.
///   - type: `F16` or `BF16`.
/// - Returns: two bytes for each number, little-endian.
public func narrow(_ values: [Float], to type: ElementType) -> [UInt8] {
  precondition(type == .float16 || type == .bfloat16, "narrows to 16 bits")
  let count = values.count * 2
  let path = Compute.InstructionPath.best.code
  // SAFETY: the kernel reads `values.count` numbers and writes two bytes for each.
  return unsafe [UInt8](unsafeUninitializedCapacity: count) { out, initialized in
    unsafe values.withUnsafeBufferPointer { values in
      unsafe ingot_narrow(path, type.weightCode, values.baseAddress, values.count, out.baseAddress)
    }
    initialized = count
  }
}

/// Rows of numbers as symmetric int8.
public struct QuantizedRows: Sendable {
  /// One signed byte for each number, within [-127, 127].
  public let bytes: [Int8]
  /// One scale for each row: its largest magnitude / 127, at least the smallest normal float.
  public let scales: [Float]
  /// What the bytes stand for: byte × scale.
  public let restored: [Float]
  /// How many bytes are -127 or 127.
  public let saturated: Int

  /// Quantizes: each number is divided by its row's scale and rounded to nearest even.
  ///
  /// - Parameters:
  ///   - values: finite numbers, row after row.
  ///   - length: numbers in a row; `values` has whole rows.
  public init(_ values: [Float], length: Int) {
    precondition(length == 0 ? values.isEmpty : values.count % length == 0, "whole rows")
    let rows = length == 0 ? 0 : values.count / length
    var scales = [Float](repeating: 0, count: rows)
    var restored: [Float] = []
    var saturated = 0
    // SAFETY: the kernel reads `values.count` numbers, writes as many bytes and restored numbers, and one scale for each row.
    bytes = unsafe [Int8](unsafeUninitializedCapacity: values.count) { out, count in
      restored = unsafe [Float](unsafeUninitializedCapacity: values.count) { restored, restoredCount in
        unsafe values.withUnsafeBufferPointer { values in
          unsafe scales.withUnsafeMutableBufferPointer { scales in
            saturated = unsafe ingot_quantize_rows(
              Compute.InstructionPath.best.code, values.baseAddress, rows, length, out.baseAddress, scales.baseAddress,
              restored.baseAddress)
          }
        }
        restoredCount = values.count
      }
      count = values.count
    }
    self.scales = scales
    self.restored = restored
    self.saturated = saturated
  }
}

/// Changes the stored type of numbers, round to nearest even, and says how the results differ.
///
/// - Parameters:
///   - bytes: a whole number of elements, at any alignment.
///   - type: `F16`, `BF16` or `F32`.
///   - target: `F16`, `BF16` or `F32`.
/// - Returns: the elements in the other type, little-endian, and the difference.
public func convert(
  _ bytes: RawSpan, of type: ElementType, to target: ElementType
) -> (bytes: [UInt8], difference: Difference) {
  let types: Set<ElementType> = [.float16, .bfloat16, .float32]
  precondition(types.contains(type) && types.contains(target), "types that float32 holds")
  let count = bytes.byteCount / type.byteCount
  var difference = ingot_difference()
  // SAFETY: the kernel reads `count` elements, writes as many, and one struct.
  let converted = unsafe [UInt8](unsafeUninitializedCapacity: count * target.byteCount) { out, initialized in
    unsafe bytes.withUnsafeBytes { bytes in
      unsafe ingot_convert(
        Compute.InstructionPath.best.code, type.weightCode, bytes.baseAddress, count, target.weightCode,
        out.baseAddress,
        &difference)
    }
    initialized = count * target.byteCount
  }
  return (converted, Difference(difference))
}

/// How many stored floating-point numbers are infinite or not a number.
///
/// - Parameters:
///   - bytes: a whole number of elements, at any alignment.
///   - type: `F16`, `BF16`, `F32` or `F64`.
/// - Returns: at most the number of elements.
public func nonfiniteCount(in bytes: RawSpan, of type: ElementType) -> Int {
  precondition(type.isComputable, "a floating-point type of at least 16 bits")
  // SAFETY: the kernel reads a whole number of elements within the span.
  return unsafe bytes.withUnsafeBytes { bytes in
    unsafe ingot_count_nonfinite(type.weightCode, bytes.baseAddress, bytes.count / type.byteCount)
  }
}

/// How one list of numbers differs from another, over the positions where both are finite.
public struct Difference: Sendable, Hashable {
  /// Largest absolute difference.
  public private(set) var largest = 0.0
  /// Sum of the squared differences.
  public private(set) var error = 0.0
  /// Sum of the squares of the original.
  public private(set) var signal = 0.0
  /// Numbers of the original that are infinite or not a number.
  public private(set) var nonfinite = 0
  /// Numbers that are so only in the copy.
  public private(set) var created = 0
  /// Finite numbers of the original that the copy does not equal.
  public private(set) var different = 0

  /// Nothing compared yet.
  public init() {}

  /// Compares `copy` with `original`.
  public init<R: Real>(from original: [R], to copy: [R]) {
    precondition(original.count == copy.count, "as many numbers on both sides")
    var difference = ingot_difference()
    // SAFETY: the kernel reads as many numbers from both lists, and writes one struct.
    unsafe original.withUnsafeBufferPointer { original in
      unsafe copy.withUnsafeBufferPointer { copy in
        unsafe ingot_compare(
          Compute.InstructionPath.best.code, R.precision.code, original.baseAddress, copy.baseAddress, original.count,
          &difference)
      }
    }
    self.init(difference)
  }

  fileprivate init(_ difference: ingot_difference) {
    largest = difference.largest
    error = difference.error
    signal = difference.signal
    nonfinite = Int(difference.nonfinite)
    created = Int(difference.created)
    different = Int(difference.different)
  }

  /// Adds what was found in a further part of the same lists.
  public mutating func add(_ other: Difference) {
    largest = max(largest, other.largest)
    error += other.error
    signal += other.signal
    nonfinite += other.nonfinite
    created += other.created
    different += other.different
  }

  /// Euclidean length of the difference over that of the original; 0 when there is no difference, 1 when the original is zero.
  public var relativeError: Double {
    if error == 0 { return 0 }
    return signal == 0 ? 1 : (error / signal).squareRoot()
  }
}
