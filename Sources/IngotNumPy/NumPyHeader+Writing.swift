// SPDX-License-Identifier: Apache-2.0

extension NumPyHeader {
  /// The head of a `.npy` file, version 1.0 of the format (`numpy/lib/format.py`): what is before the numbers.
  ///
  /// - Parameters:
  ///   - type: NumPy's name of the type, for example `<f4`.
  ///   - shape: the sizes of two or more dimensions.
  /// - Returns: a multiple of 64 bytes.
  static func bytes(type: String, shape: [Int]) -> [UInt8] {
    let sizes = shape.map(String.init).joined(separator: ", ")
    let dictionary = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(sizes)), }"
    // Magic, version and length take ten bytes; the header ends with a newline at a multiple of 64.
    let length = (10 + dictionary.utf8.count + 1 + 63) / 64 * 64 - 10
    var header: [UInt8] = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xff), UInt8(length >> 8)]
    header += Array(dictionary.utf8)
    header += [UInt8](repeating: UInt8(ascii: " "), count: length + 10 - header.count - 1) + [UInt8(ascii: "\n")]
    return header
  }
}
