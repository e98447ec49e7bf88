// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Writes NumPy's `.npy` files, version 1.0 of the format (`numpy/lib/format.py`), float32 and row-major.
///
/// The numbers come part by part; the file appears at its path when all have come.
public final class NumPyArrayWriter {
  private let file: AtomicFile
  private let shape: [Int]
  private var left: Int

  /// Begins a file.
  ///
  /// - Parameters:
  ///   - path: where the file will appear.
  ///   - shape: sizes of two or more dimensions, not negative.
  ///   - existing: what to do when there is a file already.
  /// - Throws: `FileError`, and `overflow` when the sizes' product is no `Int`.
  public init(path: String, shape: [Int], existing: AtomicFile.Existing) throws {
    precondition(shape.count >= 2 && shape.allSatisfy { $0 >= 0 }, "an array of at least two dimensions")
    guard let count = Int.product(shape), count.multiplied(by: 4) != nil else {
      throw CheckpointError(.overflow, FormatKind(rawValue: "npy"), "an array of \(shape)")
    }
    let sizes = shape.map(String.init).joined(separator: ", ")
    let dictionary = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(sizes)), }"
    // Magic, version and length take ten bytes; the header ends with a newline at a multiple of 64.
    let length = (10 + dictionary.utf8.count + 1 + 63) / 64 * 64 - 10
    var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
    header += Array(dictionary.utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: length + 10 - header.count - 1) + [UInt8(ascii: "\n")]
    self.shape = shape
    left = count
    file = try AtomicFile(path: path, existing: existing)
    try header.withRawSpan { try file.append($0) }
  }

  /// Adds the next numbers.
  ///
  /// - Parameter values: no more than the shape has room for.
  /// - Throws: `FileError`.
  public func append(_ values: [Float]) throws {
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
}
