// SPDX-License-Identifier: Apache-2.0

import IngotArchive
import IngotBytes
import IngotTensor

/// The tar archive that PyTorch before 0.1.10 wrote: `storages`, `tensors` and `pickle`, each a row of pickles and raw numbers.
///
/// The order is that of `torch.serialization._load`'s `legacy_load`.
extension TorchOpening {
  /// Dimensions of a tensor.
  private static let largestRank = 64

  /// Reads an archive.
  ///
  /// - Parameter archive: read in place; nothing is extracted.
  /// - Returns: the object that was saved.
  /// - Throws: `CheckpointError` naming the place and both numbers of what is wrong.
  mutating func legacyTar(_ archive: TarArchive) throws(CheckpointError) -> TorchObject {
    let storages = try tarStorages(try Self.content("storages", archive))
    let tensors = try tarTensors(try Self.content("tensors", archive), storages)
    let place = StoragePlace.file(try Self.content("pickle", archive))
    var object = TorchObject(try pickle(in: place, "pickle"), in: place, of: shelf, storages: .empty)
    object.tensorsByIdentifier = tensors
    try resolve(&object, "pickle")
    return object
  }

  private static func content(_ name: String, _ archive: TarArchive) throws(CheckpointError) -> Range<Int> {
    guard let member = archive.member(named: name) else {
      throw CheckpointError(
        .unsupported, .tar, subject: name,
        "is not in this tar archive, so it is not PyTorch's (\(archive.members.prefix(3).map(\.name).joined(separator: ", "))); unpack it first"
      )
    }
    return member.content
  }

  /// `n`, then n times `(key, location, class)`, a size and the elements; then views `[(key, root, offset, size)]`.
  private mutating func tarStorages(_ content: Range<Int>) throws(CheckpointError) -> [String: StoredElements] {
    let place = StoragePlace.file(content)
    var end = 0
    let count = try tarCount(place, &end, "storages")
    var storages: [String: StoredElements] = [:]
    for _ in 0..<count {
      let entry = try pickle(in: place, at: end, "storages")
      guard let parts = entry.arena.tuple(entry.root).map(Array.init), parts.count == 3,
        let key = TorchObject.identifier(entry.arena[parts[0]]), let global = entry.arena.global(parts[2]),
        let type = TorchNames.storage(global)
      else {
        throw CheckpointError(
          .malformed, .torchPickle, at: end, subject: "storages",
          "found a \(entry.arena.kind(of: entry.root)), expected a key, a location and a storage class")
      }
      let (elements, next) = try shelf.reading(place) { bytes throws(CheckpointError) in
        var cursor = ByteCursor(bytes, format: .torchPickle, subject: "storage \(key)")
        try cursor.seek(to: entry.end, "size")
        let size = try cursor.readCount("size")
        guard let bytes = size.multiplied(by: type.byteCount) else {
          throw cursor.error(.overflow, "has \(size) elements of \(type.rawValue)")
        }
        let start = cursor.offset
        _ = try cursor.take(bytes, "elements")
        return (
          StoredElements(place: place.part(start..<start + bytes), count: size, type: type, isUntyped: false),
          cursor.offset
        )
      }
      guard storages.updateValue(elements, forKey: key) == nil else {
        throw CheckpointError(.malformed, .torchPickle, at: end, subject: "storages", "the key \(key) is there twice")
      }
      end = next
    }
    try addViews(try pickle(in: place, at: end, "storages"), to: &storages)
    return storages
  }

  private func addViews(_ views: Pickle, to storages: inout [String: StoredElements]) throws(CheckpointError) {
    let arena = views.arena
    for view in arena.sequence(views.root) ?? [] {
      guard let parts = arena.tuple(view).map(Array.init), parts.count == 4,
        let key = TorchObject.identifier(arena[parts[0]]), let root = TorchObject.identifier(arena[parts[1]]),
        let offset = arena.int(parts[2]), let count = arena.int(parts[3]), let whole = storages[root],
        let place = whole.place
      else {
        throw CheckpointError(
          .malformed, .torchPickle, subject: "storages", "a view is not the key, storage, offset and size of one")
      }
      guard offset >= 0, count >= 0, let last = offset.adding(count), last <= whole.count else {
        throw CheckpointError(
          .corrupt, .torchPickle, subject: "storages",
          "the view \(key) has \(count) elements from \(offset) on, the storage has \(whole.count)")
      }
      let size = whole.type.byteCount
      storages[key] = StoredElements(
        place: place.part(offset * size..<last * size), count: count, type: whole.type, isUntyped: false)
    }
  }

  /// `n`, then n times `(key, storage key, class)`, rank in 8 bytes, sizes, strides and offset.
  private mutating func tarTensors(
    _ content: Range<Int>, _ storages: [String: StoredElements]
  ) throws(CheckpointError) -> [String: TensorRecipe] {
    let place = StoragePlace.file(content)
    var end = 0
    let count = try tarCount(place, &end, "tensors")
    var tensors: [String: TensorRecipe] = [:]
    for _ in 0..<count {
      let entry = try pickle(in: place, at: end, "tensors")
      guard let parts = entry.arena.tuple(entry.root).map(Array.init), parts.count == 3,
        let key = TorchObject.identifier(entry.arena[parts[0]]),
        let storage = TorchObject.identifier(entry.arena[parts[1]]).flatMap({ storages[$0] })
      else {
        throw CheckpointError(
          .malformed, .torchPickle, at: end, subject: "tensors",
          "found a \(entry.arena.kind(of: entry.root)), expected the keys of a tensor and its storage, and a class")
      }
      let (recipe, next) = try shelf.reading(place) { bytes throws(CheckpointError) in
        var cursor = ByteCursor(bytes, format: .torchPickle, subject: "tensor \(key)")
        try cursor.seek(to: entry.end, "rank")
        let rank = Int(try cursor.read(Int32.self, "rank"))
        guard (0...Self.largestRank).contains(rank) else {
          throw cursor.error(.limit, "has rank \(rank), allowed are 0 to \(Self.largestRank)")
        }
        _ = try cursor.read(UInt32.self, "rank")
        var numbers: [Int] = []
        for _ in 0..<2 * rank + 1 { numbers.append(Int(try cursor.read(Int64.self, "size or stride"))) }
        guard let shape = Shape(checking: Array(numbers[..<rank])) else {
          throw cursor.error(.malformed, "the sizes \(numbers[..<rank]) are not those of a tensor")
        }
        return (
          try TensorRecipe(
            storage,
            StridedLayout(
              storage.type, offset: numbers[2 * rank], shape: shape, strides: Array(numbers[rank..<2 * rank]),
              isBigEndian: false), named: "tensor \(key)"), cursor.offset
        )
      }
      guard tensors.updateValue(recipe, forKey: key) == nil else {
        throw CheckpointError(.malformed, .torchPickle, at: end, subject: "tensors", "the key \(key) is there twice")
      }
      end = next
    }
    return tensors
  }

  private mutating func tarCount(
    _ place: StoragePlace, _ end: inout Int, _ subject: String
  ) throws(CheckpointError) -> Int {
    let number = try pickle(in: place, at: 0, subject)
    guard let count = number.arena.int(number.root), count >= 0 else {
      throw CheckpointError(
        .malformed, .torchPickle, at: 0, subject: subject,
        "begins with a \(number.arena.kind(of: number.root)), expected how many there are")
    }
    end = number.end
    return count
  }
}
