// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotCLIP
import IngotFile
import IngotHDF5
import IngotNumPy
import IngotSafetensors
import IngotTensor
import IngotTorch

/// A file of tensors of any supported container, told by its content and never by its name.
public struct Source: Sendable {
  /// The containers.
  public enum Content: Sendable {
    /// A zip archive of PyTorch, a TorchScript archive included.
    case torch(TorchCheckpoint)
    /// An array of NumPy's, or an archive of them.
    case numpy(NumPyCheckpoint)
    /// An HDF5 file, Keras' among them.
    case hdf5(HDF5Checkpoint)
    /// Several files and their index.
    case sharded(ShardedCheckpoint)
    /// A safetensors file.
    case safetensors(SafetensorsFile)
    /// An `.ingot` file.
    case ingot(IngotFile)
  }

  /// The mapped file.
  public let file: MappedFile
  /// What it holds.
  public let content: Content
  /// Other weights in the folder, where a folder was named: the same model in other containers.
  public let otherWeights: [String]

  /// Opens a file.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - policy: what to do about pickles that name executable functions, and about checksums.
  ///   - mapped: hears of the file before anything in it is read.
  /// - Throws: `FileError` when it cannot be read, `unsupported` when it is of no known kind, and what its reader throws.
  public init(
    path: String, policy: TorchCheckpoint.Policy = TorchCheckpoint.Policy(), mapped: (MappedFile) -> Void = { _ in }
  ) throws {
    let (path, others) = try ModelFolder.file(at: path)
    file = try MappedFile(path: path)
    otherWeights = others
    mapped(file)
    switch ContainerKind(file) {
    case .ingot: content = .ingot(try IngotFile(file))
    case .safetensors: content = .safetensors(try SafetensorsFile(file))
    case .hdf5: content = .hdf5(try HDF5Checkpoint(file))
    case .numpy: content = .numpy(try NumPyCheckpoint(file))
    case .torch: content = .torch(try TorchCheckpoint(file, policy: policy))
    case .index:
      content = .sharded(
        try ShardedCheckpoint(file) { shard in
          let source = try Source(path: shard, policy: policy)
          if case .sharded = source.content {
            throw CheckpointError(.malformed, .safetensors, at: 0, "is an index itself")
          }
          return source
        })
    case nil: throw UnknownFile.error(file)
    }
  }

  /// The configuration files beside the weights.
  ///
  /// - Throws: what reading and parsing them throws.
  public func modelFiles() throws -> ModelFiles { try ModelFolder.files(beside: file.path) }

  /// The tensors.
  public var checkpoint: any Checkpoint {
    switch content {
    case .torch(let checkpoint): checkpoint
    case .numpy(let checkpoint): checkpoint
    case .hdf5(let checkpoint): checkpoint
    case .sharded(let checkpoint): checkpoint
    case .safetensors(let checkpoint): checkpoint
    case .ingot(let checkpoint): checkpoint
    }
  }

  /// The files that an index names, none for a source of one file.
  public var shards: [MappedFile] {
    if case .sharded(let checkpoint) = content { checkpoint.files } else { [] }
  }

  /// The `.ingot` file, where only one will do.
  ///
  /// - Returns: the file.
  /// - Throws: `unsupported` for any other container.
  public func requireIngot() throws(CheckpointError) -> IngotFile {
    guard case .ingot(let file) = content else {
      throw CheckpointError(
        .unsupported, .clip, "found a \(container) file, expected .ingot; `ingot convert` makes one")
    }
    return file
  }

  /// The container's name in reports.
  public var container: String {
    switch content {
    case .torch(let checkpoint): checkpoint.container.rawValue
    case .numpy(let checkpoint): checkpoint.container.rawValue
    case .hdf5(let checkpoint): checkpoint.container.rawValue
    case .sharded(let checkpoint): "sharded-" + checkpoint.container
    case .safetensors: "safetensors"
    case .ingot: "ingot"
    }
  }
}
