// SPDX-License-Identifier: Apache-2.0

/// What a person chooses when opening a dataset.
public struct DatasetOptions: Sendable {
  /// The folder that holds the dataset, or the file of a `csv` one.
  public var path: String
  /// What results call the dataset, where that is not its name in the catalogue.
  public var name: String?
  /// Which of the published partitions or folds, from 1 on.
  public var partition = 1
  /// The seed of splits that are drawn because none are published.
  public var seed: UInt64 = 0
  /// Whether a count other than the published one is an error.
  public var isStrict = false
  /// Names of classes that replace the dataset's own.
  public var classNames: NamedClasses?
  /// Templates that replace the dataset's own.
  public var templates: [String]?
  /// The program that takes frames out of videos; by default `ffmpeg` of the `PATH`.
  public var ffmpeg: String?

  /// The program that reads HDF5; by default `ingot-hdf5` beside this process's own.
  public var hdf5Program: String?

  /// Takes all defaults.
  ///
  /// - Parameter path: the folder that holds the dataset, or the file of a `csv` one.
  public init(path: String) {
    self.path = path
  }
}
