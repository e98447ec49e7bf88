// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes
import IngotTensor

/// Elements that tensors are cut out of.
struct StoredElements: Sendable, Hashable {
  /// Where they lie; `nil` when there are none and PyTorch wrote nothing.
  let place: StoragePlace?
  let count: Int
  let type: ElementType
  /// Whether the storage only counts bytes, and the tensor says its own type.
  let isUntyped: Bool

  /// Fits, as `check` made sure.
  var byteCount: Int { count * type.byteCount }
}

/// What the keys in persistent identifiers stand for.
enum StorageTable: Sendable {
  /// Records below `data/` of an archive, inside a folder.
  case archive(ZipArchive, folder: String)
  /// Ranges of a stream, with the storages' sizes already compared.
  case stream([String: StoragePlace])
  /// Nothing: a pickle that stands alone has no storages beside it.
  case empty

  /// Finds a storage.
  ///
  /// - Parameters:
  ///   - key: the plain name.
  ///   - count: elements it must have.
  ///   - type: their type.
  ///   - name: the tensor, for messages.
  /// - Returns: its place; `nil` when it has no elements and was not written.
  /// - Throws: `missing` when it is not there, `corrupt` when it has another size, `overflow`.
  func place(
    of key: String, count: Int, type: ElementType, tensor name: String
  ) throws(CheckpointError) -> StoragePlace? {
    guard count >= 0, let needed = count.multiplied(by: type.byteCount) else {
      throw CheckpointError(.overflow, .torchPickle, subject: name, "a storage of \(count) elements")
    }
    switch self {
    case .archive(let archive, let folder):
      let record = "data/" + key
      guard let entry = archive.entry(named: folder + record) else {
        // PyTorch writes no record for an empty storage.
        if count == 0 { return nil }
        throw CheckpointError(
          .missing, .torchPickle, subject: name, "its storage \(record) of \(needed) bytes is not in the archive")
      }
      guard entry.size == needed else {
        throw CheckpointError(
          .corrupt, .torchPickle, at: entry.payload.lowerBound, subject: name,
          "its storage \(record) has \(entry.size) bytes, \(count) elements of \(type.rawValue) need \(needed)")
      }
      return .member(entry.index)
    case .stream(let places):
      guard let place = places[key] else {
        throw CheckpointError(
          .missing, .torchPickle, subject: name, "its storage \(key) of \(needed) bytes is not in the stream")
      }
      return place
    case .empty:
      throw CheckpointError(
        .missing, .torchPickle, subject: name, "its storage \(key) of \(needed) bytes is in another file")
    }
  }
}
