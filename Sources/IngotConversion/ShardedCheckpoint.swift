// SPDX-License-Identifier: Apache-2.0

public import IngotBytes
import IngotSafetensors
public import IngotTensor

/// A checkpoint in several files that an index names: safetensors, PyTorch or HDF5, told by their content.
public struct ShardedCheckpoint: Checkpoint {
  /// All tensors, in the order of the shards' names.
  public let tensors: [TensorDescriptor]
  /// What the shards have to say, all together.
  public let notes: CheckpointNotes
  /// The mapped shards, sorted by name.
  public let files: [MappedFile]
  /// What the shards are, for example `safetensors`.
  public let container: String
  private let checkpoints: [any Checkpoint]
  /// Which shard holds each tensor.
  private let owners: [String: Int]

  /// A model has no more files than this.
  private static let mostShards = 1 << 10

  /// Opens all shards of an index.
  ///
  /// - Parameters:
  ///   - index: the index, mapped from the folder in which the shards are.
  ///   - open: opens one shard.
  /// - Throws: `missing` for a shard or tensor that is not there, `mismatch` for tensors in two shards, in none or in another than the index
  ///   says, or for another total size, and what `open` throws.
  init(_ index: MappedFile, open: (String) throws -> Source) throws {
    let map = try ShardIndex(index)
    var files = map.files
    let names = Set(map.files.values).sorted()
    guard names.count <= Self.mostShards else {
      throw CheckpointError(
        .limit, .safetensors, at: 0, "the index names \(names.count) files, allowed are \(Self.mostShards)")
    }
    let folder = FilePath.folder(of: index.path)
    var tensors: [TensorDescriptor] = []
    var notes = CheckpointNotes()
    var checkpoints: [any Checkpoint] = []
    var mapped: [MappedFile] = []
    var owners: [String: Int] = [:]
    var containers: Set<String> = []
    for (number, name) in names.enumerated() {
      let source: Source
      do {
        source = try open(folder + "/" + name)
      } catch let error as CheckpointError {
        throw CheckpointError(
          error.code, error.format, at: error.offset, subject: error.subject, "in the shard \(name): \(error.detail)")
      } catch let error as FileError where error.code == .inputMissing {
        throw CheckpointError(
          .missing, .safetensors, subject: name, "the index names this file, which cannot be opened")
      }
      if case .hdf5 = source.content, number == 0 { files = try Self.withoutModelName(map.files) }
      for tensor in source.checkpoint.tensors {
        guard let owner = files[tensor.name] else {
          throw CheckpointError(
            .mismatch, .safetensors, subject: tensor.name, "is in the shard \(name), the index does not name it")
        }
        guard owner == name else {
          throw CheckpointError(
            .mismatch, .safetensors, subject: tensor.name, "is in the shard \(name), the index says \(owner)")
        }
        owners[tensor.name] = number
      }
      tensors += source.checkpoint.tensors
      notes.add(source.checkpoint.notes)
      checkpoints.append(source.checkpoint)
      mapped.append(source.file)
      containers.insert(source.container)
    }
    let refused = Set(notes.refused.map(\.name))
    for (tensor, name) in files.sorted(by: { $0.key < $1.key })
    where owners[tensor] == nil && !refused.contains(tensor) {
      throw CheckpointError(
        .missing, .safetensors, subject: tensor, "the index says that it is in \(name), where it is not")
    }
    let size = tensors.reduce(0) { $0 + $1.byteCount }
    // Some writers count tied tensors once, others each.
    let tied = tensors.filter { notes.aliases[$0.name] != nil }.reduce(0) { $0 + $1.byteCount }
    if let total = map.totalSize, refused.isEmpty, total != size, total != size - tied {
      throw CheckpointError(
        .mismatch, .safetensors, at: 0, "the tensors have \(size) bytes, the index says \(total)")
    }
    self.tensors = tensors
    self.notes = notes
    self.checkpoints = checkpoints
    self.files = mapped
    self.owners = owners
    container = containers.count == 1 ? containers.first ?? "" : "mixed"
  }

  /// An index of TensorFlow's names variables, which begin with the model's own name; the datasets in its shards leave that out.
  private static func withoutModelName(_ files: [String: String]) throws(CheckpointError) -> [String: String] {
    var short: [String: String] = [:]
    for (name, file) in files {
      let rest = name.split(separator: "/", maxSplits: 1).last.map(String.init) ?? name
      guard short.updateValue(file, forKey: rest) == nil else {
        throw CheckpointError(
          .malformed, .safetensors, subject: rest, "two variables have this name behind the model's")
      }
    }
    return short
  }

  /// Lends the bytes that the tensor's shard lends.
  public func withBytes<R>(of tensor: TensorDescriptor, _ body: (RawSpan) throws -> R) throws -> R {
    guard let owner = owners[tensor.name] else {
      throw CheckpointError(.missing, .safetensors, subject: tensor.name, "no such tensor in any shard")
    }
    return try checkpoints[owner].withBytes(of: tensor, body)
  }

  /// Passes it on to the tensor's shard.
  public func release(_ tensor: TensorDescriptor) {
    if let owner = owners[tensor.name] { checkpoints[owner].release(tensor) }
  }
}

extension CheckpointNotes {
  /// Takes over what another reader has to say; of the file's own words, the first count.
  fileprivate mutating func add(_ other: CheckpointNotes) {
    refused += other.refused
    skipped += other.skipped
    aliases.merge(other.aliases) { first, _ in first }
    remarks.merge(other.remarks) { first, _ in first }
    metadata.merge(other.metadata) { first, _ in first }
  }
}
