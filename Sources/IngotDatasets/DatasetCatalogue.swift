// SPDX-License-Identifier: Apache-2.0

import IngotBytes

/// All datasets that can be read.
public enum DatasetCatalogue {
  /// One dataset: what it is, and how it is opened.
  struct Entry: Sendable {
    let description: DatasetDescription
    let open: @Sendable (DatasetOptions) throws -> Dataset
  }

  /// All of them: the paper's 27 in its order, then the others.
  public static var all: [DatasetDescription] { entries.map(\.description) }

  /// What is known of a dataset.
  ///
  /// - Parameter name: its name on the command line.
  /// - Returns: `nil` when there is none of this name.
  public static func description(of name: String) -> DatasetDescription? {
    entries.first { $0.description.name == name }?.description
  }

  /// Opens a dataset.
  ///
  /// - Parameters:
  ///   - name: its name on the command line.
  ///   - options: where it is, and what the person chose.
  /// - Returns: the dataset; its pictures have not been read.
  /// - Throws: `unsupported` for a name that is not in the catalogue; `FileError.inputMissing` with all files that are missing; what is wrong
  ///   with a file, by its name.
  public static func open(_ name: String, _ options: DatasetOptions) throws -> Dataset {
    guard let entry = entries.first(where: { $0.description.name == name }) else {
      let known = entries.map(\.description.name).joined(separator: ", ")
      throw CheckpointError(.unsupported, .dataset, subject: name, "there is no such dataset; there are \(known)")
    }
    let partitions = entry.description.partitions
    guard (1...partitions).contains(options.partition) else {
      throw CheckpointError(
        .missing, .dataset, subject: name, "partition \(options.partition) is wanted, there are 1 to \(partitions)")
    }
    return try entry.open(options)
  }
}
