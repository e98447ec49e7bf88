// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// A view of one tensor record, `Formats/ingot.md`, section 4.
///
/// It checks nothing itself.
struct Record: ~Escapable {
  private let bytes: RawSpan

  /// - Parameter bytes: exactly one record.
  @_lifetime(copy bytes)
  init(_ bytes: RawSpan) {
    precondition(bytes.byteCount == Layout.recordSize, "one whole record")
    self.bytes = bytes
  }

  var nameOffset: UInt64 { bytes.littleEndian(UInt64.self, at: Layout.RecordField.nameOffset) }
  var nameLength: Int { Int(bytes.littleEndian(UInt32.self, at: Layout.RecordField.nameLength)) }
  var typeCode: UInt32 { bytes.littleEndian(UInt32.self, at: Layout.RecordField.type) }
  var rank: UInt32 { bytes.littleEndian(UInt32.self, at: Layout.RecordField.rank) }
  var encodingCode: UInt32 { bytes.littleEndian(UInt32.self, at: Layout.RecordField.encoding) }
  var axis: UInt32 { bytes.littleEndian(UInt32.self, at: Layout.RecordField.axis) }
  var groupSize: UInt32 { bytes.littleEndian(UInt32.self, at: Layout.RecordField.groupSize) }
  var payloadOffset: UInt64 { bytes.littleEndian(UInt64.self, at: Layout.RecordField.payloadOffset) }
  var payloadLength: UInt64 { bytes.littleEndian(UInt64.self, at: Layout.RecordField.payloadLength) }
  var scaleOffset: UInt64 { bytes.littleEndian(UInt64.self, at: Layout.RecordField.scaleOffset) }
  var reserved: UInt64 { bytes.littleEndian(UInt64.self, at: Layout.RecordField.reserved) }
  var digest: SHA256Digest { bytes.digest(at: Layout.RecordField.digest) }

  /// The extents that count, which must fit `Int`; nothing is allocated.
  var extents: Extents {
    var values = SIMD8<Int>()
    for axis in 0..<Layout.maximumRank { values[axis] = Int(extent(axis)) }
    return Extents(values: values, rank: Int(rank))
  }

  /// The extent of dimension `axis`, 0 to 7.
  func extent(_ axis: Int) -> UInt64 {
    bytes.littleEndian(UInt64.self, at: Layout.RecordField.extents + axis * 8)
  }
}

/// Up to eight extents, slowest first.
struct Extents: Sequence, IteratorProtocol {
  let values: SIMD8<Int>
  let rank: Int
  private var position = 0

  /// Takes the first `rank` of `values`.
  init(values: SIMD8<Int>, rank: Int) {
    precondition(rank <= Layout.maximumRank, "at most eight extents")
    self.values = values
    self.rank = rank
  }

  /// The extent of one dimension, `nil` when there is no such dimension.
  subscript(_ axis: Int) -> Int? {
    axis >= 0 && axis < rank ? values[axis] : nil
  }

  mutating func next() -> Int? {
    defer { position += 1 }
    return self[position]
  }
}
