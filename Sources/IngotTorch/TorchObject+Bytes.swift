// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension TorchObject {
  /// The bytes that an array is made of.
  private func arrayData(_ object: PickleArena.Object) -> Reference? {
    switch arena.rebuild(object) {
    case .array: object.state.flatMap { arena.tuple($0) }.flatMap { $0.count == 5 ? $0.last : nil }
    case .arrayFromBuffer: arena.tuple(object.arguments)?.first
    default: nil
    }
  }

  /// Finds where the bytes of all arrays and nested streams lie, and decodes those that old protocols write as text.
  ///
  /// - Parameter shelf: takes what is decoded.
  /// - Throws: `malformed` when text has characters that are no bytes, `limit` when there is too much of it.
  mutating func locateBytes(_ shelf: inout StorageShelf) throws(CheckpointError) {
    for object in arena.objects {
      guard let node = pickle.nestedStream(object) ?? arrayData(object), literals[node] == nil else { continue }
      let literal = try shelf.reading(text) { bytes throws(CheckpointError) in try pickle.literal(node, in: bytes) }
      switch literal {
      case .range(let range): literals[node] = text.part(range)
      case .decoded(let bytes): literals[node] = try shelf.keep(bytes, subject: "bytes")
      case nil: break
      }
    }
  }
}
