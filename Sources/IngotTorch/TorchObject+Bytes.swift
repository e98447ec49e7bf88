// SPDX-License-Identifier: Apache-2.0

import IngotBytes

extension TorchObject {
  /// Loads a stream of PyTorch's; what it would load is read as data instead.
  static let streamLoader = PickleArena.Global(module: "torch.storage", name: "_load_from_bytes")
  private static let encoder = PickleArena.Global(module: "_codecs", name: "encode")
  private static let emptyBytes: Set<PickleArena.Global> = [
    PickleArena.Global(module: "__builtin__", name: "bytes"), PickleArena.Global(module: "builtins", name: "bytes"),
    PickleArena.Global(module: "__builtin__", name: "bytearray"),
    PickleArena.Global(module: "builtins", name: "bytearray"),
  ]

  /// The bytes that an object `torch.storage._load_from_bytes(bytes)` is made of.
  func nestedStream(_ object: PickleArena.Object) -> Reference? {
    guard arena.callable(of: object) == Self.streamLoader, let arguments = arena.tuple(object.arguments),
      arguments.count == 1
    else { return nil }
    return arguments.first
  }

  /// The bytes of all streams within the pickle, each once.
  var nestedStreams: [Reference] {
    var seen: Set<Reference> = []
    return arena.objects.compactMap(nestedStream).filter { seen.insert($0).inserted }
  }

  /// Whether every mention of the function that loads streams is a call of it with one argument, which is read as data.
  ///
  /// Handed on as a value it could be called with anything.
  var streamsAreOnlyCalled: Bool {
    guard let index = arena.globals.firstIndex(of: Self.streamLoader) else { return true }
    func isLoader(_ reference: Reference) -> Bool {
      if case .global(let global) = arena[reference] { Int(global) == index } else { false }
    }
    if isLoader(root) || arena.items.contains(where: isLoader) { return false }
    if arena.lists.contains(where: { $0.contains(where: isLoader) }) { return false }
    return arena.objects.allSatisfy { object in
      if isLoader(object.arguments) || object.state.map(isLoader) == true { return false }
      return !isLoader(object.callable) || nestedStream(object) != nil
    }
  }

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
      guard let node = nestedStream(object) ?? arrayData(object), literals[node] == nil else { continue }
      if let place = try literal(node, &shelf) { literals[node] = place }
    }
  }

  /// Where a bytes object lies; `nil` when the node is no such object.
  private func literal(_ node: Reference, _ shelf: inout StorageShelf) throws(CheckpointError) -> StoragePlace? {
    switch arena[node] {
    case .blob(let index): return try place(arena.blobs[Int(index)], &shelf)
    case .text(let text): return try shelf.keep(Array(text.utf8), subject: "bytes")
    case .object(let index):
      let object = arena.objects[Int(index)]
      guard let callable = arena.callable(of: object), let arguments = arena.tuple(object.arguments) else { return nil }
      if Self.emptyBytes.contains(callable), arguments.isEmpty { return try shelf.keep([], subject: "bytes") }
      if Self.emptyBytes.contains(callable), let only = arguments.first {
        // bytearray(bytes), as protocols before 5 write it.
        guard case .blob(let blob) = arena[only] else { return nil }
        return try place(arena.blobs[Int(blob)], &shelf)
      }
      // Protocols before 3 have no bytes: they write text, and the call that turns it back.
      guard callable == Self.encoder, arguments.count == 2, let source = arguments.first, let codec = arguments.last,
        ["latin1", "latin-1"].contains(arena.text(codec) ?? "")
      else { return nil }
      if case .text(let text) = arena[source] {
        guard let bytes = PickleBlob.latin1(text.unicodeScalars) else { throw Self.noBytes() }
        return try shelf.keep(bytes, subject: "bytes")
      }
      guard let blob = arena.blob(source), blob.form.isText else { return nil }
      return try place(blob, &shelf)
    default: return nil
    }
  }

  private func place(_ blob: PickleBlob, _ shelf: inout StorageShelf) throws(CheckpointError) -> StoragePlace {
    if blob.form == .bytes { return text.part(blob.range) }
    guard blob.range.count <= StorageShelf.mostOwnedBytes else {
      throw CheckpointError(
        .limit, .torchPickle, at: blob.range.lowerBound, subject: "bytes",
        "\(blob.range.count) bytes of text stand for bytes, allowed are \(StorageShelf.mostOwnedBytes)")
    }
    let decoded = try shelf.reading(text) { bytes throws(CheckpointError) in blob.bytes(in: bytes) }
    guard let decoded else { throw Self.noBytes(at: blob.range.lowerBound) }
    return try shelf.keep(decoded, subject: "bytes")
  }

  private static func noBytes(at offset: Int? = nil) -> CheckpointError {
    CheckpointError(
      .malformed, .torchPickle, at: offset, subject: "bytes",
      "text that stands for bytes has other characters than the first 256")
  }
}
