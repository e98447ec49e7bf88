// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotQuantization
import IngotTensor

/// How far the values of two tensors of one shape are apart; read in slices, so that memory does not grow with the tensors.
struct ValueDifference {
  var differing = 0
  var count = 0
  /// Numbers that are finite in both.
  var finite = 0
  var sum = 0.0
  var maxAbsolute = 0.0
  var maxUnits = 0.0
  var worst: CheckpointDifference.Worst?

  /// Elements of one slice.
  private static let slice = 1 << 16
  /// Integers from here on are not all float64s.
  private static let largestExact = 9_007_199_254_740_992.0

  init() {}

  /// Compares all values.
  ///
  /// - Parameters:
  ///   - first: a tensor.
  ///   - left: its bytes.
  ///   - second: another of the same shape.
  ///   - right: its bytes.
  /// - Throws: `unsupported` for an encoding that cannot be decoded.
  init(_ first: TensorDescriptor, _ left: RawSpan, _ second: TensorDescriptor, _ right: RawSpan) throws {
    let total = first.shape.elementCount
    let narrow = Self.narrower(first.valueType, second.valueType)
    let areIntegers = first.valueType.isWideInteger || second.valueType.isWideInteger
    let isSameType = first.valueType == second.valueType
    var start = 0
    while start < total {
      let end = min(start + Self.slice, total)
      let ours = try Self.values(first, left, start..<end)
      let theirs = try Self.values(second, right, start..<end)
      let perElement = ours.count / (end - start)
      for index in ours.indices {
        var isEqual = ours[index] == theirs[index] || (ours[index].isNaN && theirs[index].isNaN)
        if isEqual, areIntegers, abs(ours[index]) >= Self.largestExact {
          // float64 may have rounded two different integers to one.
          isEqual = isSameType && Self.areSameBits(left, right, start + index / perElement, first.type.byteCount)
        }
        add(ours[index], theirs[index], isEqual: isEqual, at: start * perElement + index, narrow)
      }
      start = end
    }
  }

  private mutating func add(_ one: Double, _ other: Double, isEqual: Bool, at index: Int, _ narrow: ElementType) {
    count += 1
    let isFinite = one.isFinite && other.isFinite
    if isFinite { finite += 1 }
    guard !isEqual else { return }
    differing += 1
    // A number that is finite on one side only is as far away as can be.
    let distance = isFinite ? abs(one - other) : .infinity
    let units = isFinite ? distance / narrow.unitInLastPlace(at: max(abs(one), abs(other))) : .infinity
    if isFinite { sum += distance }
    maxAbsolute = max(maxAbsolute, distance)
    if units > maxUnits || worst == nil {
      maxUnits = max(maxUnits, units)
      worst = CheckpointDifference.Worst(index: index, first: one, second: other)
    }
  }

  private static func areSameBits(_ left: RawSpan, _ right: RawSpan, _ element: Int, _ size: Int) -> Bool {
    let range = element * size..<(element + 1) * size
    return left.extracting(range).elementsEqual(right.extracting(range))
  }

  private static func values(
    _ tensor: TensorDescriptor, _ bytes: RawSpan, _ range: Range<Int>
  ) throws -> [Double] {
    guard tensor.encoding == .plain else {
      // The decoder gives whole tensors; what is encoded is the size of one matrix.
      return try TensorDecoder.values(of: tensor, bytes)[range].map(Double.init)
    }
    let size = tensor.type.byteCount
    return doubles(of: bytes.extracting(range.lowerBound * size..<range.upperBound * size), tensor.type)
  }

  /// The type in whose last places distances are told: the one with fewer digits.
  private static func narrower(_ first: ElementType, _ second: ElementType) -> ElementType {
    first.digits <= second.digits ? first : second
  }
}

extension TensorDescriptor {
  /// The type of the values: what is quantized is decoded to float32.
  fileprivate var valueType: ElementType { encoding == .plain ? type : .float32 }
}

extension ElementType {
  fileprivate var isWideInteger: Bool { self == .int64 || self == .uint64 }

  /// Binary digits that a number has; integers have none behind the point, and are the coarsest.
  fileprivate var digits: Int {
    switch component {
    case .float8E8M0: 1
    case .float8E5M2, .float8E5M2FNUZ: 3
    case .float8E4M3, .float8E4M3FNUZ: 4
    case .bfloat16: 8
    case .float16: 11
    case .float32: 24
    case .float64: 53
    default: 0
    }
  }
}
