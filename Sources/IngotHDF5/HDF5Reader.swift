// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension FormatKind {
  /// Faults of an HDF5 file.
  public static let hdf5 = FormatKind(rawValue: "hdf5")
}

/// Describes an HDF5 file and reads its datasets, here or in another process.
package protocol HDF5Reader: Sendable {
  /// The description that `HDF5Description` reads.
  func describe() throws(CheckpointError) -> [UInt8]

  /// Exactly `dataset.byteCount(of: rows)` bytes: numbers little-endian, all else as stored.
  ///
  /// - Parameters:
  ///   - dataset: which.
  ///   - index: its place in the description.
  ///   - rows: some of its rows, along the slowest dimension and within it; all elements where it is `nil`.
  /// - Returns: the bytes.
  /// - Throws: `corrupt` when libhdf5 cannot read them.
  func read(
    _ dataset: HDF5Description.Dataset, index: Int, rows: Range<Int>?
  ) throws(CheckpointError) -> [UInt8]
}

extension HDF5Reader {
  /// All elements of a dataset.
  package func read(_ dataset: HDF5Description.Dataset, index: Int) throws(CheckpointError) -> [UInt8] {
    try read(dataset, index: index, rows: nil)
  }
}
