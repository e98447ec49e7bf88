// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Writes NumPy's `.npy` files, version 1.0 of the format (`numpy/lib/format.py`), row-major.
///
/// The numbers come part by part; the file appears at its path when all have come.
public final class NumPyArrayWriter {
  private let file: AtomicFile
  private let shape: [Int]
  private var left: Int

  /// The types that are written.
  public enum Element: String, Sendable {
    /// IEEE binary32.
    case float32 = "<f4"
    /// Signed numbers of four bytes.
    case int32 = "<i4"
  }

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: where the file will appear.
  ///   - element: the type of the numbers, which take four bytes each.
  ///   - shape: sizes of two or more dimensions, not negative.
  ///   - existing: what to do when there is a file already.
  /// - Throws: `FileError`, and `overflow` when the sizes' product is no `Int`.
  public init(path: String, element: Element = .float32, shape: [Int], existing: AtomicFile.Existing) throws {
    guard let count = Int.product(shape), count.multiplied(by: 4) != nil else {
      throw CheckpointError(.overflow, FormatKind(rawValue: "npy"), "an array of \(shape)")
    }
    let header = Self.header(element, shape: shape)
    self.shape = shape
    left = count
    file = try AtomicFile(path: path, existing: existing)
    try header.withRawSpan { try file.append($0) }
  }

  /// What a file begins with, before the numbers; a multiple of 64 bytes.
  ///
  /// - Parameters:
  ///   - element: the type of the numbers.
  ///   - shape: sizes of two or more dimensions, not negative.
  /// - Returns: the bytes.
  public static func header(_ element: Element = .float32, shape: [Int]) -> [UInt8] {
    precondition(shape.count >= 2 && shape.allSatisfy { $0 >= 0 }, "an array of at least two dimensions")
    let sizes = shape.map(String.init).joined(separator: ", ")
    let dictionary = "{'descr': '\(element.rawValue)', 'fortran_order': False, 'shape': (\(sizes)), }"
    // Magic, version and length take ten bytes; the header ends with a newline at a multiple of 64.
    let length = (10 + dictionary.utf8.count + 1 + 63) / 64 * 64 - 10
    var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
    header += Array(dictionary.utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: length + 10 - header.count - 1) + [UInt8(ascii: "\n")]
    return header
  }

  /// Adds the next numbers.
  ///
  /// - Parameter values: no more than the shape has room for.
  /// - Throws: `FileError`.
  public func append<Number: BitwiseCopyable>(_ values: [Number]) throws {
    precondition(MemoryLayout<Number>.size == 4, "numbers of four bytes")
    precondition(values.count <= left, "no more numbers than an array of \(shape) has")
    try values.withRawSpan { try file.append($0) }
    left -= values.count
  }

  /// Gives the file its name.
  ///
  /// - Throws: `FileError`.
  public func commit() throws {
    precondition(left == 0, "all numbers of an array of \(shape) were written")
    try file.commit()
  }

  /// Writes a matrix.
  ///
  /// - Parameters:
  ///   - matrix: the numbers.
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  /// - Throws: `FileError`.
  public static func write(_ matrix: Matrix<Float>, to path: String, existing: AtomicFile.Existing) throws {
    let writer = try NumPyArrayWriter(path: path, shape: [matrix.rows, matrix.columns], existing: existing)
    try writer.append(matrix.values)
    try writer.commit()
  }

  /// Writes rows of int32 numbers.
  ///
  /// - Parameters:
  ///   - rows: all of the same length.
  ///   - columns: that length.
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  /// - Throws: `FileError`.
  public static func write(
    rows: [[Int32]], columns: Int, to path: String, existing: AtomicFile.Existing
  ) throws {
    precondition(rows.allSatisfy { $0.count == columns }, "rows of one length")
    let writer = try NumPyArrayWriter(path: path, element: .int32, shape: [rows.count, columns], existing: existing)
    for row in rows { try writer.append(row) }
    try writer.commit()
  }
}
