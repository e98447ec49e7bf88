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

  /// Exactly `dataset.byteCount` bytes: numbers little-endian, all else as stored.
  func read(_ dataset: HDF5Description.Dataset, index: Int) throws(CheckpointError) -> [UInt8]
}
