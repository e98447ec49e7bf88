// SPDX-License-Identifier: Apache-2.0
//
// Pointers to the kernels of integers in groups; the rules of Kernels.swift hold here too.

internal import CIngotKernels
import IngotBytes

/// Rows of numbers as integers with a scale for each group.
public struct QuantizedGroups: Sendable {
  /// One integer for each number, within the range of the width.
  public let integers: [Int8]
  /// The scales, group by group and row by row.
  public let scales: [Float]
  /// What the integers stand for: integer × scale.
  public let restored: [Float]
  /// How many integers are at an end of the range.
  public let saturated: Int

  /// Quantizes: each number is divided by the scale of its group and rounded to nearest even (`Formats/numerics.md`, Scales).
  ///
  /// - Parameters:
  ///   - values: finite numbers, row after row.
  ///   - length: numbers in a row; `values` has whole rows.
  ///   - width: of the integers.
  ///   - group: consecutive numbers that share a scale; `nil` for whole rows, whose scales keep all digits of float32.
  ///   - searches: whether scales are those of the least squared error, else of the largest magnitude.
  ///   - moments: weights of the squared errors, one for each place in a row, not negative; empty for all alike.
  ///   - path: instructions to compute with; the results are the same.
  public init(
    _ values: [Float], length: Int, _ width: IntegerWidth, group: GroupSize?, searches: Bool, moments: [Float] = [],
    path: Compute.InstructionPath = .best
  ) {
    precondition(length == 0 ? values.isEmpty : values.count % length == 0, "whole rows")
    precondition(moments.isEmpty || moments.count == length, "a moment for each place")
    let rows = length == 0 ? 0 : values.count / length
    let groups = group.map { $0.count(in: length) } ?? 1
    var scales = [Float](repeating: 0, count: rows * groups)
    var restored: [Float] = []
    var saturated = 0
    // SAFETY: the kernel reads `values.count` numbers and `length` moments, writes as many bytes and restored numbers as there are
    // values, and `groups` scales for each row.
    integers = unsafe [Int8](unsafeUninitializedCapacity: values.count) { out, count in
      restored = unsafe [Float](unsafeUninitializedCapacity: values.count) { restored, restoredCount in
        unsafe moments.withUnsafeBufferPointer { moments in
          var grouping = unsafe ingot_grouping(
            length: length, group: group?.rawValue ?? max(1, length), bits: Int32(width.rawValue),
            narrow_scales: group == nil ? 0 : 1, searches: searches ? 1 : 0,
            moments: moments.isEmpty ? nil : moments.baseAddress)
          unsafe values.withUnsafeBufferPointer { values in
            unsafe scales.withUnsafeMutableBufferPointer { scales in
              saturated = unsafe ingot_quantize_groups(
                path.code, &grouping, values.baseAddress, rows, out.baseAddress, scales.baseAddress,
                restored.baseAddress)
            }
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

/// Integers as one little-endian stream of bits; the last bits are zero.
///
/// - Parameters:
///   - integers: within the range of the width.
///   - width: bits of each.
/// - Returns: `width.byteCount(of: integers.count)` bytes.
public func packed(_ integers: [Int8], _ width: IntegerWidth) -> [UInt8] {
  let size = width.byteCount(of: integers.count)
  // SAFETY: the kernel reads `integers.count` integers and writes `size` bytes.
  return unsafe [UInt8](unsafeUninitializedCapacity: size) { out, count in
    unsafe integers.withUnsafeBufferPointer { integers in
      if size > 0 {
        unsafe ingot_pack_integers(Int32(width.rawValue), integers.baseAddress, integers.count, out.baseAddress)
      }
    }
    count = size
  }
}

/// Integers from a stream of bits.
///
/// - Parameters:
///   - bytes: at least `width.byteCount(of: count)` of them.
///   - width: bits of each.
///   - count: how many.
/// - Returns: `count` integers.
public func unpacked(_ bytes: RawSpan, _ width: IntegerWidth, count: Int) -> [Int8] {
  precondition(bytes.byteCount >= width.byteCount(of: count), "bytes cover the integers")
  // SAFETY: the kernel reads the bytes of `count` integers, as just checked, and writes as many.
  return unsafe [Int8](unsafeUninitializedCapacity: count) { out, initialized in
    unsafe bytes.withUnsafeBytes { bytes in
      if count > 0, let start = bytes.baseAddress {
        unsafe ingot_unpack_integers(
          Int32(width.rawValue), start.assumingMemoryBound(to: UInt8.self), count, out.baseAddress)
      }
    }
    initialized = count
  }
}

/// The values that integers in groups stand for: exact.
///
/// - Parameters:
///   - tensor: stored in groups.
///   - bytes: its bytes, at least `tensor.byteCount` of them.
///   - range: which elements, row-major; by default all.
/// - Returns: one number for each of these elements.
public func restored(_ tensor: TensorDescriptor, _ bytes: RawSpan, _ range: Range<Int>? = nil) -> [Float] {
  let count = tensor.shape.elementCount
  guard case .grouped(let width, let axis, let group) = tensor.encoding,
    let start = tensor.encoding.scaleOffset(of: tensor.shape)
  else { preconditionFailure("a tensor stored in groups") }
  let range = range ?? 0..<count
  let channels = tensor.shape[axis]
  precondition(range.lowerBound >= 0 && range.upperBound <= count, "elements of the tensor")
  precondition(bytes.byteCount >= tensor.byteCount, "all bytes of the tensor")
  guard !range.isEmpty else { return [] }
  let inner = tensor.shape.extents[(axis + 1)...].reduce(1, *)
  // SAFETY: the kernel reads integers and scales of elements of the tensor, all within the bytes, and writes `range.count` numbers.
  return unsafe [Float](unsafeUninitializedCapacity: range.count) { out, initialized in
    unsafe bytes.withUnsafeBytes { bytes in
      guard let address = unsafe bytes.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
      var groups = unsafe ingot_groups(
        bits: Int32(width.rawValue), integers: address, scales: address + start, channels: channels, inner: inner,
        scales_per_channel: group.count(in: count / channels), group: group.rawValue)
      unsafe ingot_restore_groups(&groups, range.lowerBound, range.count, out.baseAddress)
    }
    initialized = range.count
  }
}
