// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// The extents of a tensor, slowest first; empty for a scalar.
///
/// Extents are never negative and their product fits `Int`.
public struct Shape: Sendable, Hashable, CustomStringConvertible {
  /// The extents, slowest first.
  public let extents: [Int]
  /// How many elements there are: 1 for a scalar.
  public let elementCount: Int

  /// Checks extents that come from a file.
  ///
  /// - Returns: `nil` when one is negative or their product overflows.
  public init?(checking extents: [Int]) {
    guard let count = Int.product(extents) else { return nil }
    self.extents = extents
    elementCount = count
  }

  /// Makes a shape from extents known to be valid.
  public init(_ extents: Int...) {
    guard let count = Int.product(extents) else { preconditionFailure("extents are valid") }
    self.extents = extents
    elementCount = count
  }

  /// The number of dimensions.
  public var rank: Int { extents.count }

  /// The extent of one dimension.
  public subscript(_ axis: Int) -> Int { extents[axis] }

  /// Strides of a contiguous, row-major tensor of this shape, in elements.
  public var contiguousStrides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      // Cannot overflow unless an extent is zero, and then the value is never used.
      strides[axis] = strides[axis + 1] &* extents[axis + 1]
    }
    return strides
  }

  /// For example `[512, 77]`.
  public var description: String { "[" + extents.map(String.init).joined(separator: ", ") + "]" }
}
