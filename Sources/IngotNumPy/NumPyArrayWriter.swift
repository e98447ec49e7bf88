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
    let dictionary =
      "{'descr': '<f4', 'fortran_order': False, 'shape': (\(matrix.rows), \(matrix.columns)), }"
    // Magic, version and length take ten bytes; the header ends with a newline at a multiple of 64.
    let length = (10 + dictionary.utf8.count + 1 + 63) / 64 * 64 - 10
    var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
    header += Array(dictionary.utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: length + 10 - header.count - 1) + [UInt8(ascii: "\n")]
    let file = try AtomicFile(path: path, existing: existing)
    try header.withRawSpan { try file.append($0) }
    try matrix.values.withRawSpan { try file.append($0) }
    try file.commit()
  }
}
