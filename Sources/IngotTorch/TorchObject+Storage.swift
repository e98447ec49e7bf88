// SPDX-License-Identifier: Apache-2.0

import IngotBytes
import IngotTensor

/// What stands where a storage is expected.
enum StorageLeaf {
  case elements(StoredElements)
  /// A storage that cannot be read; the reason.
  case refused(String)
}

extension TorchObject {
  /// A storage: a persistent identifier, a typed storage around one, or a stream within the pickle.
  func storage(_ reference: Reference, _ name: String) throws(CheckpointError) -> StorageLeaf {
    switch arena[reference] {
    case .persistent(let identifier): return try storage(identifier: identifier, name)
    case .object(let index):
      if let bytes = pickle.nestedStream(arena.objects[Int(index)]), let elements = nested[bytes] {
        return .elements(elements)
      }
    default: break
    }
    throw fault(
      .malformed, name,
      "its storage is a \(arena.kind(of: reference)), expected a persistent identifier of a storage")
  }

  /// `('storage', class, key, location, count)`, and in legacy streams a sixth part: `None`, or `(key, offset, count)` of a view.
  private func storage(identifier: Reference, _ name: String) throws(CheckpointError) -> StorageLeaf {
    let parts = arena.tuple(identifier).map(Array.init) ?? []
    let expected = if case .stream = storages { 6 } else { 5 }
    guard parts.count == expected, arena.text(parts[0]) == "storage" else {
      throw fault(
        .malformed, name,
        "its storage has an identifier of \(parts.count) parts beginning with \(parts.first.flatMap { arena.text($0) } ?? "?"), expected \(expected) beginning with storage"
      )
    }
    guard let global = arena.global(parts[1]) else {
      throw fault(.malformed, name, "its storage is of \(arena.kind(of: parts[1])), expected a class")
    }
    guard let type = TorchNames.storage(global) else {
      return .refused("its storage is of \(arena.kind(of: parts[1])), which is not a known type")
    }
    guard let key = arena.text(parts[2]), Self.isPlain(key) else {
      throw fault(
        .malformed, name,
        "its storage's key is \(arena.text(parts[2]).map(arena.clipped) ?? arena.kind(of: parts[2])), expected the plain name of a record"
      )
    }
    guard let count = arena.int(parts[4]) else {
      throw fault(.malformed, name, "its storage's size is a \(arena.kind(of: parts[4])), expected an integer")
    }
    let place = try storages.place(of: key, count: count, type: type, tensor: name)
    let whole = StoredElements(place: place, count: count, type: type, isUntyped: global.name == "UntypedStorage")
    guard parts.count == 6 else { return .elements(whole) }
    if case .none = arena[parts[5]] { return .elements(whole) }
    return .elements(try view(parts[5], of: whole, name))
  }

  /// The part `(key, offset, count)` of a storage, in elements.
  private func view(
    _ reference: Reference, of whole: StoredElements, _ name: String
  ) throws(CheckpointError) -> StoredElements {
    guard let parts = arena.tuple(reference).map(Array.init), parts.count == 3, let offset = arena.int(parts[1]),
      let count = arena.int(parts[2])
    else {
      throw fault(
        .malformed, name,
        "its storage's view is a \(arena.kind(of: reference)), expected a key, an offset and a size")
    }
    guard offset >= 0, count >= 0, let end = offset.adding(count), end <= whole.count else {
      throw fault(
        .corrupt, name, "its storage is a view of \(count) elements from \(offset) on, there are \(whole.count)")
    }
    let size = whole.type.byteCount
    return StoredElements(
      place: whole.place.map { $0.part(offset * size..<end * size) }, count: count, type: whole.type,
      isUntyped: whole.isUntyped)
  }

  /// Whether a storage's key names a record below `data/` and nothing else.
  static func isPlain(_ key: String) -> Bool {
    // Bytes, not characters: a combining mark would hide a slash.
    let forbidden = [UInt8(ascii: "/"), UInt8(ascii: "\\"), 0]
    return !key.isEmpty && !key.utf8.contains(where: forbidden.contains) && key != "." && key != ".."
  }
}
