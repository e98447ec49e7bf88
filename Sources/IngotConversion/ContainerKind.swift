// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotFile
import IngotHDF5
import IngotNumPy
import IngotSafetensors
import IngotTorch

/// Which reader a file is for, told by its content and never by its name: the one place where that is decided.
public enum ContainerKind: String, Sendable, Hashable, CaseIterable {
  /// An `.ingot` file.
  case ingot
  /// A safetensors file.
  case safetensors
  /// An HDF5 file, or an archive of Keras' around one.
  case hdf5
  /// An array of NumPy's, or an archive of them.
  case numpy
  /// A file of PyTorch's of any generation, a bare pickle included.
  case torch
  /// The index of a checkpoint in several files.
  case index

  /// Looks at a file; `nil` for one that no reader takes, of which `UnknownFile` may know what it is.
  ///
  /// - Parameter file: any file.
  public init?(_ file: MappedFile) {
    if IngotFile.recognises(file) {
      self = .ingot
    } else if SafetensorsFile.recognises(file) {
      // Before PyTorch's files: the length of a header, 640 for example, may begin with the two bytes that a pickle begins with.
      self = .safetensors
    } else if HDF5Checkpoint.recognises(file) {
      self = .hdf5
    } else if NumPyCheckpoint.recognises(file) {
      self = .numpy
    } else if TorchCheckpoint.recognises(file) {
      self = .torch
    } else if ShardIndex.recognises(file) {
      self = .index
    } else {
      return nil
    }
  }

  /// Whether files of this kind hold pickles by design.
  ///
  /// One of another kind may be made to be a pickle as well.
  public var holdsPickles: Bool {
    switch self {
    case .torch, .numpy: true
    case .ingot, .safetensors, .hdf5, .index: false
    }
  }
}

extension ContainerKind {
  /// The files that a path stands for, each with its kind: a folder's weights, and behind an index the shards that it names.
  ///
  /// - Parameter path: a file or folder.
  /// - Returns: one file, or an index and its shards, sorted by name.
  /// - Throws: `missing` for a folder without weights, what is wrong with the index, `FileError` for a file that cannot be read.
  public static func files(at path: String) throws -> [(file: MappedFile, kind: ContainerKind?)] {
    let file = try MappedFile(path: try ModelFolder.file(at: path).path)
    guard let kind = ContainerKind(file) else { return [(file, nil)] }
    guard kind == .index else { return [(file, kind)] }
    let folder = FilePath.folder(of: file.path)
    let shards = try Set(ShardIndex(file).files.values).sorted().map { try MappedFile(path: folder + "/" + $0) }
    return [(file, kind)] + shards.map { ($0, ContainerKind($0)) }
  }
}
