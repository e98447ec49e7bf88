// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// What is in an HDF5 file, as `CIngotHDF5/describe.c` wrote it down, maybe in another process: nothing of it is trusted.
package struct HDF5Description: Sendable {
  /// One dataset.
  package struct Dataset: Sendable {
    /// Its path.
    package let path: String
    /// What the elements are; `nil` when they are no numbers or are refused.
    let type: ElementType?
    /// Whether they are two bytes without a meaning, which is how bfloat16 appears.
    let isTwoBytes: Bool
    let isBigEndian: Bool
    /// Its shape.
    package let shape: Shape
    /// Bytes of one element as stored.
    package let elementSize: Int
    /// Where the object lies: two paths with the same address are the same dataset.
    let address: UInt64
    /// Where the elements lie in the file, one after the other; `nil` when they do not.
    let offset: Int?
    /// Why it is not read; empty when it is.
    let reason: String
    /// Whether that is because it holds no numbers.
    let isNotNumbers: Bool

    /// Bytes of all elements; known to fit.
    package var byteCount: Int { shape.elementCount * elementSize }

    /// The extent of the slowest dimension; 0 of a single number.
    package var rowCount: Int { shape.extents.first ?? 0 }

    /// Bytes of some rows, which must lie within the slowest dimension; of all elements where `rows` is `nil`.
    package func byteCount(of rows: Range<Int>?) -> Int {
      guard let rows else { return byteCount }
      guard let extent = shape.extents.first, rows.lowerBound >= 0, rows.upperBound <= extent else {
        preconditionFailure("rows lie within the dataset")
      }
      return extent == 0 ? 0 : byteCount / extent * rows.count
    }
  }

  /// In the file's order.
  package private(set) var datasets: [Dataset] = []
  private(set) var groups: [String] = []
  /// Texts by object and name.
  private(set) var attributes: [String: [String: [String]]] = [:]
  /// Objects that are neither groups nor datasets.
  private(set) var others: [String] = []

  private static let longestText = 1 << 26
  private static let largestRank = 32

  /// Reads a description.
  ///
  /// - Parameter bytes: from the process that called libhdf5.
  /// - Throws: what it says is wrong with the file; `malformed` when the bytes are no description.
  package init(_ bytes: [UInt8]) throws(CheckpointError) {
    do {
      self = try bytes.withRawSpan { try HDF5Description(reading: $0) }
    } catch let error as CheckpointError {
      throw error
    } catch {
      throw CheckpointError(.malformed, .hdf5, "\(error)")
    }
  }

  private init(reading bytes: RawSpan) throws(CheckpointError) {
    var cursor = ByteCursor(bytes, format: .hdf5, subject: "description")
    while true {
      let tag = try cursor.read(UInt8.self, "tag")
      switch tag {
      case UInt8(ascii: "E"):
        guard cursor.isAtEnd else { throw cursor.error(.malformed, "\(cursor.remaining) bytes follow its end") }
        return
      case UInt8(ascii: "G"): groups.append(try Self.text(&cursor))
      case UInt8(ascii: "N"): others.append(try Self.text(&cursor))
      case UInt8(ascii: "D"): datasets.append(try Self.dataset(&cursor))
      case UInt8(ascii: "A"):
        let object = try Self.text(&cursor)
        let name = try Self.text(&cursor)
        let isText = try cursor.read(UInt8.self, "kind") == 1
        let count = try cursor.read(UInt32.self, "count")
        var texts: [String] = []
        for _ in 0..<count { texts.append(try Self.text(&cursor)) }
        if isText { attributes[object, default: [:]][name] = texts }
      case UInt8(ascii: "X"):
        let reason = try cursor.read(UInt8.self, "reason")
        let path = try Self.text(&cursor)
        throw CheckpointError(Self.code(reason), .hdf5, subject: path.isEmpty ? "file" : path, try Self.text(&cursor))
      default: throw cursor.error(.malformed, "found the tag \(tag), expected one of E, G, N, D, A, X")
      }
    }
  }

  private static func code(_ reason: UInt8) -> CheckpointError.Code {
    switch reason {
    case 1: .unsupported
    case 3: .dangerous
    case 4: .limit
    default: .corrupt
    }
  }

  @_lifetime(cursor: copy cursor)
  private static func text(_ cursor: inout ByteCursor) throws(CheckpointError) -> String {
    let length = Int(try cursor.read(UInt32.self, "length"))
    guard length <= longestText else { throw cursor.error(.limit, "a text has \(length) bytes") }
    let bytes = try cursor.take(length, "text")
    guard let text = bytes.utf8String() else { throw cursor.error(.malformed, "a name or text is not UTF-8") }
    return text
  }

  @_lifetime(cursor: copy cursor)
  private static func dataset(_ cursor: inout ByteCursor) throws(CheckpointError) -> Dataset {
    let path = try text(&cursor)
    let kind = try cursor.read(UInt8.self, "kind")
    let size = Int(try cursor.read(UInt32.self, "size"))
    let isBigEndian = try cursor.read(UInt8.self, "order") == 1
    let rank = Int(try cursor.read(UInt8.self, "rank"))
    guard rank <= largestRank else { throw cursor.error(.limit, "rank \(rank), allowed are \(largestRank)") }
    var extents: [Int] = []
    for _ in 0..<rank { extents.append(try cursor.readCount("extent")) }
    let address = try cursor.read(UInt64.self, "address")
    let offset = try cursor.read(UInt64.self, "offset")
    _ = try cursor.read(UInt64.self, "storage")
    let reason = try cursor.read(UInt8.self, "reason")
    let message = try text(&cursor)
    let type = reason == 0 ? element(kind, size) : nil
    guard let shape = Shape(checking: extents), shape.elementCount.multiplied(by: max(size, 16)) != nil else {
      throw CheckpointError(.overflow, .hdf5, subject: path, "shape \(extents) of elements of \(size) bytes")
    }
    return Dataset(
      path: path, type: type, isTwoBytes: reason == 0 && kind == 5, isBigEndian: isBigEndian, shape: shape,
      elementSize: size, address: address, offset: offset == .max ? nil : Int(exactly: offset),
      reason: reason != 0 ? message : type == nil && kind != 5 ? "its type is not known" : "", isNotNumbers: reason == 2
    )
  }

  private static func element(_ kind: UInt8, _ size: Int) -> ElementType? {
    switch (kind, size) {
    case (1, 1): .int8
    case (1, 2): .int16
    case (1, 4): .int32
    case (1, 8): .int64
    case (2, 1): .uint8
    case (2, 2): .uint16
    case (2, 4): .uint32
    case (2, 8): .uint64
    case (3, 2): .float16
    case (3, 4): .float32
    case (3, 8): .float64
    case (4, 1): .bool
    case (6, 8): .complex64
    case (6, 16): .complex128
    case (7, 2): .bfloat16
    default: nil
    }
  }
}
