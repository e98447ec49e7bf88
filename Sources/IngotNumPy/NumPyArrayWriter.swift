// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// Writes NumPy's `.npy` files, version 1.0 of the format (`numpy/lib/format.py`).
public enum NumPyArrayWriter {
  /// Writes a float32 matrix, row-major.
  ///
  /// - Parameters:
  ///   - matrix: the numbers.
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  /// - Throws: `FileError`.
  public static func write(_ matrix: Matrix<Float>, to path: String, existing: AtomicFile.Existing) throws {
    let header = Self.header(type: "<f4", rows: matrix.rows, columns: matrix.columns)
    let file = try AtomicFile(path: path, existing: existing)
    try header.withRawSpan { try file.append($0) }
    try matrix.values.withRawSpan { try file.append($0) }
    try file.commit()
  }

  /// Writes rows of int32 numbers, row-major.
  ///
  /// - Parameters:
  ///   - rows: the numbers, `columns` in each row.
  ///   - columns: the length of a row.
  ///   - path: where the file will appear.
  ///   - existing: what to do when there is a file already.
  /// - Throws: `FileError`.
  public static func write(rows: [[Int32]], columns: Int, to path: String, existing: AtomicFile.Existing) throws {
    let file = try AtomicFile(path: path, existing: existing)
    try header(type: "<i4", rows: rows.count, columns: columns).withRawSpan { try file.append($0) }
    var pending: [Int32] = []
    for row in rows {
      precondition(row.count == columns, "rows of one length")
      pending += row
      if pending.count >= 1 << 18 {
        try pending.withRawSpan { try file.append($0) }
        pending.removeAll(keepingCapacity: true)
      }
    }
    try pending.withRawSpan { try file.append($0) }
    try file.commit()
  }

  private static func header(type: String, rows: Int, columns: Int) -> [UInt8] {
    let dictionary = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(rows), \(columns)), }"
    // Magic, version and length take ten bytes; the header ends with a newline at a multiple of 64.
    let length = (10 + dictionary.utf8.count + 1 + 63) / 64 * 64 - 10
    var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
    header += Array(dictionary.utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: length + 10 - header.count - 1) + [UInt8(ascii: "\n")]
    return header
  }
}
