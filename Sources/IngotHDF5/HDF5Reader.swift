// SPDX-License-Identifier: Apache-2.0

public import IngotBytes

extension FormatKind {
  /// Faults of an HDF5 file.
  public static let hdf5 = FormatKind(rawValue: "hdf5")
}

/// Who calls libhdf5.
public enum HDF5Access: Sendable, Hashable {
  /// This process: for files that are trusted, and where no program is at hand to be run.
  case inProcess
  /// A child process of its own, with limits on memory and time: a crash of libhdf5 becomes an error message.
  ///
  /// The program at the path is run with the arguments `hdf5-worker` and the file, and calls `HDF5Worker.serve`.
  case worker(program: String)
}

/// Describes an HDF5 file and reads its datasets, here or in another process.
protocol HDF5Reader: Sendable {
  /// The description that `HDF5Description` reads.
  func describe() throws(CheckpointError) -> [UInt8]

  /// Exactly `dataset.byteCount` bytes: numbers little-endian, all else as stored.
  func read(_ dataset: HDF5Description.Dataset, index: Int) throws(CheckpointError) -> [UInt8]
}
