// SPDX-License-Identifier: Apache-2.0

/// Classes of scalars as Python's strings know them.
enum PythonClass: UInt8 {
  /// White space, with four control characters that Unicode does not count.
  case space = 1
  /// A decimal digit of any script.
  case digit = 2

  /// Whether `scalar` is of this class.
  func contains(_ scalar: Unicode.Scalar) -> Bool { ScalarTable.pythonClasses[scalar] == rawValue }
}
